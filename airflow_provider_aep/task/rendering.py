"""What becomes of a text in a template field: without Jinja it stays as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2
    from airflow.sdk import BaseOperator, Context

    _Task = BaseOperator
else:
    # Were the mixin a task class, Airflow would give it an `__init__` that skips that of `BaseSensorOperator`.
    _Task = object


class KeepTextMixin(_Task):
    """The first base of a task class, before Airflow's: texts in its template fields stay texts in every DAG.

    In a DAG with ``render_template_as_native_obj=True`` Airflow makes a Python value of every text that reads as one,
    with Jinja or without: of the title "20231023" the number, of the id "123456789012345678901e23" another number. Here

    - a text without Jinja is not rendered, at any depth;
    - a number that was read from a rendered text is that text again;
    - a number that Jinja yields for an argument of type `str` is its text, as it is without native rendering.

    All else is Airflow's: XComArgs, and dicts, lists, numbers, booleans and None that Jinja yields.

    https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/operators.html#rendering-fields-as-native-python-objects
    """

    def render_template(
        self,
        content: Any,
        context: Context,
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """Airflow's rendering, which comes here for every text at every depth of a template field."""
        if isinstance(content, str) and not content.endswith(tuple(self.template_ext)):
            jinja_env = jinja_env or self.get_template_env()
            if not _has_jinja(content, jinja_env):
                return content
        return super().render_template(content, context, jinja_env, seen_oids)

    def _render(self, template: jinja2.Template, context: Context, dag: Any = None) -> Any:
        """Airflow's rendering of one template. A number does not tell how it was written: "2023_10" is 202310, too."""
        parts: list[Any] = []
        generate = template.root_render_func

        def generate_and_keep(jinja_context: Any) -> Iterator[Any]:
            for part in generate(jinja_context):
                parts.append(part)
                yield part

        template.root_render_func = generate_and_keep
        try:
            rendered = super()._render(template, context, dag)
        finally:
            template.root_render_func = generate
        is_expression = len(parts) == 1 and not isinstance(parts[0], str)
        return "".join(map(str, parts)) if _is_number(rendered) and not is_expression else rendered

    def _do_render_template_fields(
        self, parent: Any, template_fields: Iterable[str], context: Context, jinja_env: Any, seen_oids: set[int]
    ) -> None:
        """Airflow's rendering of the fields of a task, or of an object within one of them."""
        template_fields = tuple(template_fields)
        texts = _text_arguments(type(self)) if parent is self else set()
        templates = [name for name in texts.intersection(template_fields) if isinstance(getattr(self, name), str)]
        super()._do_render_template_fields(parent, template_fields, context, jinja_env, seen_oids)
        for name in templates:
            if _is_number(getattr(self, name)):
                setattr(self, name, str(getattr(self, name)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | complex) and not isinstance(value, bool)


def _has_jinja(text: str, jinja_env: jinja2.Environment) -> bool:
    """Whether a text has one of the markers of the DAG's Jinja environment, by default ``{{``, ``{%`` and ``{#``."""
    markers = (
        jinja_env.variable_start_string,
        jinja_env.block_start_string,
        jinja_env.comment_start_string,
        jinja_env.line_statement_prefix,
        jinja_env.line_comment_prefix,
    )
    return any(marker in text for marker in markers if marker)


def _text_arguments(task_class: type) -> set[str]:
    """The arguments that a task class, or one it extends, declares as `str` or `str | None`."""
    return {
        name
        for each in task_class.__mro__
        for name, declared in getattr(vars(each).get("__init__"), "__annotations__", {}).items()
        if declared in ("str", "str | None")
    }
