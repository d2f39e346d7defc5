"""RenderedTaskInstanceFields: the table of rendered templates, which nothing keeps here."""

from __future__ import annotations

from typing import Any

from airflow.models._database import DatabaseModel

__all__ = ["RenderedTaskInstanceFields", "get_serialized_template_fields"]


def get_serialized_template_fields(task: Any) -> dict[str, Any]:
    """Return the templated fields of a task as they are now, as JSON values."""
    from airflow.serialization.helpers import serialize_template_field

    return {
        name: serialize_template_field(getattr(task, name), name) for name in task.template_fields
    }


class RenderedTaskInstanceFields(DatabaseModel):
    """A row of the table. Operators replace theirs while they run; that has no effect."""

    is_kept = False

    def __init__(
        self, ti: Any, render_templates: bool = True, rendered_fields: dict[str, Any] | None = None
    ) -> None:
        if render_templates:
            ti.render_templates()
        super().__init__(
            dag_id=ti.dag_id,
            task_id=ti.task_id,
            run_id=ti.run_id,
            map_index=ti.map_index,
            ti=ti,
            task=ti.task,
            rendered_fields=rendered_fields or get_serialized_template_fields(ti.task),
        )
