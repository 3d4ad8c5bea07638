"""For any dataflow that the emulator can hold, the plan of what is exported is empty (acceptance test 3).

The dataflows are posted to its API, as the UI or another program would make them, and not by this package.
"""

import pytest
from direct import direct_client
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from airflow_provider_aep.connectors import CONNECTORS, FLOW_SPEC_IDS
from airflow_provider_aep.dataflow.export import export_flow, export_flows, file_names
from airflow_provider_aep.dataflow.lint import load_checked
from airflow_provider_aep.dataflow.planner import plan
from airflow_provider_aep.emulator import AepEmulator

from .posted import Poster

HOUR = 3600
# Adobe's tutorials of these name a table in `path`.
BY_PATH = {"google-ads", "servicenow", "hubspot", "paypal", "square", "salesforce-marketing-cloud"}

BY_CATEGORY = {
    category: [one for one in CONNECTORS.values() if one.category == category]
    for category in ("table", "file", "streaming")
} | {
    "rest": [CONNECTORS["generic-rest"], CONNECTORS["generic-rest-api"]],
    "activities": [CONNECTORS["marketo-engage"]],
}

# Of webhooks, and of Marketo Engage.
UNNAMED_FLOW_SPECS = {
    "streaming": "e77fde5a-22a8-11ed-861d-0242ac120002",
    "unknown": "15f8402c-ba66-4626-b54c-9f8e54244d61",
}

# Names as people give them, some of which a careless file would take for something else; and not two of one dataflow
# alike, unless it is meant.
words = st.sampled_from(
    ["CRM", "yes", "1_000", "a: b", "Ünïcode", '"quoted"', "x #y", "null", "- item", "{a}", "2030-01-31"]
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).map(str.strip).filter(bool)
names = words | texts
descriptions = st.none() | st.just("") | st.just("two\nlines") | texts
plain_values = st.booleans() | st.integers(-(2**53), 2**53) | texts | st.none() | st.lists(texts, max_size=2)
extras = st.dictionaries(st.sampled_from(["x", "recursive", "filters1", "on", "nested"]), plain_values, max_size=2)
fields = st.sampled_from(
    ["person.name.firstName", "person.name.lastName", "personalEmail.address", "_acme.order.id", "_acme.items[*].id"]
)


@st.composite
def older_mappings(draw):
    kept = draw(st.lists(fields, min_size=1, max_size=4, unique=True))
    return [
        {"destinationXdmPath": field, "sourceAttribute": draw(names), "identity": draw(st.booleans()), "version": 0}
        for field in kept
    ]


@st.composite
def newer_mappings(draw):
    some = draw(st.lists(fields, min_size=1, max_size=4))  # two may fill one field
    types = st.sampled_from(["ATTRIBUTE", "EXPRESSION", "STATIC", "text/x.schema-path", "text/x.aep-xl"])
    more = st.sampled_from(
        [{}, {"identity": True}, {"identity": True, "primaryIdentity": True}, {"name": "a note"}, {"description": "x"}]
    )
    return [{"sourceType": draw(types), "source": draw(names), "destination": field, **draw(more)} for field in some]


mappings = older_mappings() | newer_mappings()


@st.composite
def schedules(draw, now):
    frequency = draw(st.sampled_from(["once", "minute", "hour", "day", "week"]))
    start = int(now) + draw(st.sampled_from([60, HOUR, 86_400 * 30]))
    if frequency == "once":
        return {"frequency": frequency, "startTime": start}
    interval = draw(st.integers(15, 200))
    said = {"frequency": frequency, "interval": draw(st.sampled_from([interval, str(interval)]))}
    backfill = draw(st.sampled_from([None, True, False, "true"]))
    start = draw(st.sampled_from([start, str(start)]))
    return {**said, "startTime": start, **({} if backfill is None else {"backfill": backfill})}


def only_valid(schedule):
    """The flow spec wants numbers as numbers."""
    return {
        **schedule,
        "startTime": int(schedule["startTime"]),
        **({"interval": int(schedule["interval"])} if "interval" in schedule else {}),
        **({"backfill": str(schedule["backfill"]).lower() == "true"} if "backfill" in schedule else {}),
    }


columns = st.lists(
    st.builds(
        lambda name, type_, xdm: {"name": name, "type": type_, **({"xdm": xdm} if xdm else {})},
        names,
        st.sampled_from(["string", "long"]),
        st.none()
        | st.sampled_from([{"type": "string"}, {"type": "String"}, {"type": "string", "format": "date-time"}]),
    ),
    max_size=3,
    unique_by=lambda column: column["name"],
)


class Building:
    """Builds one dataflow, drawn piece by piece."""

    def __init__(self, data, client, now):
        self.draw = lambda strategy, label=None: data.draw(strategy, label)
        self.post = Poster(client)
        self.now = now

    def said(self, key, strategy):
        value = self.draw(strategy, key)
        return {} if value is None else {key: value}

    def build(self):
        category = self.draw(st.sampled_from([*BY_CATEGORY]), "category")
        connector = self.draw(st.sampled_from(BY_CATEGORY[category]), "connector")
        draft = self.draw(st.booleans(), "draft")
        base = None
        if connector.needs_account:
            base = self.account(connector, draft)
        body = getattr(self, category)(connector)
        source = self.post.source(
            connector.connection_spec_id,
            base,
            draft,
            name=self.draw(names, "source"),
            **body,
            **self.said("description", descriptions),
        )
        schema = self.post.schema(self.draw(names, "schema"), description=self.draw(descriptions) or "")
        dataset = self.post.dataset(
            schema, name=self.draw(names, "dataset"), tags=self.draw(tags), **self.said("description", descriptions)
        )
        target = self.target(schema, dataset, draft)
        return self.flow(connector, source, target, schema, draft)

    def account(self, connector, draft):
        auth = {
            "specName": connector.auth_specs[0] if connector.auth_specs else "Some Authentication",
            "params": self.draw(auth_params, "auth"),
        }
        body = {"auth": auth, **self.said("name", st.none() | names), **self.said("description", descriptions)}
        if draft and self.draw(st.booleans(), "account without auth"):
            del body["auth"]
        made = self.post.base(connector.connection_spec_id, draft, **body)
        if self.draw(st.booleans(), "a second account of the name") and not draft:
            self.post.base(connector.connection_spec_id, **body)
        return made

    def table(self, connector):
        by_path = connector.name in BY_PATH and self.draw(st.booleans(), "by path")
        params = {"path" if by_path else "tableName": self.draw(names, "table"), **self.draw(extras)}
        kept = self.draw(st.none() | columns, "columns")
        return {"data": {"format": "tabular"}, "params": {**params, **({} if kept is None else {"columns": kept})}}

    activities = table

    def file(self, connector):
        properties = self.draw(
            st.dictionaries(st.sampled_from(["columnDelimiter"]), st.sampled_from([",", ";", "\t"]), max_size=1)
        ) | self.draw(st.dictionaries(st.sampled_from(["encoding", "compressionType", "other"]), texts, max_size=2))
        params = {"path": "/" + self.draw(names, "path"), "type": "folder", **self.draw(extras)}
        data = {"format": self.draw(st.sampled_from(["delimited", "json", "parquet"]))}
        where = self.draw(st.sampled_from(["data", "params", "properties"]), "file properties")
        if where == "data":
            data["properties"] = properties
        elif where == "params":
            params = {**params, **{key: value for key, value in properties.items() if key != "other"}}
        else:
            params["properties"] = properties
        return {"data": data, "params": params}

    def streaming(self, connector):
        data = {} if connector.name == "http-api" and self.draw(st.booleans()) else {"format": "json"}
        return {"data": data, "params": {"stream": self.draw(names), **self.draw(extras)}}

    def rest(self, connector):
        return {"data": {"format": "json"}, "params": self.draw(extras)}

    def target(self, schema, dataset, draft):
        versions = ["application/vnd.adobe.xed-full+json;version=1", "application/vnd.adobe.xed+json; version=1.0"]
        tenant, digest = schema.split("/")[3], schema.split("/")[-1]
        return self.post.target(
            self.draw(st.sampled_from([schema, f"_{tenant}.schemas.{digest}"]), "target schema"),
            dataset,
            draft,
            version=self.draw(st.sampled_from(versions)),
            data=self.draw(st.sampled_from([{}, {"format": "parquet_xdm"}, {"format": "delta"}])),
            **self.said("name", st.none() | names),
            **self.said("description", descriptions),
        )

    def flow(self, connector, source, target, schema, draft):
        spec_id = FLOW_SPEC_IDS.get(connector.flow_spec or "", UNNAMED_FLOW_SPECS.get(connector.category))
        batch = connector.flow_spec in ("CRMToAEP", "CloudStorageToAEP", "RestStorageToAEP")
        body = {**self.said("description", descriptions), **self.said("options", options)}
        parts = []
        if batch:
            body["scheduleParams"] = only_valid(self.draw(schedules(self.now), "schedule"))
        once = batch and body["scheduleParams"]["frequency"] == "once"
        if connector.flow_spec == "CRMToAEP" and not once:
            column = {"name": self.draw(names), **self.draw(delta_columns)}
            parts.append({"name": "Copy", "params": {"deltaColumn": column}})
        if batch or self.draw(st.booleans(), "mapped"):
            parts.append({"name": "Mapping", "params": self.mapping(schema, versioned=batch)})
        if connector.category == "file" and self.draw(st.booleans(), "encrypted"):
            parts.append(
                {"name": "Encryption", "params": {"publicKeyId": self.post.encryption_key(), "more": [1, None]}}
            )
        if draft and self.draw(st.booleans(), "unknown transformation"):
            parts.append({"name": "Deduplicate", "params": self.draw(extras)})
        body["transformations"] = self.draw(st.permutations(parts))
        name = self.draw(names, "flow")
        made = self.post.flow(spec_id, source, target, draft, name=name, **body)
        if self.draw(st.booleans(), "a second dataflow of the name"):
            self.post.flow(spec_id, source, target, draft, name=name, **body)
        if not draft and self.draw(st.booleans(), "disabled"):
            self.post.act(made, "disable")
        return made

    def mapping(self, schema, versioned):
        first = self.draw(mappings, "mappings")
        made = self.post.mapping_set(schema, first, **self.said("name", st.none() | names))
        version = self.draw(st.integers(0, 2), "version")
        for _ in range(2):
            self.post.put_mapping_set(made, schema, self.draw(mappings))
        if not versioned and version == 0:
            return {"mappingId": made}
        return {"mappingId": made, "mappingVersion": self.draw(st.sampled_from([str(version)]))}


tags = st.fixed_dictionaries(
    {},
    optional={
        "unifiedProfile": st.lists(st.sampled_from(["enabled:true", "enabled: true", "isUpsert:true"]), max_size=2),
        "unifiedIdentity": st.just(["enabled:true"]),
        "team": st.lists(texts, min_size=1, max_size=2),
    },
)
auth_params = st.fixed_dictionaries(
    {"username": texts},
    optional={
        "password": st.just("canary-password"),
        "host": texts,
        "port": st.integers(1, 9999),
        "secure": st.booleans(),
        "nested": st.just({"token": "canary-token", "a": "canary-nested"}),
        "accessKeyId": st.just("canary-key"),
    },
)
options = st.none() | st.fixed_dictionaries(
    {}, optional={"errorDiagnosticsEnabled": st.booleans(), "partialIngestionPercent": st.integers(1, 99)}
)
delta_columns = st.fixed_dictionaries(
    {}, optional={"dateFormat": st.sampled_from(["yyyy-MM-dd HH:mm:ss", "YYYY-MM-DD"]), "timezone": st.just("UTC")}
)


@pytest.fixture(scope="module")
def platform():
    with AepEmulator() as aep:
        yield aep


def plan_of_files(client, folder, exported):
    """Write them into the folder, read it as the command line does, and plan."""
    for name, one in file_names(exported):
        (folder / name).write_text(one.to_yaml(), encoding="utf-8")
    return plan(client, load_checked(folder).dataflows)


def changing(planned):
    return [
        (each.address, each.actions, each.differences, each.reason)
        for flow in planned.dataflows
        for each in flow.changing
    ]


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.reuse, Phase.generate],  # each example makes fifty requests: shrinking one takes minutes
    report_multiple_bugs=False,
)
@given(st.data())
def test_the_plan_of_what_is_exported_is_empty(platform, tmp_path_factory, data):
    platform.reset()
    client = direct_client(platform)
    flow_id = Building(data, client, platform.now()).build()
    if data.draw(st.booleans(), "later"):
        platform.advance(40 * 86_400)
        event("began")
    ids = data.draw(st.booleans(), "ids")

    exported = export_flow(client.send, flow_id, now=client.now, ids=ids)
    planned = plan_of_files(client, tmp_path_factory.mktemp("one"), [exported])

    text = exported.to_yaml()
    assert planned.is_empty, (text, changing(planned))
    assert "canary" not in text
    assert planned.dataflows[0].resource("flow").decision.live.id == flow_id

    everything = export_flows(client.send, None, now=client.now, ids=ids)
    assert everything.problems == {}
    planned = plan_of_files(client, tmp_path_factory.mktemp("all"), everything.exported)
    assert planned.is_empty, changing(planned)
