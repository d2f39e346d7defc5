"""BaseNotifier, the class of callbacks that tell people of the end of a task or DAG run."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.template.templater import Templater
from airflow.utils.log.logging_mixin import LoggingMixin

if TYPE_CHECKING:
    import jinja2

    from airflow.models.dag import DAG


class BaseNotifier(LoggingMixin, Templater):
    """A callback object. Subclasses implement `notify(context)`.

    The fields that `template_fields` names are rendered before `notify` is called. Arguments of
    the constructor should be optional, so that a notifier serves several tasks.
    """

    template_fields: Sequence[str] = ()
    template_ext: Sequence[str] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()

    def render_template_fields(
        self, context: Mapping[str, Any], jinja_env: jinja2.Environment | None = None
    ) -> None:
        """Replace the templated fields by their rendered values."""
        dag = context.get("dag")
        environment = jinja_env or self.get_template_env(dag=dag)
        for field in self.template_fields:
            value = getattr(self, field, None)
            if value:
                setattr(self, field, self.render_template(value, context, environment))

    def get_template_env(self, dag: DAG | None = None) -> jinja2.Environment:
        """Return the Jinja2 environment of `dag`, or a plain one."""
        return super().get_template_env(dag)

    def _update_context(self, context: Mapping[str, Any]) -> Any:
        """Return the context with the fields of the notifier added as variables."""
        from airflow.utils.context import Context
        from airflow.utils.operator_helpers import merge_into_context

        added = {name: getattr(self, name) for name in self.template_fields if hasattr(self, name)}
        if isinstance(context, Context):
            return merge_into_context(context, added)
        return {**context, **added}

    @abstractmethod
    def notify(self, context: Any) -> None:
        """Tell people; for subclasses."""
        raise NotImplementedError

    def __call__(self, *args: Any) -> None:
        # A callback gets the context; that of a missed SLA gets five other arguments.
        if len(args) == 1:
            context: Mapping[str, Any] = args[0]
        else:
            names = ("dag", "task_list", "blocking_task_list", "slas", "blocking_tis")
            context = dict(zip(names, args))
        variables = self._update_context(context)
        original = {name: getattr(self, name, None) for name in self.template_fields}
        self.render_template_fields(variables)
        try:
            self.notify(variables)
        except Exception as error:
            self.log.exception("Failed to send notification: %s", error)
        finally:
            # The same object is called again, for another task or another try.
            for name, value in original.items():
                setattr(self, name, value)


Notifier = Callable[[Any], None]
