"""Lint: everything that is wrong with specs and can be told without asking the platform, all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from airflow_provider_aep.connectors import Connector, get_connector
from airflow_provider_aep.dataflow.files import (
    DOCUMENT,
    LoadedSpec,
    LoadResult,
    Only,
    Specs,
    check_only,
    raise_errors,
    read_for_sandbox,
    sandboxes_of,
)
from airflow_provider_aep.dataflow.finding import Finding
from airflow_provider_aep.dataflow.origin import Origin
from airflow_provider_aep.dataflow.rules.codes import Problem
from airflow_provider_aep.dataflow.rules.declared import Models, declared
from airflow_provider_aep.dataflow.rules.flow import flow
from airflow_provider_aep.dataflow.rules.folder import folder
from airflow_provider_aep.dataflow.rules.mappings import mappings
from airflow_provider_aep.dataflow.rules.source import shared_account, source
from airflow_provider_aep.dataflow.sources import documents_of
from airflow_provider_aep.dataflow.spec import DataflowSpec
from airflow_provider_aep.exceptions import AepConfigError


def lint(paths: Any, *, sandbox: str | None = None, only: Only = None, now: float | None = None) -> list[Finding]:
    """Everything that is wrong, by file and line. No request is made.

    :param paths: as of `airflow_provider_aep.dataflow.files.load`.
    :param sandbox: for this one alone; without it, for each that a document lists.
    :param only: as of `load`.
    :param now: epoch seconds, for start times; the machine's own by default.
    :raises AepConfigError: a path leads nowhere, or no dataflow is chosen.
    """
    documents, findings = documents_of(paths, DOCUMENT)
    check_only(documents, only)
    now = time.time() if now is None else now
    models = Models()
    for one in [sandbox] if sandbox else sandboxes_of(documents):
        reading = read_for_sandbox(documents, one, only, skip_unlisted=sandbox is None)
        findings += [*reading.findings, *_check(reading, now, models)]
    return sorted(set(findings))


def load_checked(paths: Any, *, sandbox: str | None = None, only: Only = None, now: float | None = None) -> Specs:
    """What files say for a sandbox, if nothing is wrong with any of them.

    :param paths: as of `airflow_provider_aep.dataflow.files.load`, and so `sandbox` and `only`.
    :raises AepConfigError: all errors at once, one a line; warnings raise nothing.
    """
    documents, findings = documents_of(paths, DOCUMENT)
    check_only(documents, only)
    reading = read_for_sandbox(documents, sandbox, only)
    raise_errors([*findings, *reading.findings, *_check(reading, time.time() if now is None else now, Models())])
    return reading.specs()


def _check(reading: LoadResult, now: float, models: Models) -> Iterator[Finding]:
    for account in reading.accounts:
        connector, unknown = _connector(account.spec.connector)
        for problem in (*unknown, *shared_account(account.spec, connector)):
            yield _finding(account.origin, problem)
    for read in reading.dataflows:
        yield from _check_dataflow(read, now, models)
    yield from folder(reading)


def _check_dataflow(read: LoadedSpec[DataflowSpec], now: float, models: Models) -> Iterator[Finding]:
    spec = read.spec
    connector, unknown = _connector(spec.connector)
    found = (
        *unknown,
        *declared(spec, connector, models),
        *source(spec, connector),
        *mappings(spec),
        *flow(spec, connector, now),
    )
    for problem in found:
        yield _finding(read.origin, problem)


def _connector(name: str) -> tuple[Connector | None, tuple[Problem, ...]]:
    try:
        return get_connector(name), ()
    except AepConfigError as error:
        return None, (Problem("D101", ("connector",), f"is not known. {str(error).rstrip('.')}"),)


def _finding(origin: Origin, problem: Problem) -> Finding:
    key, is_warning = problem.at_key, problem.is_warning
    return origin.finding(problem.code, problem.steps, problem.text, key=key, is_warning=is_warning)
