"""Where documents come from: files, folders, globs, and dicts that were handed in."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from airflow_provider_aep.dataflow.documents import Document, read_documents
from airflow_provider_aep.dataflow.finding import Finding
from airflow_provider_aep.dataflow.shape import Shape
from airflow_provider_aep.exceptions import AepConfigError

SUFFIXES = (".yaml", ".yml", ".json")
# A file that says nothing asks for nothing: what it once declared stays on the platform.
_NOTHING = (
    "declares nothing: describe a dataflow in it, or delete the file. Neither deletes a dataflow; state: absent does."
)


def documents_of(paths: Any, shape: Shape) -> tuple[list[Document], list[Finding]]:
    """Every document of all sources, and what is wrong with those that cannot be read.

    :raises AepConfigError: a path leads nowhere, or to a file of another type.
    """
    documents: list[Document] = []
    findings: list[Finding] = []
    for file, found in _contents(paths):
        if isinstance(found, Mapping):
            documents.append(Document(file, dict(found)))
            continue
        try:
            text = found.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            findings.append(Finding(file, 1, 1, "D001", f"cannot be read: {error}."))
            continue
        read, problems = read_documents(file, text, shape)
        items = [*chain.from_iterable(document.items() for document in read)]
        documents += items
        findings += problems if items or problems else [Finding(file, 1, 1, "D004", _NOTHING)]
    return documents, findings


def _contents(paths: Any) -> Iterator[tuple[str, Any]]:
    """Name and content of each source: a dict, or a file that can be read; each file once."""
    single = isinstance(paths, str | Mapping) or hasattr(paths, "read_text") or not isinstance(paths, Iterable)
    seen: set[str] = set()
    dicts = 0
    for one in [paths] if single else paths:
        if isinstance(one, Mapping):
            dicts += 1
            yield f"dict {dicts}", one
            continue
        for file in _files(one):
            if str(file) not in seen:
                seen.add(str(file))
                yield str(file), file


def _files(given: Any) -> Iterable[Any]:
    """The files that a path or a glob stands for."""
    if not isinstance(given, str):
        if not hasattr(given, "read_text"):
            raise AepConfigError(f"A spec is a path or a dict, not {given!r}.")
        return _files_at(given)
    if "://" in given:
        raise AepConfigError(f"{given!r} is no path of this machine: hand in an ObjectStoragePath.")
    if glob.has_magic(given) and not Path(given).exists():
        return _files_matching(given)
    return _files_at(Path(given))


def _files_matching(pattern: str) -> Iterator[Any]:
    matches = sorted(Path(found) for found in glob.glob(pattern, recursive=True))
    if not matches:
        raise AepConfigError(f"No file matches {pattern!r}.")
    for match in matches:
        if match.is_dir() or match.suffix in SUFFIXES:
            yield from _files_at(match)


def _files_at(path: Any) -> list[Any]:
    """The file at a path, or all files in and below a folder."""
    if path.is_dir():
        files = list(_files_in(path))
        if not files:
            raise AepConfigError(
                f"There is no file that ends with {', '.join(SUFFIXES)} in {str(path)!r}: describe a dataflow there, "
                "or name another folder."
            )
        return files
    if not path.is_file():
        raise AepConfigError(f"There is no file or folder {str(path)!r}.")
    if not path.name.lower().endswith(SUFFIXES):
        raise AepConfigError(
            f"{str(path)!r} is none of {', '.join(SUFFIXES)}; what Python makes of dataflows is handed in as dicts."
        )
    return [path]


def _files_in(folder: Any) -> Iterator[Any]:
    for path in sorted(folder.iterdir(), key=str):
        if path.name.startswith("."):
            continue
        if path.name.lower().endswith(SUFFIXES):
            yield path
        elif path.is_dir():
            yield from _files_in(path)
