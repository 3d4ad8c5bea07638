"""Specs with one thing wrong each: the rule that finds it, the text, and what is said of it.

In the text the arrow stands before the place that is named.
"""

from typing import NamedTuple

ARROW = "▶"
PROFILE = "https://ns.adobe.com/xdm/context/profile"

SALESFORCE = f"""\
apiVersion: aep/v1
kind: Dataflow
name: Accounts
connector: salesforce
base_connection:
  name: Salesforce
  auth_spec_name: Basic Authentication
  auth_params: {{environmentUrl: acme.my.salesforce.com}}
  credentials_conn_id: salesforce_crm
source:
  table: Accounts
schema:
  title: Accounts
  schema_class: {PROFILE}
  field_groups: [{PROFILE}-person-details]
dataset: {{name: Accounts}}
mappings:
  person.name.firstName: first_name
  _acme.tier: {{expression: upper(tier)}}
delta_column: {{name: LastModifiedDate, dateFormat: "yyyy-MM-dd HH:mm:ss"}}
schedule: {{frequency: hour, interval: 1}}
"""
S3 = """\
name: Orders
connector: amazon-s3
base_connection: Bucket
schema: Orders
source:
  data_format: delimited
  path: /exports/orders
  params: {type: folder}
mappings:
  - {sourceType: ATTRIBUTE, source: id, destination: _acme.order.id}
  - {sourceType: ATTRIBUTE, source: total, destination: _acme.order.total}
schedule: {frequency: once}
options: {errorDiagnosticsEnabled: true}
"""
KINESIS = """\
name: Events
connector: amazon-kinesis
base_connection: Kinesis
schema: Events
source:
  params: {stream: events, dataType: raw, reset: latest}
mappings:
  person.name.firstName: firstName
"""
TWO = S3 + "---\n" + S3.replace("name: Orders", "name: Refunds").replace("schema: Orders", "schema: Refunds")
ACCOUNT = "kind: BaseConnection\nname: Bucket\nconnector: s3\nauth_spec_name: Access Key\ncredentials_conn_id: b\n"


class Bad(NamedTuple):
    code: str
    base: str
    good: str
    bad: str
    says: str
    where: tuple[int, int] | None = None

    def at(self, line, column):
        """The same, with a place that the text has no room to mark."""
        return self._replace(where=(line, column))

    @property
    def text(self):
        return self.marked.replace(ARROW, "")

    @property
    def marked(self):
        assert self.base.count(self.good) == 1, self.good
        return self.base.replace(self.good, self.bad)

    @property
    def place(self):
        """Line and column from 1: of the arrow."""
        if self.where:
            return self.where
        before = self.marked[: self.marked.index(ARROW)]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    @property
    def is_about_values(self):
        """Whether keys and types are right, and only a value, or a key that stands twice, is wrong."""
        return any(said in self.says for said in ("twice", "blank", "24", "UUID", "transformations", "auth_spec_name"))

    def __str__(self):
        return f"{self.code} {self.says}"


def row_filter(name="and", more="", type_="PQL"):
    value = f"{{nodeType: fnApply, fnName: {name}, params: {more or '[{nodeType: literal}, {nodeType: literal}]'}}}"
    return f"filters: {{type: {type_}, format: pql/json, value: {value}}}"


LONG = "x" * 256
LISTED = "columns: [{name: b, type: string}, {name: x y, type: string}]"
COLUMNS = SALESFORCE.replace("table: Accounts", f"table: Accounts\n  {LISTED}")
COLUMNS = COLUMNS.replace("first_name\n", "b.c\n  a: b\n  d: ${x y}\n  e: x\\ y\n")
DYNAMICS = SALESFORCE.replace("connector: salesforce", "connector: dynamics").replace(
    "Basic Authentication", "Basic Authentication for Dynamics-Online"
)
DELTA = 'delta_column: {name: LastModifiedDate, dateFormat: "yyyy-MM-dd HH:mm:ss"}\n'
MAPPINGS = S3[S3.index("mappings:") : S3.index("schedule:")]
FILLED_AGAIN = "- ▶{sourceType: ATTRIBUTE, source: total, destination: _acme.order.id}"
ENCRYPTION = "transformations: [{name: Encryption, ▶params: {}}]"
BAD = [
    Bad("D001", S3, "name: Orders", "name: Orders▶: x", "is not YAML: mapping values are not allowed"),
    Bad("D001", S3, "name: Orders", "name: ▶!vault orders", "has the tag '!vault'"),
    Bad("D001", S3, "{type: folder}", "▶&a {type: folder, more: *a}", "contains itself"),
    Bad("D001", S3, "{type: folder}", "{▶[a, b]: folder}", "is a key that is no text"),
    Bad("D001", S3, "{type: folder}", "{<<: ▶folder}", "is merged by <<, and is no object"),
    Bad("D002", S3, "connector: amazon-s3", "connector: amazon-s3\n▶connector: sftp", "'connector' stands twice"),
    Bad("D002", SALESFORCE, "  table:", "  ▶tabel: x\n  table:", "source.tabel is not a key that is known here"),
    Bad("D002", S3, "{frequency: once}", "{frequency: once, ▶file: x}", "schedule.file is not a key"),
    Bad("D002", S3, "options:", "▶line: 5\noptions:", "line is not a key"),
    Bad("D002", S3, "options:", "policy: {▶max_failed_rows: 5}\noptions:", "(the nearest names are max_failed_"),
    Bad("D003", SALESFORCE, "aep/v1", "▶aep/v2", "apiVersion is 'aep/v2'; it is 'aep/v1'."),
    Bad("D003", SALESFORCE, "Dataflow", "▶dataflow", "it is Dataflow or BaseConnection (the nearest name is Dataflow)"),
    Bad("D004", S3, "name: Orders\nconnector: amazon-s3\n", "▶connector: amazon-s3\n", "name is missing."),
    Bad("D004", S3, "path: /exports/orders", "path: ▶[/exports/orders]", "source.path is a list; it is a text."),
    Bad("D004", S3, "name: Orders\n", "name:▶\n", "name is empty; it is a text."),
    Bad("D004", S3, "{frequency: once}", "{frequency: once}\nprotect: ▶maybe", "is a text; it is true or false."),
    Bad("D004", S3, "{frequency: once}", "{frequency: once}\nstate: ▶paused", "state is 'paused'; it is 'enabled', "),
    Bad("D004", S3, "{frequency: once}", "{frequency: once}\ntarget: {schema_version: ▶v2}", "it is a whole number."),
    Bad("D004", S3, "{frequency: once}", "{frequency: once}\ntransformations: [▶{kind: x}]", "transformations[0] is"),
    Bad("D004", S3, "{frequency: once}", "{frequency: once}\nsandboxes: ▶[dev]", "sandboxes is no object"),
    Bad("D004", S3, "{frequency: once}", "{frequency: once}\nsandboxes: {dev: ▶5}", "sandboxes.dev is no object"),
    Bad("D004", S3, "name: Orders", "name: ▶' Orders'", "name begins or ends with a blank"),
    Bad("D004", S3, "schema: Orders", "schema: Orders\ndataset: {id: ▶abc}", "dataset.id is 'abc', which is not 24"),
    Bad("D004", S3, "schema: Orders", "schema: Orders\nid: ▶abc", "id is 'abc', which is not a UUID"),
    Bad("D004", KINESIS, ": firstName", ": ▶{}", "says what fills the field by exactly one of source, expression"),
    Bad("D004", ACCOUNT, "auth_spec_name: Access Key\n", "", "auth_spec_name is missing").at(1, 1),
    Bad("D010", SALESFORCE, "{environmentUrl", "{password: ▶hunter2, environmentUrl", "password looks like a secret:"),
    Bad("D010", S3, "{type: folder}", "{type: folder, more: [{url: ▶https://x/?sig=abc}]}", "source.params.more[0].ur"),
    Bad("D010", ACCOUNT, "credentials_conn_id: b", "auth_params: {s3AccessKey: ▶abc}", "auth_params.s3AccessKey looks"),
    Bad("D011", TWO, "name: Refunds", "name: ▶Orders", "name 'Orders' stands also in spec.yaml, line 1."),
    Bad(
        "D012",
        TWO,
        "schema: Refunds",
        "schema: Refunds\n▶dataset: Orders",
        "dataset.schema is another one for dataset 'Orders' in",
    ),
    Bad("D013", S3, "{frequency: once}", "{frequency: once}\nsandboxes: {dev: {schedule: {▶every: 5}}}", "schedule.ev"),
    Bad("D013", S3, "{frequency: once}", "{frequency: once}\nsandboxes: {dev: {▶kind: Dataflow}}", "no overlay says i"),
    Bad("D101", S3, "amazon-s3", "▶amazon-s4", "connector is not known. Unknown connector 'amazon-s4' (the nearest"),
    Bad("D102", SALESFORCE, "Basic Authentication", "▶OAuth9", "is 'OAuth9'; published of this source are"),
    Bad("D103", S3, "amazon-s3\nbase_connection: B", "data-landing-zone\nbase_connection: ▶B", "must be left out"),
    Bad("D103", S3, "name: Orders\nconnector: amazon-s3\nbase_connection: Bucket", "▶name: Orders\nconnector: s3", "i"),
    Bad("D201", SALESFORCE, "source:\n  table: Accounts\n", "▶source:\n  name: Accounts\n", "source.table must be"),
    Bad("D201", SALESFORCE, "table: Accounts", "table: Accounts\n  columns: ▶[]", "source.columns must list the colum"),
    Bad(
        "D201",
        S3,
        "source:\n  data_format: delimited\n  path: /exports/orders\n",
        "▶source:\n  data_format: json\n",
        "",
    ),
    Bad("D202", S3, "delimited", "▶csv", "source.data_format is 'csv'; a file source has one of delimited, json,"),
    Bad("D203", S3, "{type: folder}", "{type: folder, columnDelimiter: ▶tab}", "is 'tab'; the delimiter is exactly on"),
    Bad("D204", S3, "{type: folder}", "{▶filters: {type: PQL}}", "Amazon S3 filters no rows; google-bigquery, "),
    Bad("D204", SALESFORCE, "table: Accounts", "table: Accounts\n  params: {filters: ▶a > 5}", "is no object with typ"),
    Bad("D204", SALESFORCE, "table: Accounts", f"table: Accounts\n  params: {{{row_filter(type_='▶SQL')}}}", "it is '"),
    Bad(
        "D204",
        SALESFORCE,
        "table: Accounts",
        f"table: Accounts\n  params: {{{row_filter('not', '▶[{fnName: eq}, {fnName: eq}]')}}}",
        "holds 2 comparisons; a 'not' has one",
    ),
    Bad("D205", S3, "/exports/orders", "▶/exports/a|b", "has '|' in 'a|b', which no file name can have"),
    Bad("D205", S3, "path: /exports/orders", f"path: ▶/exports/{LONG}", "a file name has at most 255"),
    Bad("D301", SALESFORCE, f"schema_class: {PROFILE}", "schema_class: ▶profile", "schema.schema_class is 'profile';"),
    Bad("D301", SALESFORCE, f"[{PROFILE}-person-details]", "[▶_xdm.context.person]", "schema.field_groups[0] is"),
    Bad("D301", S3, "schema: Orders", "schema: {id: ▶_acme.schemas.abc}", "use the $id, https://ns.adobe.com/acme/"),
    Bad("D302", SALESFORCE, "{name: Accounts}", "{name: Accounts, enable_profile: ▶true}", "has no IdentityMap"),
    Bad("D401", S3, "- {sourceType: ATTRIBUTE, source: total, destination: _acme.order.total}", FILLED_AGAIN, "mor"),
    Bad("D402", S3, "sourceType: ATTRIBUTE, source: total", "sourceType: ▶SQL, source: total", "it is one of ATTRIBUT"),
    Bad("D403", SALESFORCE, "upper(tier)", f"▶upper({'x' * 4096})", "_acme.tier.expression has 4103 characters"),
    Bad("D403", S3, "ATTRIBUTE, source: total", f"EXPRESSION, source: ▶{'x' * 4097}", "mappings[1].source has 4097"),
    Bad("D404", KINESIS, ": firstName", ": ▶first name", "is 'first name', with special characters that are not escap"),
    Bad("D405", S3, MAPPINGS, "", "mappings is missing: a batch dataflow maps its source").at(1, 1),
    Bad("D406", COLUMNS, "a: b", "a: ▶c", "mappings.a is 'c', which is not among the declared columns"),
    Bad("D407", SALESFORCE, "mappings:", "mappings:\n  ▶acme.name: name", "begins with 'acme'; the namespace of the"),
    Bad("D501", S3, "schedule: {frequency: once}\n", "", "schedule is missing: a batch dataflow has a schedu").at(1, 1),
    Bad("D502", SALESFORCE, "frequency: hour", "frequency: ▶hourly", "schedule.frequency is 'hourly'; it is one of on"),
    Bad("D503", S3, "{frequency: once}", "{frequency: once, interval: ▶1}", "schedule.interval must be left out"),
    Bad("D503", S3, "{frequency: once}", "{frequency: once, backfill: ▶true}", "schedule.backfill must be left out"),
    Bad("D504", SALESFORCE, "schedule: {frequency: hour, interval: 1}", "▶schedule: {frequency: hour}", "is None"),
    Bad("D504", SALESFORCE, "interval: 1", "interval: ▶1.5", ""),
    Bad("D504", SALESFORCE, "hour, interval: 1", "minute, interval: ▶5", "schedule.interval is 5; with frequency 'min"),
    Bad("D505", S3, "{frequency: once}", "{frequency: once, start_time: ▶2040-01-31T06:00:00}", "a time without an of"),
    Bad("D505", S3, "{frequency: once}", "{frequency: once, start_time: ▶2040-01-31}", "a time without an offset"),
    Bad("D505", S3, "{frequency: once}", "{frequency: once, start_time: ▶2210000000000}", "looks like milliseconds"),
    Bad("D505", S3, "{frequency: once}", "{frequency: once, start_time: ▶2020-01-31T06:00:00Z}", "which has passed"),
    Bad("D506", KINESIS, "mappings:", "schedule: ▶{frequency: once}\nmappings:", "a streaming dataflow has no schedul"),
    Bad("D506", KINESIS, "mappings:", "delta_column: ▶{name: x}\nmappings:", "a streaming dataflow has none"),
    Bad("D506", KINESIS, "mappings:", "options: {▶partialIngestionPercent: 5}\nmappings:", "for batch dataflows only"),
    Bad("D507", SALESFORCE, DELTA, "", "delta_column is missing: a scheduled table dataflow needs one").at(1, 1),
    Bad("D507", SALESFORCE, "{frequency: hour, interval: 1}", "{frequency: once}", "has none").at(20, 15),
    Bad("D507", SALESFORCE, '"yyyy-MM-dd HH:mm:ss"', "▶YYYY-MM-DD", "write yyyy-MM-dd HH:mm:ss"),
    Bad("D507", DYNAMICS, '"yyyy-MM-dd HH:mm:ss"', '▶"yyyy-MM-dd HH:mm:ss"', "Dynamics writes yyyy-MM-ddTHH:mm:ssZ"),
    Bad("D508", S3, "{errorDiagnosticsEnabled: true}", "{partialIngestionPercent: ▶0}", "it is a number above 0"),
    Bad("D508", S3, "{errorDiagnosticsEnabled: true}", "{partialIngestionPercent: ▶five}", "it is a number from 0 up"),
    Bad("D508", S3, "{errorDiagnosticsEnabled: true}", "{▶errorDiagnostics: true}", "not among the options that are p"),
    Bad("D509", S3, "options:", "▶etag: abc\noptions:", "etag is what the platform says of a live one"),
    Bad("D509", S3, "  data_format:", "  ▶state: enabled\n  data_format:", "source.state is what the platform says"),
    Bad("D509", KINESIS, "mappings:", "options: {▶inletUrl: x}\nmappings:", "options.inletUrl is what the platform sa"),
    Bad("D510", S3, "{frequency: once}", f"{{frequency: once}}\n{ENCRYPTION}", "publicKeyId is missing: encrypted fil"),
]
