"""PythonSensor: waits until a Python function returns something true."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.sensors.base import BaseSensorOperator, PokeReturnValue
from airflow.utils.operator_helpers import determine_kwargs, merge_into_context

if TYPE_CHECKING:
    from airflow.utils.context import Context


class PythonSensor(BaseSensorOperator):
    """Waits until a Python function returns something true, or a done `PokeReturnValue`.

    :param python_callable: the function.
    :param op_args: positional arguments. (templated)
    :param op_kwargs: keyword arguments. (templated)
    :param templates_dict: values that are rendered and passed in the context under
        `templates_dict`. (templated)
    """

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("provide_context", None)
        super().__init__(**kwargs)
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict

    def poke(self, context: Context) -> PokeReturnValue:
        added = {**self.op_kwargs, "templates_dict": self.templates_dict}
        available = merge_into_context(context, added)
        kwargs = determine_kwargs(self.python_callable, self.op_args, available)
        self.log.info("Poking callable: %s", self.python_callable)
        result = self.python_callable(*self.op_args, **kwargs)
        return result if isinstance(result, PokeReturnValue) else PokeReturnValue(bool(result))
