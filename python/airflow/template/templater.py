"""Rendering of the templated fields of an operator with Jinja2."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.models.taskmixin import DependencyMixin
from airflow.utils.context import Context
from airflow.utils.mixins import ResolveMixin

if TYPE_CHECKING:
    import jinja2

    from airflow.models.dag import DAG


class Templater:
    """Renders `template_fields`: strings as templates, the names of template files by content.

    Rendering never changes the values that a field holds; it builds new ones, because the same
    operator is rendered again for the next attempt.
    """

    template_fields: Collection[str] = ()
    template_ext: Sequence[str] = ()

    def get_template_env(self, dag: DAG | None = None) -> jinja2.Environment:
        """Return the Jinja2 environment of `dag`, or a plain one."""
        from airflow.template.environment import create_environment

        return dag.get_template_env() if dag is not None else create_environment()

    def render_template(
        self,
        content: Any,
        context: Mapping[str, Any],
        jinja_env: jinja2.Environment | None = None,
    ) -> Any:
        """Return `content` rendered; containers and objects with templates are gone through."""
        if isinstance(content, str):
            return self._render_text(content, context, jinja_env)
        if isinstance(content, ResolveMixin):
            return content.resolve(context)
        if isinstance(content, tuple):
            items = [self.render_template(item, context, jinja_env) for item in content]
            return tuple(items) if type(content) is tuple else type(content)(*items)
        if isinstance(content, list):
            return [self.render_template(item, context, jinja_env) for item in content]
        if isinstance(content, dict):
            return {k: self.render_template(v, context, jinja_env) for k, v in content.items()}
        if isinstance(content, set):
            return {self.render_template(item, context, jinja_env) for item in content}
        if type(content).__name__ == "ObjectStoragePath":
            address = self.render_template(str(content), context, jinja_env)
            return type(content)(address, conn_id=content.conn_id)
        return self._render_copy(content, context, jinja_env)

    def _render_text(
        self, text: str, context: Mapping[str, Any], jinja_env: jinja2.Environment | None
    ) -> Any:
        jinja_env = jinja_env or self.get_template_env()
        if self.template_ext and text.endswith(tuple(self.template_ext)):
            template = jinja_env.get_template(text)
        else:
            template = jinja_env.from_string(text)
        return template.render(context.uncomputed if isinstance(context, Context) else context)

    def _render_copy(
        self, content: Any, context: Mapping[str, Any], jinja_env: jinja2.Environment | None
    ) -> Any:
        """Return an object with templates rendered in a copy of it; others as they are."""
        if isinstance(content, (type, DependencyMixin)):
            return content
        if not _has_template_fields(content) and not self._may_know_fields_of(content):
            return content
        rendered = copy.copy(content)
        self._render_nested_template_fields(rendered, context, jinja_env, set())
        return rendered

    def _may_know_fields_of(self, content: Any) -> bool:
        """Tell whether a subclass may name the fields of an object that does not do so itself."""
        knows_more = type(self)._render_nested_template_fields is not _RENDER_NESTED
        return knows_more and hasattr(content, "__dict__") and not callable(content)

    def _render_nested_template_fields(
        self, value: Any, context: Any, jinja_env: Any, seen_oids: set[int]
    ) -> None:
        """Render the templates in an object that a field holds, in place.

        Operators of provider packages override this for objects of classes that are not theirs,
        name the fields of these, and leave the others to this method.
        """
        if _has_template_fields(value):
            self._do_render_template_fields(
                value, value.template_fields, context, jinja_env, seen_oids
            )

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Collection[str],
        context: Any,
        jinja_env: Any,
        seen_oids: set[int],
    ) -> None:
        """Render fields of an object, in place."""
        for field in template_fields:
            value = getattr(parent, field)
            if value:
                setattr(parent, field, self.render_template(value, context, jinja_env))


_RENDER_NESTED = Templater._render_nested_template_fields


def _has_template_fields(value: Any) -> bool:
    return isinstance(getattr(value, "template_fields", None), (list, tuple))
