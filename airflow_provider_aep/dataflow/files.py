"""Specs from files, folders, globs and dicts, as one sandbox sees them.

YAML and JSON are read; a file may hold several documents. A Python program hands in dicts, which are read in the same
way; no Python file is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, Generic, TypeVar

from airflow_provider_aep.connectors import get_connector
from airflow_provider_aep.dataflow.documents import Document
from airflow_provider_aep.dataflow.finding import Finding, errors
from airflow_provider_aep.dataflow.origin import Layer, Origin
from airflow_provider_aep.dataflow.overlay import for_sandbox, merge_patch, unlisted
from airflow_provider_aep.dataflow.shape import Shape, shape_of_model
from airflow_provider_aep.dataflow.sources import documents_of
from airflow_provider_aep.dataflow.spec import API_VERSION, DataflowSpec, SharedBaseConnectionSpec
from airflow_provider_aep.dataflow.validate import validate
from airflow_provider_aep.exceptions import AepConfigError
from airflow_provider_aep.validation import nearest

S = TypeVar("S", DataflowSpec, SharedBaseConnectionSpec)

Only = str | Iterable[str] | None
"""Globs for the names of dataflows: one, several, or None for all."""

_ROOT: Final = shape_of_model(DataflowSpec, SharedBaseConnectionSpec)
DOCUMENT: Final = Shape(keys={**_ROOT.keys, "sandboxes": Shape(any_key=_ROOT)})
"""Where a document holds text: that of a dataflow and of an account, and of their overlays."""

KINDS: Final = ("Dataflow", "BaseConnection")


@dataclass(frozen=True)
class Specs:
    """What files say for one sandbox. A dataflow that names a shared account has the account's definition merged in."""

    dataflows: tuple[DataflowSpec, ...]
    accounts: tuple[SharedBaseConnectionSpec, ...]


@dataclass(frozen=True)
class LoadedSpec(Generic[S]):
    """One spec with the overlay of a sandbox merged in, and the places of its values in the files.

    :param sandbox: None for a document that lists no sandboxes and is the same in each.
    """

    spec: S
    origin: Origin
    sandbox: str | None


@dataclass
class LoadResult:
    """What was loaded for one sandbox, and everything that is wrong with its form."""

    dataflows: list[LoadedSpec[DataflowSpec]] = field(default_factory=list)
    accounts: list[LoadedSpec[SharedBaseConnectionSpec]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def specs(self) -> Specs:
        """The specs alone."""
        return Specs(tuple(read.spec for read in self.dataflows), tuple(read.spec for read in self.accounts))


def load(paths: Any, *, sandbox: str | None = None, only: Only = None) -> Specs:
    """Read what files say for a sandbox; `airflow_provider_aep.dataflow.lint.load_checked` also checks the rules.

    :param paths: a path, glob or dict, or several of them. A path may be an ``ObjectStoragePath``. A folder stands for
        all files in and below it that end with .yaml, .yml or .json and do not begin with a dot.
    :param sandbox: whose overlay is merged in; a document that lists sandboxes needs one of them.
    :param only: a glob, or several; dataflows whose names match none are left out, and so are accounts that none of the
        others names.
    :raises AepConfigError: every file that cannot be read, every unknown key and every wrong type at once.
    """
    documents, findings = documents_of(paths, DOCUMENT)
    check_only(documents, only)
    reading = read_for_sandbox(documents, sandbox, only)
    raise_errors([*findings, *reading.findings])
    return reading.specs()


def raise_errors(findings: Iterable[Finding]) -> None:
    """Raise :class:`AepConfigError` that names all findings, one a line, if there is one that is no warning."""
    found = sorted(set(errors(findings)))
    if found:
        lines = "\n  ".join(str(finding) for finding in found)
        count = "1 error" if len(found) == 1 else f"{len(found)} errors"
        raise AepConfigError(f"The specs have {count}, so nothing is done:\n  {lines}")


def sandboxes_of(documents: Iterable[Document]) -> list[str | None]:
    """The sandboxes that any of the documents lists; None alone if none does."""
    listed = [document.data.get("sandboxes") for document in documents if isinstance(document.data, Mapping)]
    names = dict.fromkeys(name for one in listed if isinstance(one, Mapping) for name in one)
    return [*names] or [None]


def read_for_sandbox(
    documents: Iterable[Document], sandbox: str | None, only: Only = None, *, skip_unlisted: bool = False
) -> LoadResult:
    """What all documents together say for a sandbox. A document that says nothing for it is an error.

    :param skip_unlisted: leave such a document out instead.
    """
    only = patterns_of(only)
    reading = LoadResult()
    dataflows: list[tuple[dict[str, Any], Origin, str | None]] = []
    for document in documents:
        kind = _kind(document, reading.findings)
        if kind == "Dataflow" and not _is_chosen(document.data.get("name"), only):
            continue
        if kind is None or (skip_unlisted and not _is_listed(document, sandbox)):
            continue
        merged = _merged(document, sandbox, reading.findings)
        if merged is None:
            continue
        if kind == "Dataflow":
            dataflows.append(merged)
        else:
            _add(reading.accounts, SharedBaseConnectionSpec, merged, reading.findings)
    for data, origin, of in dataflows:
        if _is_chosen(data.get("name"), only):
            shared = _with_account(data, origin, reading.accounts)
            _add(reading.dataflows, DataflowSpec, (*shared, of), reading.findings)
    if only is not None:
        used = {account.name for read in reading.dataflows if (account := read.spec.base_connection)}
        reading.accounts = [read for read in reading.accounts if read.spec.name in used]
    return reading


def patterns_of(only: Only) -> tuple[str, ...] | None:
    """Several globs, or None for all names."""
    return (only,) if isinstance(only, str) else None if only is None else tuple(only)


def check_only(documents: Iterable[Document], only: Only) -> None:
    """Refuse globs that no dataflow has a name for.

    :raises AepConfigError: nothing is chosen.
    """
    names = [str(document.data.get("name")) for document in documents if isinstance(document.data, Mapping)]
    patterns = patterns_of(only)
    if patterns is not None and not any(_is_chosen(name, patterns) for name in names):
        said = " or ".join(map(repr, patterns))
        raise AepConfigError(f"No dataflow has a name like {said}{nearest(patterns[0], names) if patterns else ''}.")


def _is_chosen(name: Any, only: Iterable[str] | None) -> bool:
    return only is None or not isinstance(name, str) or any(fnmatchcase(name, pattern) for pattern in only)


def _is_listed(document: Document, sandbox: str | None) -> bool:
    sandboxes = document.data.get("sandboxes")
    return not isinstance(sandboxes, Mapping) or not sandboxes or sandbox in sandboxes


def _kind(document: Document, findings: list[Finding]) -> str | None:
    """The kind of a document; None, and a finding, if it is no known one."""
    origin = Origin((Layer(document),))
    data = document.data
    if not isinstance(data, Mapping):
        findings.append(origin.finding("D004", (), "is no object with keys such as apiVersion, kind and name"))
        return None
    version, kind = data.get("apiVersion", API_VERSION), data.get("kind", "Dataflow")
    if version != API_VERSION:
        findings.append(origin.finding("D003", ("apiVersion",), f"is {version!r}; it is {API_VERSION!r}"))
    if kind in KINDS:
        return str(kind)
    hint = nearest(str(kind), KINDS)
    findings.append(origin.finding("D003", ("kind",), f"is {kind!r}; it is Dataflow or BaseConnection{hint}"))
    return None


def _merged(
    document: Document, sandbox: str | None, findings: list[Finding]
) -> tuple[dict[str, Any], Origin, str | None] | None:
    """What a document says for the sandbox, the origin of its values, and the sandbox; None, and a finding, if the
    document says nothing for it.
    """
    data, base = document.data, Layer(document)
    sandboxes = data.get("sandboxes")
    if sandboxes is None:
        return for_sandbox(data, None), Origin((base,)), None
    alone = Origin((base,))
    if not isinstance(sandboxes, Mapping):
        findings.append(alone.finding("D004", ("sandboxes",), "is no object: it has a key for each sandbox"))
        return None
    problem = unlisted(sandboxes, sandbox)
    if problem:
        findings.append(alone.finding("D013", ("sandboxes",), problem, key=True))
        return None
    at = ("sandboxes", str(sandbox))
    overlay = sandboxes[sandbox]
    if overlay is not None and not isinstance(overlay, Mapping):
        findings.append(alone.finding("D004", at, "is no object"))
        return None
    own = Origin((Layer(document, at, is_overlay=True), base))
    for key in ("apiVersion", "kind", "sandboxes"):
        if key in (overlay or {}):
            said = "is the same in every sandbox, so no overlay says it"
            findings.append(own.finding("D013", (key,), said, key=True))
            return None
    return for_sandbox(data, sandbox), own, sandbox


def _add(
    loaded: list[LoadedSpec[S]],
    model: type[S],
    merged: tuple[dict[str, Any], Origin, str | None],
    findings: list[Finding],
) -> None:
    data, origin, sandbox = merged
    spec, found = validate(model, data, origin)
    findings += found
    if spec:
        loaded.append(LoadedSpec(spec, origin, sandbox))


def _with_account(
    data: dict[str, Any], origin: Origin, accounts: list[LoadedSpec[SharedBaseConnectionSpec]]
) -> tuple[dict[str, Any], Origin]:
    """A dataflow with the definition of the shared account that it names, if there is one of its connector."""
    own = data.get("base_connection")
    own = {"name": own} if isinstance(own, str) else own
    if not isinstance(own, Mapping) or own.get("auth_spec_name") is not None:
        return data, origin
    for read in accounts:
        account = read.spec
        name = account.name == own.get("name") if own.get("name") else account.id and account.id == own.get("id")
        if name and same_connector(account.connector, data.get("connector")):
            shared = account.model_dump(exclude_none=True, exclude={"api_version", "kind", "connector"})
            said = {key: value for key, value in own.items() if value is not None}
            merged = {**data, "base_connection": merge_patch(shared, said)}
            return merged, origin.under(read.origin, ("base_connection",))
    return data, origin


def same_connector(one: Any, other: Any) -> bool:
    """Whether two names of connectors, of which some are aliases, mean the same one."""
    try:
        return get_connector(one).connection_spec_id == get_connector(other).connection_spec_id
    except AepConfigError:
        return False
