"""A list may show a summary only; what is compared is read by its id then."""

from airflow_provider_aep.ensure import Ensurer
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.kinds import MAPPING_SET, SCHEMA
from airflow_provider_aep.models.mapping_set import MappingSet
from airflow_provider_aep.models.schema import Schema


class Summaries:
    """Sends calls, and takes from every list what is not a name or an id."""

    def __init__(self, client):
        self.client = client
        self.asked = []

    def __call__(self, call):
        self.asked.append(call)
        answer = self.client.send(call)
        if not isinstance(answer, list):
            return answer
        return [one.model_copy(update={"mappings": [], "all_of": []}) for one in answer]


def test_a_summary_is_no_difference(aep):
    send = Summaries(AepHook().get_conn())
    ensurer = Ensurer(send, aep.advance)
    schema = Schema.declare(title="Accounts", schema_class="https://ns.adobe.com/xdm/context/profile")
    schema_id = ensurer.ensure(SCHEMA, schema).id
    mappings = [{"source": "email", "destination": "personalEmail.address"}]
    mapping_set = MappingSet.declare(schema_id=schema_id, mappings=mappings)
    mapping_set_id = ensurer.ensure(MAPPING_SET, mapping_set).id

    again = ensurer.ensure(SCHEMA, schema), ensurer.ensure(MAPPING_SET, mapping_set)

    assert [(each.id, each.change) for each in again] == [(schema_id, "reused"), (mapping_set_id, "reused")]
