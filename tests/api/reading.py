"""Answers as the client reads them, and calls as the emulator would log them. No network, no mock."""

from pathlib import Path

from openapi.samples import HEADERS, Sample
from pydantic import TypeAdapter

SAMPLES = Path(__file__).parent.parent / "samples"


def sample(name):
    """The text of a documented body."""
    (file,) = SAMPLES.glob(f"{name}.*")
    return file.read_text()


def read(call, text):
    """What `AepClient` makes of a response."""
    return TypeAdapter(call.returns).validate_python(call.unwrap(call.decode(text)))


def as_record(call):
    """The call as a request that was made."""
    headers = {**HEADERS, "accept": call.accept}
    if call.if_match is not None:
        headers["if-match"] = call.if_match
    if not call.sandboxed:
        del headers["x-sandbox-name"]
    query = {key: [value] if isinstance(value, str) else list(value) for key, value in call.params.items()}
    return Sample(call.method, call.path, query, call.body, headers)
