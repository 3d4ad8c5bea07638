"""A type of resource without a platform: for properties of the engine that hold for every type."""

from dataclasses import dataclass

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.reconcile.diff import Change
from airflow_provider_aep.reconcile.resource_type import ResourceType


@dataclass(frozen=True)
class Thing:
    """:param created_at: epoch milliseconds.
    :param summary: whether this is what a list shows, without the content.
    """

    content: str
    id: str = ""
    created_at: int = 0
    name: str = "ours"
    idle: bool = False
    purpose: bool = False
    summary: bool = False


class ThingType(ResourceType[Thing]):
    """Of a content that begins with "fixed", nothing can be changed in place."""

    noun = "thing"

    def declare(self, **arguments):
        return Thing(**arguments)

    def natural_key(self, resource):
        return (resource.name,)

    def label(self, resource):
        return "of ours"

    def lookup(self, declared):
        return Call("GET", "/things", params={"name": declared.name})

    def list_all(self):
        return Call("GET", "/things")

    def get(self, id_):
        return Call("GET", id_)

    def id_of(self, resource):
        return resource.id

    def created_at(self, live):
        return live.created_at

    def is_summary(self, live):
        return live.summary

    def diff(self, declared, live):
        return () if declared.content == live.content else (Change("/content", declared.content, live.content),)

    def other_purpose(self, live):
        return "is for something else." if live.purpose else ""

    def warning(self, live):
        return "is idle." if live.idle else ""

    def sends_secrets(self, declared, live):
        return declared.content.endswith("secret")

    def requires_replace(self, declared, live, now):
        return {"/content": "it is for life"} if live.content.startswith("fixed") else {}

    def create(self, declared):
        return Call("POST", "/things", body=declared.content)

    def update(self, declared, live, diff):
        return Call("PATCH", live.id, body=declared.content)

    def delete(self, id_):
        return Call("DELETE", id_)


class LastingThingType(ThingType):
    """The platform has no call that deletes one."""

    deletable = False


class UniqueThingType(LastingThingType):
    """The platform refuses a second one of a name."""

    names_repeat = False


THING, LASTING_THING, UNIQUE_THING = ThingType(), LastingThingType(), UniqueThingType()
