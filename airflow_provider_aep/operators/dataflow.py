"""Operators that make the platform equal to spec files of dataflows, and a task group that shows a spec as its steps.

What a spec says, and what each change does to the data, is in the provider's documentation, "Dataflows as code".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from airflow_provider_aep.exceptions import AepConfigError, AepConflictError
from airflow_provider_aep.links import FLOW_URL_KEY, AepDataflowLink, dataflow_url
from airflow_provider_aep.operators.base import AepOperator
from airflow_provider_aep.operators.connections import source_credentials
from airflow_provider_aep.operators.dataflow_group import aep_dataflow
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.xcom import push
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.dataflow.plan import Plan
    from airflow_provider_aep.dataflow.report import Report
    from airflow_provider_aep.dataflow.spec import DataflowSpec
    from airflow_provider_aep.reconcile.resource_type import IfExists

__all__ = ["AepApplyDataflowOperator", "AepApplyDataflowsOperator", "AepDestroyDataflowOperator", "aep_dataflow"]

Mode = Literal["apply", "plan", "check"]
_FLAGS: Final = ("allow_destroy", "rotate_credentials")
_APPLY_FIELDS: Final = ("mode", "allow_replace", *_FLAGS, "expect", "on_failure", "if_exists", *COMMON_FIELDS)


class AepApplyOperatorBase(AepOperator):
    """What the operators for one dataflow and for several share.

    With ``mode="plan"`` nothing is written, and the plan as JSON is returned; XCom key ``plan`` is the same as text, as
    in the log, and ``plan_markdown`` is that text for a page that shows Markdown, such as the one of an
    `ApprovalOperator`. XCom keys of all modes: ``has_changes`` and ``fingerprint``. Outlets get the plan or the report
    as the extra of their events.

    :param mode: ``apply``; ``plan``; or ``check``, which fails for good if the plan is not empty.
    :param allow_replace: what becomes of the data of a dataflow that the platform cannot change: ``reload`` reads
        everything again, ``continue`` begins now; by default it is refused.
    :param allow_destroy: delete the dataflow if its spec says ``state: absent``.
    :param expect: the fingerprint of the plan that was approved; any other is refused.
    :param rotate_credentials: send the source's secrets again, though they are not known to have changed.
    :param on_failure: ``keep`` what was made for the next try, or ``rollback``.
    :param if_exists: ``update``, or ``reuse``, which makes every difference an error.
    """

    def __init__(
        self,
        *,
        mode: Mode = "apply",
        allow_replace: Literal[False, "reload", "continue"] = False,
        allow_destroy: bool = False,
        expect: str | None = None,
        rotate_credentials: bool = False,
        on_failure: Literal["keep", "rollback"] = "keep",
        if_exists: IfExists = "update",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.mode = mode
        self.allow_replace = allow_replace
        self.allow_destroy = allow_destroy
        self.expect = expect
        self.rotate_credentials = rotate_credentials
        self.on_failure = on_failure
        self.if_exists = if_exists

    def apply_specs(self, context: Context, given: Any, concurrency: Any = 8) -> Report | dict[str, Any]:
        """Plan, and do what the mode says. Returns the report of an apply, or else the plan as JSON.

        :param given: paths, folders, globs or dicts.
        """
        # A DAG file that names an operator does not pay for the import of what a task does.
        from airflow_provider_aep.dataflow.apply import apply
        from airflow_provider_aep.dataflow.planner import plan
        from airflow_provider_aep.dataflow.render import as_markdown, render

        arguments = self._arguments(concurrency)
        client = self.hook.get_conn()
        planned = plan(
            client,
            self.specs_for(given, client.sandbox),
            credentials=source_credentials,
            **{key: arguments[key] for key in ("allow_replace", "allow_destroy", "rotate_credentials", "if_exists")},
        )
        text = render(planned)
        self.log.info("%s", text)
        push(context, has_changes=not planned.is_empty, fingerprint=planned.fingerprint)
        if self.mode != "apply":
            push(context, plan=text, plan_markdown=as_markdown(text))
            return self._shown(context, planned, text)
        report = apply(
            client,
            planned,
            credentials=source_credentials,
            progress=lambda outcome: self.log.info("%s: %s", outcome.dataflow, outcome),
            **{key: value for key, value in arguments.items() if key not in ("rotate_credentials", "if_exists")},
        )
        self._tell_outlets(context, report.to_json())
        report.raise_if_failed()
        return report

    def specs_for(self, given: Any, sandbox: str) -> Sequence[DataflowSpec]:
        """What was given, as it is in a sandbox.

        :raises AepConfigError: every problem of every file.
        """
        from airflow_provider_aep.dataflow.lint import load_checked

        return load_checked(given, sandbox=sandbox).dataflows

    def _arguments(self, concurrency: Any) -> dict[str, Any]:
        """The arguments of an apply, after rendering: templates deliver text."""
        problems = Problems(f"task {self.task_id!r}", "used")
        if self.mode not in get_args(Mode):
            problems.add("mode", f"is {self.mode!r}; it is one of {', '.join(get_args(Mode))}")
        flags = {flag: problems.flag(flag, getattr(self, flag)) for flag in _FLAGS}
        number = problems.number("max_concurrency", concurrency)
        problems.raise_if_any()
        allow_replace = False if str(self.allow_replace) in ("False", "false", "None", "") else self.allow_replace
        return {
            **flags,
            "allow_replace": allow_replace,
            "expect": self.expect or None,
            "on_failure": self.on_failure,
            "if_exists": self.if_exists,
            "concurrency": int(number),
        }

    def _shown(self, context: Context, planned: Plan, text: str) -> dict[str, Any]:
        """The plan as JSON, which outlets get as well; to check it is to demand that it is empty."""
        if self.mode == "check" and not planned.is_empty:
            raise AepConflictError(f"The platform is not as the files say:\n{text}", status=409)
        document = planned.to_json()
        self._tell_outlets(context, document)
        return document

    def _tell_outlets(self, context: Context, extra: dict[str, Any]) -> None:
        events: Any = context.get("outlet_events")
        for outlet in self.outlets if events is not None else ():
            events[outlet].extra = extra


class AepApplyDataflowOperator(AepApplyOperatorBase):
    """Make the platform equal to the spec of one dataflow.

    Returns ``{"ids": {"flow": ..., "dataset": ...}, "changes": {"flow": "updated"}, "fingerprint": ...}``. Further
    arguments and XComs as `AepApplyOperatorBase` has them.

    :param spec: a path (also an ``ObjectStoragePath``) or a dict.
    """

    template_fields: Sequence[str] = ("spec", *_APPLY_FIELDS)
    operator_extra_links = (AepDataflowLink(),)

    def __init__(self, *, spec: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def run(self, context: Context) -> dict[str, Any]:
        report = self.apply_specs(context, self.spec)
        if isinstance(report, Mapping):
            return dict(report)
        ((name, ids),) = report.ids.items()
        client = self.hook.get_conn()
        if "flow" in ids:
            push(context, **{FLOW_URL_KEY: dataflow_url(client.org_id, client.sandbox, ids["flow"])})
        changes = {address.removeprefix(f"{name}/"): done for address, done in report.changes().items()}
        return {"ids": ids, "changes": changes, "fingerprint": report.fingerprint}

    def specs_for(self, given: Any, sandbox: str) -> Sequence[DataflowSpec]:
        return only_one(super().specs_for(given, sandbox), type(self).__name__)


class AepApplyDataflowsOperator(AepApplyOperatorBase):
    """Make the platform equal to the specs of many dataflows at once.

    Returns ``{"ids": {name: {"flow": ...}}, "changes": {"name/flow": "updated"}, "fingerprint": ...}``. Further
    arguments and XComs as `AepApplyOperatorBase` has them. If one fails the others are done, and then the task fails;
    its error is the whole report. Specs with mistakes, or a plan that refuses something, apply nothing.

    :param specs: paths, folders, globs or dicts, one or several.
    :param max_concurrency: how many requests at a time at first; fewer where the platform says that it is too much.
    """

    template_fields: Sequence[str] = ("specs", "max_concurrency", *_APPLY_FIELDS)

    def __init__(self, *, specs: Any, max_concurrency: int | str = 8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.specs = specs
        self.max_concurrency = max_concurrency

    def run(self, context: Context) -> dict[str, Any]:
        report = self.apply_specs(context, self.specs, self.max_concurrency)
        if isinstance(report, Mapping):
            return dict(report)
        return {"ids": report.ids, "changes": report.changes(), "fingerprint": report.fingerprint}


class AepDestroyDataflowOperator(AepOperator):
    """Delete a dataflow, its target connection and its source connection. What is gone already is fine.

    Data that has landed stays, as far as Adobe documents. Returns what became of each part, such as ``{"flow":
    "deleted", "dataset": "left"}``; the log says why something is left.

    :param spec: a path (also an ``ObjectStoragePath``) or a dict.
    :param include: what else goes, if nothing else uses it: ``base_connection``, and ``dataset`` with all of its data.
    """

    template_fields: Sequence[str] = ("spec", "include", *COMMON_FIELDS)

    def __init__(self, *, spec: Any, include: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        self.include = include

    def run(self, context: Context) -> dict[str, str]:
        from airflow_provider_aep.dataflow.destroy import destroy
        from airflow_provider_aep.dataflow.lint import load_checked

        client = self.hook.get_conn()
        specs = only_one(load_checked(self.spec, sandbox=client.sandbox).dataflows, type(self).__name__)
        report = destroy(client, specs, include=self.include)
        self.log.info("%s", report)
        report.raise_if_failed()
        return {outcome.step: outcome.done for outcome in report.outcomes}


def only_one(specs: Sequence[DataflowSpec], where: str) -> Sequence[DataflowSpec]:
    """:raises AepConfigError: there is none, or more than one."""
    if len(specs) != 1:
        names = ", ".join(repr(spec.name) for spec in specs)
        raise AepConfigError(f"spec is of {len(specs)} dataflows ({names or 'none'}), and {where} takes one.")
    return specs
