"""What is known of one source, and what its auth specs want."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SourceCategory = Literal["table", "file", "streaming", "unknown"]


@dataclass(frozen=True)
class Connector:
    """One source.

    ``category`` says which source params the platform wants: ``table`` (``tableName`` and ``columns``), ``file``
    (``path``), ``streaming`` (no schedule, and no flow runs to wait for). ``unknown`` means that no such
    shape is published: the params are the source's own and pass through unchecked.

    ``flow_spec`` is the name of the flow spec that fits, or None where Adobe names none: then look for the
    flow spec whose ``sourceConnectionSpecIds`` lists ``connection_spec_id``. ``auth_specs`` are the values
    of ``auth.specName`` found in Adobe's samples; it is not complete, and empty means none was read.

    ``needs_account`` is False for a source whose source connections have no base connection. ``page`` is the
    address of Adobe's page about its API, or None.
    """

    name: str
    title: str
    connection_spec_id: str
    category: SourceCategory
    flow_spec: str | None
    auth_specs: tuple[str, ...] = ()
    needs_account: bool = True
    page: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class AuthParams:
    """The auth parameters of one auth spec, as Adobe's samples spell them; the list need not be complete.

    ``required`` are the keys of the newest sample that was read, without those that its page calls optional and
    those of which it wants one or the other. Nothing refuses an account for a key that is missing or not listed.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
