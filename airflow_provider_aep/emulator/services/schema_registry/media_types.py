"""Schema Registry's Accept headers. Each sort of GET has its own, and its own error code for a wrong one."""

from __future__ import annotations

import re

from airflow_provider_aep.emulator.http.errors import SchemaRegistryError
from airflow_provider_aep.emulator.http.message import Request
from airflow_provider_aep.emulator.services.schema_registry.lookup import major_version

RESOURCE = re.compile(r"application/vnd\.adobe\.(xed|xdm)(-[a-z0-9]+)*\+json")
DESCRIPTOR = re.compile(r"application/vnd\.adobe\.xdm(-v2)?(-id|-link)?\+json")


def of_listing(request: Request) -> str:
    """The media type of a list: any of xed or xdm, without a version."""
    accept = _accept(request)
    if not RESOURCE.search(accept) or major_version(accept) is not None:
        raise _invalid("1006-400", accept, "application/vnd.adobe.{xed|xdm}+json")
    return accept


def of_lookup(request: Request) -> str:
    """The media type of one resource: it carries the major version, unless only a summary is wanted."""
    accept = _accept(request)
    if not RESOURCE.search(accept) or (major_version(accept) is None and not is_summary(accept)):
        raise _invalid("1007-400", accept, "application/vnd.adobe.{xed|xdm}+json; version=1")
    return accept


def of_descriptors(request: Request) -> str:
    accept = _accept(request)
    if not DESCRIPTOR.search(accept):
        raise _invalid("1008-400", accept, "application/vnd.adobe.xdm-id+json")
    return accept


def check_descriptor(request: Request) -> None:
    """The look-up of one descriptor needs no Accept header, but refuses the media types of versioned resources."""
    accept = _accept(request)
    if RESOURCE.search(accept) and (not DESCRIPTOR.search(accept) or major_version(accept) is not None):
        raise _invalid("1009-400", accept, "application/vnd.adobe.xdm+json")


def is_summary(accept: str) -> bool:
    return "-id+json" in accept


def is_link(accept: str) -> bool:
    return "-link+json" in accept


def _accept(request: Request) -> str:
    return re.sub(r"\s", "", request.headers.get("accept", "")).lower()


def _invalid(code: str, accept: str, valid: str) -> SchemaRegistryError:
    return SchemaRegistryError(
        code,
        "Accept header invalid",
        f"The supplied Accept header is not valid: {accept} - A valid Accept value should look like {valid}",
    )
