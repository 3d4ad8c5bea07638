"""models/media_types.py: one spelling."""

import re

import pytest

from airflow_provider_aep.models.media_types import media_type, schema_media_type


@pytest.mark.parametrize(
    "spelling",
    [
        "application/vnd.adobe.xed-full+json;version=1",
        "application/vnd.adobe.xed-full+json; version=1",
        " application/vnd.adobe.xed-full+json ;  version=1 ",
    ],
)
def test_media_types_differ_in_blanks_only(spelling):
    assert media_type(spelling) == "application/vnd.adobe.xed-full+json;version=1"


@pytest.mark.parametrize("version", [1, "1", "1.0", 1.0, "1.12", "application/vnd.adobe.xed-full+json; version=1"])
def test_a_version_becomes_the_media_type_of_its_major_one(version):
    assert schema_media_type(version) == "application/vnd.adobe.xed-full+json;version=1"


def test_the_family_of_media_types_can_be_chosen():
    assert schema_media_type(2, "application/vnd.adobe.xed+json") == "application/vnd.adobe.xed+json;version=2"


@pytest.mark.parametrize("version", ["latest", 0, "", None, "v1", True])
def test_what_is_no_version_is_refused(version):
    problem = f"is {version!r}; write the major version of the schema, such as 1"
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        schema_media_type(version)
