"""What IMS says of a bearer token, and what stands in the token itself."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from typing import Any

# No token lives for ten days, so a larger number is milliseconds, as the older JWT samples show them.
_MAX_SECONDS = 864_000
_A_DAY = 86_399.0


def token_in(body: Any) -> tuple[str, float]:
    """The token in a response of IMS, and the seconds for which it holds.

    :raises LookupError: there is none.
    :raises TypeError: it is none that can be sent.
    """
    token = body["access_token"]
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        raise TypeError("access_token is not one word of ASCII letters")
    return token, _lifetime(body.get("expires_in"))


def _lifetime(expires_in: Any) -> float:
    """Seconds for which a token holds; a day where the number is none that can be meant."""
    try:
        seconds = float(expires_in or _A_DAY)
    except OverflowError:
        return _A_DAY
    seconds = seconds / 1000 if seconds > _MAX_SECONDS else seconds
    return seconds if 0 < seconds <= _MAX_SECONDS and math.isfinite(seconds) else _A_DAY


def client_id_of(token: str) -> str | None:
    """The client id within a bearer token, which the platform wants as API key beside it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return None
    return str(claims["client_id"]) if isinstance(claims, Mapping) and claims.get("client_id") else None
