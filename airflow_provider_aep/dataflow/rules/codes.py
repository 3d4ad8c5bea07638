"""Every rule of lint: its code, what it says, and what happens without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from airflow_provider_aep.dataflow.documents import Steps


@dataclass(frozen=True)
class Problem:
    """What one rule has to say of one spec.

    :param steps: the way to the value that is wrong.
    :param text: the rest of the sentence that the way to the value begins.
    :param at_key: whether the key is what is wrong, and not the value.
    """

    code: str
    steps: Steps
    text: str
    is_warning: bool = False
    at_key: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule.

    :param says: what is wrong, for people.
    :param instead: what the platform answers, or does, if nobody looks before.
    """

    code: str
    says: str
    instead: str = ""
    severity: Literal["error", "warning", "either"] = "error"


RULES: Final = (
    Rule("D001", "a file that cannot be read: no YAML, no JSON, tags, nested too deeply"),
    Rule("D002", "a key that stands twice, or that is not known; the nearest names are said"),
    Rule("D003", "an unknown `apiVersion` or `kind`"),
    Rule("D004", "a value of the wrong type or form, or a missing one; a file that declares nothing"),
    Rule("D010", "a literal that looks like a secret in `auth_params` or `source.params`", "the secret stands in git"),
    Rule("D011", "the name of a dataflow twice", "two dataflows where one is meant"),
    Rule("D012", "one account, schema or dataset declared in two ways", "each apply changes it back"),
    Rule("D013", "a sandbox that `sandboxes` does not list; a key that an overlay cannot have"),
    Rule("D101", "an unknown connector", "1413-400"),
    Rule(
        "D102", "an auth spec that is not among those published; the list need not be complete", "1415-400", "warning"
    ),
    Rule("D103", "a Data Landing Zone with a base connection; any other source without", "1332-400, 1320-400"),
    Rule("D201", "a table source without `table`, a file source without `path`, empty `columns`", "1329-400, 1330-400"),
    Rule("D202", "a data format that sources of this category do not have", "1327-400"),
    Rule("D203", "a column delimiter that is not one character", "1331-400"),
    Rule(
        "D204",
        "a row filter that the source does not take, is no PQL, or whose `not` has several comparisons",
        "1353-400, 1355-400, 1356-400, 1390-400",
    ),
    Rule("D205", "a name in a path with a reserved character, or longer than 255", "a run fails", "warning"),
    Rule("D301", "a class, field group or schema that is not named by its `$id`", "a refused schema, 1425-400"),
    Rule(
        "D302",
        "`enable_profile` of a declared schema that can have no primary identity yet",
        "XDM-1528-400",
        "warning",
    ),
    Rule("D401", "a destination that is filled twice", "one mapping overwrites the other"),
    Rule("D402", "an unknown type of mapping", "a mapping set that nobody can edit"),
    Rule("D403", "an expression of more than 4,096 characters", "Data Prep refuses it"),
    Rule("D404", "special characters in the name of an attribute that are not escaped", "an empty field", "warning"),
    Rule("D405", "a batch dataflow without mappings", "1370-400"),
    Rule("D406", "a mapped attribute that is not among the declared `columns`", "1419-400, an empty field"),
    Rule("D407", "a destination in the tenant's namespace without its underscore", "1419-400"),
    Rule("D501", "a batch dataflow without a schedule", "1317-400"),
    Rule("D502", "an unknown frequency", "1397-400"),
    Rule("D503", "interval or backfill of a dataflow that runs once", "1361-400, 1364-400"),
    Rule("D504", "an interval that is missing, not whole, or less than the least one", "1359-400, 1362-400, 1363-400"),
    Rule(
        "D505",
        "a start time without an offset or in milliseconds; one in the past, which only new dataflows mind (warning)",
        "1340-400, 1360-400",
        "either",
    ),
    Rule("D506", "a schedule or delta column of a stream; partial ingestion of one (warning)", "1318-400", "either"),
    Rule(
        "D507",
        "a scheduled table without a delta column, a delta column of a dataflow that runs once, a date format that "
        "means something else; one that this source does not write (warning)",
        "1367-400, 1369-400, empty windows",
        "either",
    ),
    Rule("D508", "`partialIngestionPercent` that is not above 0; an unknown option (warning)", "1318-400", "either"),
    Rule("D509", "what only the platform says: etags, ids, times, copied from a GET", "1410-400, 1368-400"),
    Rule("D510", "encryption without the id of a key", "1202-400, 1309-400"),
)
"""All rules by code. ``docs/dataflow-files.md`` shows them."""
