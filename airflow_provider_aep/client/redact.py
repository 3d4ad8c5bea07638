"""Secrets are taken out of a text however the platform spells them when it quotes the request.

Before the text is cut or cleaned: a piece of a secret is not known as one by any masker.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from airflow_provider_aep.api.call import Call

# A shorter text stands in many words, and tells nobody anything.
_SHORTEST = 4
# Letters of a text that are looked at, and how many of them may be the beginning of a secret that goes on beyond.
_MOST_LETTERS = 30_000
_MARGIN = 10_000
_REDACTED = "***"
_SHORT_ESCAPES = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot|#34|#x22", "'": "apos|#39|#x27"}
_SECRET_FIELD = re.compile(r"(?i)passw|pwd|secret|token|credential|connectionstr|(access|api|private|account)_?key")
_PLAIN_HEADERS = {"accept", "content-type", "if-match", "if-none-match", "user-agent"}

Redact = Callable[[str], str]


def redactor(secrets: Iterable[str]) -> Redact:
    """A function that takes these secrets out of a text: whole, and in their spellings in JSON, URLs, HTML and Python.

    :param secrets: those of fewer than four letters are left in.
    """
    # A secret may be part of another one.
    patterns = [_pattern(one) for one in sorted({*secrets}, key=len, reverse=True) if len(one) >= _SHORTEST]

    def redact(text: str) -> str:
        whole = len(text) <= _MOST_LETTERS
        text = text[:_MOST_LETTERS]
        for pattern in patterns:
            text = pattern.sub(_REDACTED, text)
        return text if whole else text[:-_MARGIN]

    return redact


@lru_cache(maxsize=512)
def _pattern(secret: str) -> re.Pattern[str]:
    return re.compile("".join(map(_letter, secret)))


@lru_cache(maxsize=1024)
def _letter(letter: str) -> str:
    """A pattern for one letter in all its spellings."""
    spelled = r"\\+" if letter == "\\" else rf"\\*{re.escape(letter)}" if letter in "\"'/" else re.escape(letter)
    url = "".join(f"%(?:25)*{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass"))
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    json = "".join(rf"\\+u{units[at : at + 4]}" for at in range(0, len(units), 4))
    spellings = [f"(?i:{url})", f"(?i:{json})"]
    if ord(letter) < 256:
        spellings.append(rf"\\+x(?i:{ord(letter):02x})")
    if ord(letter) > 0xFFFF:
        spellings.append(rf"\\+U(?i:{ord(letter):08x})")
    if letter in _SHORT_ESCAPES:
        spellings.append(rf"\\+{_SHORT_ESCAPES[letter]}")
    if letter in _ENTITIES:
        spellings.append(f"&(?:amp;)*(?:{_ENTITIES[letter]});")
    if letter == " ":
        spellings.append(r"\+")
    # The letter itself comes last, for other spellings begin with it.
    return f"(?:{'|'.join([*spellings, spelled])})"


def secrets_in_call(call: Call[Any]) -> list[str]:
    """What a request says that nobody else may read: the parameters of an account, and what is named as a secret."""
    headers = [value for name, value in call.headers.items() if name.lower() not in _PLAIN_HEADERS]
    return [*headers, *_secrets_in(call.body, secret=False)]


def _secrets_in(value: Any, *, secret: bool) -> Iterator[str]:
    if isinstance(value, str):
        if secret:
            yield value
    elif isinstance(value, Mapping):
        # The operation of a JSON Patch names the place of its value.
        patched = str(value.get("path", "")) if "op" in value else ""
        for name, part in value.items():
            place = patched if patched and name == "value" else str(name)
            named = "auth" in place.split("/") or name == "auth" or _SECRET_FIELD.search(place)
            yield from _secrets_in(part, secret=secret or bool(named))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _secrets_in(part, secret=secret)


def secrets_in_proxies(proxies: Any) -> list[str]:
    """The passwords in the URLs of proxies: as they are written, and as they are meant.

    :param proxies: scheme -> URL; anything else holds none.
    """
    found: dict[str, None] = {}
    for url in proxies.values() if isinstance(proxies, Mapping) else ():
        try:
            password = urlsplit(str(url)).password
        except ValueError:
            continue
        if password:
            found |= dict.fromkeys([password, unquote(password)])
    return list(found)


def basic_credentials(proxies: Mapping[str, str]) -> list[str]:
    """What is sent to proxies in the header `Proxy-Authorization`, without the word before it."""
    found = []
    for url in proxies.values():
        parts = urlsplit(url)
        if parts.password:
            pair = f"{unquote(parts.username or '')}:{unquote(parts.password)}"
            found.append(b64encode(pair.encode()).decode())
    return found
