"""dataflow/yaml_writer.py: what is written is read back as it was, and looks as if a person had written it."""

import yaml
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_aep.dataflow.yaml_writer import to_yaml

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
words = (
    "yes No on ~ null 1 1_000 1:30 0x1f 1e3 .5 _ _1 _1.0 .inf = << # {a} [a] a,b &a *a !a | > % @a `a` ' --- ... ? a:"
)
odd_texts = st.sampled_from(
    [*words.split(), "", " ", "- a", "a: b", "a #b", '"', "\\", "2030-01-31", "a\nb", "\t", "\u2028", "\x85", "\ufeff"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | odd_texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | odd_texts, inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(texts | odd_texts, values, min_size=1, max_size=5)


@given(documents)
def test_what_is_written_is_read_back(document):
    assert yaml.safe_load(to_yaml(document)) == document


@given(documents, texts)
def test_a_comment_changes_nothing(document, comment):
    comments = {(key,): comment for key in document}
    assert yaml.safe_load(to_yaml(document, comments)) == document


def test_it_looks_as_if_a_person_had_written_it():
    document = {
        "apiVersion": "aep/v1",
        "name": "S3 orders to AEP",
        "base_connection": {"name": "Orders bucket", "credentials_conn_id": "TODO"},
        "source": {
            "path": "/exports/orders",
            "params": {"type": "folder", "columnDelimiter": ";"},
            "columns": [{"name": "id", "type": "string"}],
        },
        "mappings": {"_acme.order.id": "order_id", "_acme.order.total": {"expression": "to_decimal(total)"}},
        "schedule": {"frequency": "day", "interval": 1, "backfill": True},
        "options": {},
    }
    comments = {
        (): "A dataflow.\nOf two lines.",
        ("base_connection", "credentials_conn_id"): "the connection that holds s3SecretKey",
        ("schedule",): "began 2030-01-31",
    }
    assert (
        to_yaml(document, comments)
        == """\
# A dataflow.
# Of two lines.
apiVersion: aep/v1
name: S3 orders to AEP
base_connection:
  name: Orders bucket
  credentials_conn_id: TODO  # the connection that holds s3SecretKey
source:
  path: /exports/orders
  params: {type: folder, columnDelimiter: ";"}
  columns:
    - {name: id, type: string}
mappings:
  _acme.order.id: order_id
  _acme.order.total: {expression: to_decimal(total)}
schedule: {frequency: day, interval: 1, backfill: true}  # began 2030-01-31
options: {}
"""
    )
