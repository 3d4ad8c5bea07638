"""Who responded: the platform itself, or something on the way to it.

Proxies, firewalls and gateways answer in the platform's place with pages, redirects and JSON of their own. What they
say passes, so nobody believes it; an error that has one of the shapes that Adobe publishes is the platform's own.

https://experienceleague.adobe.com/en/docs/experience-platform/landing/troubleshooting
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The fields by which an error's body is one of Adobe's: of the gateway, Flow Service, its etags, the other services.
_SHAPES = ({"error_code"}, {"errorMessage"}, {"errorCode"}, {"type", "title"}, {"title", "report"})
# IMS says what OAuth says, and nothing else; frameworks like to say `error` among other things.
_OF_IMS = {"error", "error_description", "error_uri", "jump"}
_PROXY_AUTHENTICATION_REQUIRED = 407


def is_platform_error(status: int, body: Mapping[str, Any]) -> bool:
    """Whether a response is an error of the platform, or of IMS, in its own words.

    :param body: the parsed body; empty if it is no JSON object.
    """
    if not 400 <= status < 600 or status == _PROXY_AUTHENTICATION_REQUIRED:
        return False
    fields = body.keys()
    return any(shape <= fields for shape in _SHAPES) or ("error" in fields and fields <= _OF_IMS)


def is_page(headers: Mapping[str, str], text: str) -> bool:
    """Whether a response is a page of HTML, which neither the platform nor IMS ever sends.

    :param headers: with case-insensitive keys.
    """
    return headers.get("content-type", "").lower().startswith("text/html") or text.lstrip()[:1] == "<"
