"""A live dataflow as a file: a document of which a plan finds nothing to do.

Each document is compared with the live dataflow by the engine's own comparison before it is returned. So it either says
everything that a plan compares, or there is an error that names what no file can say. It holds no secret: values that
the platform hides, and those under the name of a secret, are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from airflow_provider_aep.api.call import Send
from airflow_provider_aep.connectors import connector_name
from airflow_provider_aep.dataflow import export_flow as flow_parts
from airflow_provider_aep.dataflow import export_parts as parts
from airflow_provider_aep.dataflow.export_parts import Section
from airflow_provider_aep.dataflow.finding import errors
from airflow_provider_aep.dataflow.identity import compared, referred
from airflow_provider_aep.dataflow.inventory import Inventory
from airflow_provider_aep.dataflow.json_schema import SCHEMA_URL
from airflow_provider_aep.dataflow.lint import lint
from airflow_provider_aep.dataflow.live import LiveDataflow, list_everything, read_dataflow
from airflow_provider_aep.dataflow.resources import TYPES, declare, steps_of
from airflow_provider_aep.dataflow.spec import API_VERSION, DataflowSpec
from airflow_provider_aep.dataflow.yaml_writer import Path, to_yaml
from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.models.base_connection import BaseConnection
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.resources.flow import FLOW


@dataclass(frozen=True)
class Exported:
    """One document: a dataflow, or an account that several of them share.

    :param document: what the file says, as JSON values in the order in which they are written.
    :param comments: path of keys -> the comment on it.
    """

    document: Mapping[str, Any]
    comments: Mapping[Path, str]

    @property
    def name(self) -> str:
        """The name of the dataflow or the account; its id if it has no name."""
        return str(self.document.get("name") or self.document.get("id"))

    @property
    def file_name(self) -> str:
        """A name for its file, such as ``s3-orders-to-aep.yaml``."""
        words = re.sub(r"[\W_]+", "-", self.name.lower()).strip("-")[:50] or "dataflow"
        account = "" if self.document["kind"] == "Dataflow" else "base-connection-"
        return f"{account}{words}.yaml"

    def to_yaml(self) -> str:
        """The text of its file, with a modeline for editors."""
        modeline = f"yaml-language-server: $schema={SCHEMA_URL}"
        said = self.comments.get((), "")
        return to_yaml(self.document, {**self.comments, (): f"{modeline}\n{said}" if said else modeline})


@dataclass(frozen=True)
class Export:
    """The result of an export of several dataflows.

    :param exported: shared accounts first.
    :param problems: dataflow -> the sentence that says why it is not among them.
    """

    exported: tuple[Exported, ...]
    problems: Mapping[str, str] = field(default_factory=dict)


def export_flow(send: Send, flow_id: str, *, now: Callable[[], float], ids: bool = False) -> Exported:
    """One dataflow, in a document of its own. Seven requests, and one to see whether its name is unique.

    :param now: tells the platform's time in epoch seconds.
    :param ids: name everything by its id as well; otherwise only what has no name of its own.
    :raises AepConflictError: there is no such flow, it is no complete source dataflow, or no file can say what is live.
    """
    inventory = Inventory(send)
    return _Exporting(inventory, now, ids).dataflow(read_dataflow(inventory, flow_id))


def export_flows(send: Send, flow_ids: Iterable[str] | None, *, now: Callable[[], float], ids: bool = False) -> Export:
    """Several dataflows, or (None) all source dataflows of the sandbox, which are read from lists. An account that
    more than one of them uses has a document of its own.

    :param now: tells the platform's time in epoch seconds.
    :param ids: name everything by its id as well; otherwise only what has no name of its own.
    """
    inventory = Inventory(send) if flow_ids is not None else list_everything(send)
    if flow_ids is None:
        flow_ids = [str(flow.id) for flow in inventory.all_of(FLOW) if not flow.is_destination]
    found, problems = [], {}
    for flow_id in dict.fromkeys(flow_ids):
        try:
            found.append(read_dataflow(inventory, flow_id))
        except AepConflictError as error:
            problems[flow_id] = str(error)
    namesakes = _namesakes(found)
    exporting = _Exporting(inventory, now, ids, namesakes, _shared(found, namesakes))
    exported = [exporting.account(base) for base in exporting.shared.values()]
    for live in found:
        try:
            exported.append(exporting.dataflow(live))
        except AepConflictError as error:
            problems[str(live.flow.id)] = str(error)
    return Export(tuple(exported), problems)


def file_names(exported: Iterable[Exported]) -> Iterator[tuple[str, Exported]]:
    """A file name for each; where a name is taken, the next one gets a number."""
    taken: set[str] = set()
    for one in exported:
        numbers = (f"-{number}.yaml" for number in count(2))
        name = one.file_name
        while name in taken:
            name = one.file_name.removesuffix(".yaml") + next(numbers)
        taken.add(name)
        yield name, one


def _namesakes(found: Iterable[LiveDataflow]) -> frozenset[str]:
    """The ids of accounts and datasets that have one name, and so cannot be told apart by it in one folder."""
    by_name: dict[tuple[str | None, ...], set[str]] = {}
    for live in found:
        for step in ("base_connection", "dataset"):
            if step in live.parts:
                type_, resource = TYPES[step], live.parts[step]
                by_name.setdefault((step, *type_.natural_key(resource)), set()).add(type_.id_of(resource))
    return frozenset(id_ for ids in by_name.values() if len(ids) > 1 for id_ in ids)


def _shared(found: Collection[LiveDataflow], namesakes: Collection[str]) -> dict[str, BaseConnection]:
    """Id -> account, of those that more than one dataflow uses and that can be told by their names."""
    accounts = {str(live.base.id): live.base for live in found if live.base}
    used = Counter(live.base.id for live in found if live.base)
    return {
        id_: base
        for id_, base in accounts.items()
        if used[id_] > 1 and id_ not in namesakes and _is_declarable(base) and parts.writable_name(base.name)
    }


def _is_declarable(base: BaseConnection) -> bool:
    return bool(base.auth and base.auth.spec_name)


@dataclass(frozen=True)
class _Exporting:
    """What all documents of one export have in common."""

    inventory: Inventory
    now: Callable[[], float]
    with_ids: bool
    namesakes: Collection[str] = ()
    shared: Mapping[str, BaseConnection] = field(default_factory=dict)

    def account(self, base: BaseConnection) -> Exported:
        """The document of an account that several dataflows share."""
        said, comments = parts.base_connection(base, self.with_ids)
        head = {"apiVersion": API_VERSION, "kind": "BaseConnection", "name": said.pop("name")}
        connector = {"connector": connector_name(base.connection_spec.id)}
        return Exported({**head, **connector, **said}, {path[1:]: text for path, text in comments.items()})

    def dataflow(self, live: LiveDataflow) -> Exported:
        """:raises AepConflictError: no file can say what is live."""
        flow = live.flow
        document: dict[str, Any] = {
            "apiVersion": API_VERSION,
            "kind": "Dataflow",
            "name": flow.name,
            **({"id": flow.id} if self.with_ids or self._is_ambiguous(flow) else {}),
            "connector": connector_name(live.source.connection_spec.id),
        }
        comments: dict[Path, str] = {}
        for said, remarks in self._sections(live):
            document |= said
            comments |= remarks
        problems = _objections(document, comments) or differences_from_live(document, live)
        if problems:
            listed = "; ".join(problem.rstrip(".") for problem in problems)
            about = f"The dataflow {FLOW.label(flow)} ({flow.id}) cannot be exported"
            raise AepConflictError(f"{about}: no file can say what is live: {listed}.", status=409)
        return Exported(document, comments)

    def _sections(self, live: LiveDataflow) -> Iterator[Section]:
        flow = live.flow
        yield flow_parts.of_flow(flow)
        yield flow_parts.flow_spec(flow, live.source)
        if live.base:
            yield self._base_connection(live.base)
        yield parts.source(live.source, flow.name)
        yield parts.schema(live.schema, self.with_ids)
        yield parts.dataset(live.dataset, flow.name, self._with_id(live.dataset.id))
        yield parts.target(live.target, flow.name)
        if live.mapping_set:
            yield flow_parts.mappings(live.mapping_set)
        yield flow_parts.delta_column(flow)
        yield flow_parts.schedule(flow, self.now())
        yield flow_parts.options(flow)
        yield flow_parts.transformations(flow)

    def _base_connection(self, base: BaseConnection) -> Section:
        with_id = self._with_id(base.id)
        if str(base.id) in self.shared or not _is_declarable(base):
            return {"base_connection": parts.reference("name", base.name, str(base.id), with_id)}, {}
        said, comments = parts.base_connection(base, with_id)
        return {"base_connection": said}, comments

    def _with_id(self, id_: str | None) -> bool:
        return self.with_ids or id_ in self.namesakes

    def _is_ambiguous(self, flow: Flow) -> bool:
        """Whether another source dataflow has the name. What the flow is made of is found by way of the flow."""
        return sum(not FLOW.other_purpose(each) for each in self.inventory.named(FLOW, flow)) > 1


def _objections(document: dict[str, Any], comments: dict[Path, str]) -> list[str]:
    """What lint objects to. Columns among which not all is that is mapped are left out: they need not be declared."""
    found = errors(lint(document))
    if any(finding.code == "D406" for finding in found):
        del document["source"]["columns"]
        comments["source",] = "without columns: not all that is mapped is among them"
        found = errors(lint(document))
    return [finding.message for finding in found]


def differences_from_live(document: Mapping[str, Any], live: LiveDataflow) -> list[str]:
    """What a plan of the document would find: sentences; empty for all that a file can say."""
    spec = DataflowSpec.model_validate(document, by_alias=True, by_name=False)
    found = ["its mapping set is empty"] if live.mapping_set and not spec.mappings else []
    ids: dict[str, Any] = {step: TYPES[step].id_of(resource) for step, resource in live.parts.items()}
    ids |= {"flow_spec": live.flow.flow_spec.id, "mapping_set_version": live.mapping_set_version}
    for step in steps_of(spec):
        if referred(spec, step) is not None:
            continue
        declared = compared(spec, step, declare(spec, step, ids), live.parts[step])
        found += map(str, TYPES[step].diff(declared, live.parts[step]))
    return found
