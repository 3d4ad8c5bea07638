"""api/export.py: the diagnostics of a batch."""

import pytest

from airflow_provider_aep.api.export import get_row_error_samples, meta_path
from airflow_provider_aep.exceptions import AepConfigError

BATCH_ID = "01EF01X41KJD82Y9ZX6ET54PCZ"


def test_where_the_diagnostics_of_a_batch_are():
    assert meta_path(BATCH_ID) == "/data/foundation/export/batches/01EF01X41KJD82Y9ZX6ET54PCZ/meta"


def test_get_sample_rows():
    call = get_row_error_samples(BATCH_ID)
    assert (call.method, call.path) == ("GET", meta_path(BATCH_ID))
    assert call.params == {"path": "row_error_samples.json"}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ('{"a": 1}', [{"a": 1}]),
        ('{"a": 1}\r\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ('{"a": "one\u2028row"}\n', [{"a": "one\u2028row"}]),
    ],
)
def test_every_line_is_a_row(text, rows):
    assert get_row_error_samples(BATCH_ID).decode(text) == rows


def test_the_id_of_a_batch_is_checked():
    with pytest.raises(AepConfigError, match="batch_id is 'b1', which is not 26 letters and digits, or a UUID"):
        meta_path("b1")
