"""Datasets of Experience Platform as Airflow assets: ``aep://{organisation}/{sandbox}/datasets/{id}``.

Airflow imports the functions here when a DAG file names such an asset (see ``asset-uris`` in get_provider_info.py).

https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/assets.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from airflow_provider_aep.exceptions import AepConfigError

if TYPE_CHECKING:
    from airflow.sdk import Asset
    from openlineage.client.event_v2 import Dataset

_FORM = "aep://{organisation}@AdobeOrg/{sandbox}/datasets/{id}"
_ORG = re.compile(r"[^\s:/@]+@AdobeOrg")
_PATH = re.compile(r"/[\w.-]+/datasets/[0-9a-fA-F]{24}")


def aep_dataset(dataset_id: str, *, org_id: str, sandbox: str) -> Asset:
    """The asset of a dataset, for ``outlets`` of the task that loads it and for the schedule of a DAG that reads it.

    :param dataset_id: the dataset's id, 24 hexadecimal digits: a DAG file is parsed before any task makes a dataset.
    :param org_id: the IMS organisation, ``...@AdobeOrg``.
    :param sandbox: the name of the sandbox.
    :raises AepConfigError: one of them cannot be part of the address.
    """
    from airflow.sdk import Asset

    uri = dataset_uri(dataset_id, org_id=org_id, sandbox=sandbox)
    try:
        sanitize_uri(urlsplit(uri))
    except ValueError as problem:
        raise AepConfigError(f"{problem} Pass dataset_id, org_id and sandbox as the platform spells them.") from None
    # The name is not sanitised: were it left to the author, two spellings would be two assets.
    return Asset(name=uri, uri=uri)


def dataset_uri(dataset_id: str, *, org_id: str, sandbox: str) -> str:
    """The address of a dataset, by which tasks, assets and lineage mean the same one."""
    return "/".join(dataset_name(dataset_id, org_id=org_id, sandbox=sandbox))


def dataset_name(dataset_id: str, *, org_id: str, sandbox: str) -> tuple[str, str]:
    """The namespace and the name of a dataset in OpenLineage: the two parts of its address."""
    return f"aep://{org_id}/{sandbox}", f"datasets/{dataset_id}"


def sanitize_uri(uri: SplitResult) -> SplitResult:
    """The address as it is, if it is that of a dataset.

    :raises ValueError: it is not.
    """
    if not _ORG.fullmatch(uri.netloc) or not _PATH.fullmatch(uri.path.rstrip("/")) or uri.query or uri.fragment:
        raise ValueError(f"{uri.geturl()!r} is not the address of a dataset, {_FORM}.")
    return uri


def openlineage_dataset(asset: Asset, lineage_context: Any) -> Dataset:
    """The dataset of an asset in OpenLineage.

    :param lineage_context: the hook or operator that touched it; says nothing that the address does not.
    """
    from openlineage.client.event_v2 import Dataset

    uri = urlsplit(asset.uri)
    _, sandbox, _, dataset_id = uri.path.split("/")
    namespace, name = dataset_name(dataset_id, org_id=uri.netloc, sandbox=sandbox)
    return Dataset(namespace=namespace, name=name)
