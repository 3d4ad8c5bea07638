"""The one type that every room of the emulator shares."""

from __future__ import annotations

from typing import Any

#: a JSON object
Json = dict[str, Any]
