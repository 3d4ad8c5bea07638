"""Whatever a lived-in sandbox shows, a probe says nothing untrue: it says what is so, or that it is unknown."""

from types import SimpleNamespace

import pytest

from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepNotFoundError
from airflow_provider_aep.probe import probes
from airflow_provider_aep.probe.material import Material

A, B, OTHER = "a", "b", "other"


def sandbox(**answers):
    """A sandbox that answers by the last segment of the path: a value, or a function of the call."""

    def send(call):
        answer = answers.get(call.path.rpartition("/")[2])
        found = answer(call) if callable(answer) else answer
        if found is None:
            raise AepNotFoundError("gone", status=404)
        return found

    return Material(SimpleNamespace(send=send))


def runs(*flow_ids, **more):
    return {"items": [{"id": f"run-{n}", "flowId": flow_id} for n, flow_id in enumerate(flow_ids)], **more}


def filtered(all_runs, *pages):
    """A list of runs: all of them; with a filter, these pages."""

    def answer(call):
        if "property" not in call.params:
            return all_runs
        number = int(call.params.get("continuationToken", 0))
        more = {"_links": {"next": {"href": f"/runs?continuationToken={number + 1}"}}}
        return pages[number] | (more if number + 1 < len(pages) else {}) if number < len(pages) else pages[-1] | more

    return answer


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ([runs(A, B)], True),
        ([runs(A, A), runs(A, B)], True),
        ([runs(A, A)], False),
        ([runs()], False),
        ([runs(A, B, OTHER)], False),
        ([runs(A)] * 30, None),
    ],
    ids=["both", "both on two pages", "one", "none", "the filter has no effect", "a dataflow with thousands of runs"],
)
def test_a_filter_with_two_dataflows(pages, found):
    assert probes.flow_id_lists(sandbox(runs=filtered(runs(A, B, OTHER), *pages))) is found


def batch(*dataset_ids):
    return {"relatedObjects": [{"type": "dataSet", "id": id_} for id_ in dataset_ids], "created": 1_000}


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"1": batch(A), "2": batch(B)}, True),
        ({"1": batch(A, OTHER), "2": batch(B)}, True),
        ({"1": batch(A), "2": batch(OTHER)}, False),
        ({"1": batch(A)}, False),
        ({str(number): batch(A) for number in range(100)}, None),
    ],
    ids=["both", "a batch of two datasets", "the filter has no effect", "one", "a full page of one"],
)
def test_a_filter_with_two_datasets(shown, found):
    everything = {"1": batch(A), "2": batch(B)}
    material = sandbox(batches=lambda call: shown if "dataSet" in call.params else everything)
    assert probes.dataset_id_lists(material) is found


@pytest.mark.parametrize(
    ("first_shown_after", "found"),
    [(999, True), (1_000, False), (10**9, None), (0, None)],
    ids=["exclusive", "inclusive", "the filter has no effect", "the list shows nothing"],
)
def test_created_after(first_shown_after, found):
    def batches(call):
        after = call.params.get("createdAfter")
        return {"1": batch(A)} if after is None or int(after) <= first_shown_after else {}

    assert probes.created_after_exclusive(sandbox(batches=batches)) is found


def named(*names):
    return {"items": [{"id": name, "name": name} for name in names]}


def filters(names, effective=True):
    def answer(call):
        wanted = str(call.params.get("property", [""])[0]).partition("==")[2].strip('"')
        return named(*(name for name in names if not (effective and wanted) or name == wanted))

    return answer


@pytest.mark.parametrize(
    ("sources", "targets", "found"),
    [
        (filters("ab"), filters("cd"), True),
        (filters("ab"), filters("cd", effective=False), False),
        (filters("ab"), filters(""), None),
        (filters("ab", effective=False), filters(""), False),
    ],
    ids=["both", "only one of them", "no target connections", "no target connections, and no"],
)
def test_filters_by_name_are_believed_when_both_were_seen(sources, targets, found):
    material = sandbox(sourceConnections=sources, targetConnections=targets)
    assert probes.name_filters(material) is found


@pytest.mark.parametrize(
    ("named_so", "by_id", "found"),
    [(True, True, True), (False, True, False), (False, False, None)],
    ids=["published names", "other names", "hidden from this credential"],
)
def test_flow_specs_that_a_credential_may_not_see_tell_nothing(named_so, by_id, found):
    def flow_specs(call):
        (expression,) = [call.params["property"]]
        return named(expression.partition("==")[2].strip('"')) if named_so else {"items": []}

    ids = {id_: named("another") if by_id else None for id_ in FLOW_SPEC_IDS.values()}
    assert probes.flow_spec_names(sandbox(flowSpecs=flow_specs, **ids)) is found


def test_a_list_of_flow_specs_that_ignores_its_filter_proves_no_name():
    ids = {id_: named("another") for id_ in FLOW_SPEC_IDS.values()}
    assert probes.flow_spec_names(sandbox(flowSpecs=named("one", "two"), **ids)) is False


def mapping_sets(*mappings, read=()):
    listed = {"data": [{"id": str(number), "mappings": one} for number, one in enumerate(mappings)]}
    return sandbox(mappingSets=listed, **{str(number): {"mappings": list(read)} for number in range(len(mappings))})


@pytest.mark.parametrize(
    ("material", "found"),
    [
        (mapping_sets([], [{"source": "a"}]), True),
        (mapping_sets(None, None, read=[{"source": "a"}]), False),
        (mapping_sets([], []), None),
        (mapping_sets(), None),
    ],
    ids=["one of them has none", "lists leave them out", "all of them have none", "none"],
)
def test_a_mapping_set_without_mappings_proves_nothing(material, found):
    assert probes.mapping_set_lists_whole(material) is found


def test_a_schema_without_parts_proves_nothing():
    listed = {"results": [{"$id": "https://ns/1", "title": "Of its own"}]}
    parts = {"allOf": [{"$ref": "https://ns.adobe.com/xdm/context/profile"}]}
    assert probes.schema_lists_whole(sandbox(schemas=listed, **{"https%3A%2F%2Fns%2F1": {"title": "x"}})) is None
    assert probes.schema_lists_whole(sandbox(schemas=listed, **{"https%3A%2F%2Fns%2F1": parts})) is False


def connection(**more):
    return {"items": [{"id": "1", "name": "n", **more}]}


@pytest.mark.parametrize(
    ("shown", "whole", "found"),
    [
        (connection(auth={"specName": "s", "params": {"user": "a"}}),) * 2 + (True,),
        (connection(auth={"specName": "s"}), connection(auth={"specName": "s", "params": {"user": "a"}}), False),
        (connection(auth=None), connection(auth={"specName": "s"}), False),
        (connection(auth={}), connection(auth={}), True),
    ],
    ids=["whole", "half of it", "nothing of it", "nothing there"],
)
def test_a_list_is_whole_on_every_level(shown, whole, found):
    resources = ("flows", "connections", "sourceConnections", "targetConnections")
    assert probes.flow_service_lists_whole(sandbox(**dict.fromkeys(resources, shown), **{"1": whole})) is found


def test_a_sandbox_without_dataflows_does_not_tell_whether_their_lists_are_whole():
    empty = {"items": []}
    material = sandbox(
        flows=empty, connections=connection(), sourceConnections=empty, targetConnections=empty, **{"1": connection()}
    )
    assert probes.flow_service_lists_whole(material) is None


def test_a_page_from_which_some_are_hidden_does_not_hide_how_many_it_can_hold():
    sizes = [97, 100, 100]

    def pages(call):
        number = int(call.params.get("continuationToken", 0))
        return runs(*[A] * sizes[number], _links={"next": {"href": f"/runs?continuationToken={number + 1}"}})

    assert probes.largest_page(sandbox(runs=pages)) == 100


def test_objects_without_an_id_and_of_odd_shapes_are_passed_over():
    odd = {"items": [{"name": "x"}, {"id": None}, "text", None, {"id": "1", "flowId": A}, {"id": "2", "flowId": B}]}
    material = sandbox(runs=odd)
    assert [run["id"] for run in material.runs] == ["1", "2"]


HOUR = 3_600_000


def window_run(number, begin, end, **more):
    summary = {"startedAtUTC": begin, "extensions": {"windowStart": begin, "windowEnd": end}}
    return {
        "id": str(number),
        "flowId": A,
        "activities": [{"id": "copyActivity", "durationSummary": summary}],
        "metrics": {"durationSummary": summary},
    } | more


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ([(1, 2), (2, 3)], True),
        ([(1, 2), (2.001, 3)], False),
        ([(1, 2), (2, 3), (3.001, 4)], None),
        ([(1, 2), (5, 6)], None),
        ([(1, 3), (2, 4)], None),
    ],
    ids=["shared", "apart", "either", "a run is missing", "overlapping"],
)
def test_windows_that_follow_each_other(bounds, found):
    listed = [window_run(number, begin * HOUR, end * HOUR) for number, (begin, end) in enumerate(bounds)]
    unreadable = {"id": 7, "flowId": A}
    material = sandbox(
        runs={"items": [*listed, unreadable]}, flows={"items": [{"id": A, "scheduleParams": {"frequency": "hour"}}]}
    )
    assert probes.window_bounds_shared(material) is found


@pytest.mark.parametrize("schedule", [None, "hour", [], {"frequency": "once"}])
def test_a_dataflow_without_a_schedule_has_no_windows(schedule):
    material = sandbox(runs=runs(A), flows={"items": [{"id": A, "scheduleParams": schedule}]})
    assert probes.window_bounds_shared(material) is None


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["Date", "X-Request-Id"], []),
        (["X-RateLimit-Limit", "x-ratelimit-limit", "Retry-After"], ["retry-after", "x-ratelimit-limit"]),
        (["X-Example-Inc-Quota-Remaining"], ["x-other-other-quota-remaining"]),
    ],
)
def test_the_name_of_a_header_holds_no_name_of_its_owner(headers, found):
    client = SimpleNamespace(response_to=lambda call: SimpleNamespace(headers=dict.fromkeys(headers, "1")))
    assert probes.rate_limit_headers(Material(client)) == found
