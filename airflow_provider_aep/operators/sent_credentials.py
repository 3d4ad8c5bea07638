"""What a task remembers of the secrets that it sent: the platform shows none, so nothing else tells of a change.

The XCom ``credentials_sent`` holds the etag that the base connection got when they were sent, and a keyed digest of
them. The key is the client secret of the AEP connection, so the digest tells whoever reads it nothing but whether two
are the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from airflow_provider_aep.task.xcom import pushed_earlier

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.models.base_connection import BaseConnection

XCOM_KEY = "credentials_sent"


def digest_of(declared: BaseConnection, aep_conn_id: str) -> str | None:
    """A digest of the declared auth parameters; None if the AEP connection has no client secret to key it with."""
    key = BaseHook.get_connection(aep_conn_id).password
    if not key or not declared.auth:
        return None
    text = json.dumps(declared.auth.params, sort_keys=True, default=str)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def etags_after_sending(context: Context, digest: str | None) -> frozenset[str]:
    """The etags that the base connection got when this task sent these very secrets, in this or earlier DAG runs."""
    sent = [one for one in pushed_earlier(context, XCOM_KEY) if isinstance(one, Mapping)]
    return frozenset(str(one.get("etag")) for one in sent if digest is not None and one.get("digest") == digest)


def to_remember(digest: str | None, etag: str | None) -> dict[str, Any] | None:
    """The XCom of secrets that have just been sent."""
    return {"etag": etag, "digest": digest} if digest and etag else None
