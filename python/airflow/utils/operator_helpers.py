"""What operators need around the call of user code."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.utils.context import Context

DEFAULT_FORMAT_PREFIX = "airflow.ctx."
ENV_VAR_FORMAT_PREFIX = "AIRFLOW_CTX_"
AIRFLOW_VAR_NAME_FORMAT_MAPPING = {
    f"AIRFLOW_CONTEXT_{name.upper()}": {
        "default": DEFAULT_FORMAT_PREFIX + name,
        "env_var_format": ENV_VAR_FORMAT_PREFIX + name.upper(),
    }
    for name in (
        "dag_id",
        "task_id",
        "execution_date",
        "try_number",
        "dag_run_id",
        "dag_owner",
        "dag_email",
    )
}


def context_to_airflow_vars(
    context: Mapping[str, Any], in_env_var_format: bool = False
) -> dict[str, str]:
    """Return what identifies the attempt, as `AIRFLOW_CTX_DAG_ID=...` or `airflow.ctx.dag_id`."""
    ti, task, run = context["ti"], context["task"], context["dag_run"]
    emails = task.email if isinstance(task.email, (list, tuple)) else [task.email or ""]
    values = {
        "dag_owner": task.owner,
        "dag_email": ",".join(emails),
        "dag_id": ti.dag_id,
        "task_id": ti.task_id,
        "execution_date": run.logical_date.isoformat() if run.logical_date else "",
        "try_number": str(ti.try_number),
        "dag_run_id": run.run_id,
    }
    prefix = "AIRFLOW_CTX_" if in_env_var_format else "airflow.ctx."
    return {
        prefix + (name.upper() if in_env_var_format else name): value
        for name, value in values.items()
        if value
    }


def determine_kwargs(
    func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the part of `kwargs` that `func` accepts, when it is also given `args`.

    A function with `**kwargs` accepts all. Those that `args` already fill must not be in `kwargs`.
    """
    parameters = _parameters(func)
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][
        : len(args)
    ]
    filled = {p.name for p in positional}
    clashes = sorted(filled & kwargs.keys())
    if clashes:
        raise ValueError(
            f"The key {clashes[0]!r} in args is a part of kwargs and therefore reserved."
        )
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        unpack = getattr(kwargs, "unpack", None)  # of a Context
        return unpack() if unpack is not None else dict(kwargs)
    keyword = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    wanted = {p.name for p in parameters if p.kind in keyword}
    return {name: kwargs[name] for name in kwargs if name in wanted}


def _parameters(func: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    try:
        return _cached_parameters(func)
    except TypeError:  # not hashable, or not callable
        return tuple(inspect.signature(func).parameters.values())


@functools.lru_cache(maxsize=256)
def _cached_parameters(func: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(func).parameters.values())


def make_kwargs_callable(func: Callable[..., Any]) -> Callable[..., Any]:
    """Return `func` so that it can be called with the whole context."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **determine_kwargs(func, args, kwargs))

    return call


def merge_into_context(context: Context, values: Mapping[str, Any]) -> Context:
    """Return a copy of `context` with `values` added."""
    return type(context)({**context.uncomputed, **values})


class KeywordParameters:
    """The keywords that a function accepts, of those that there are."""

    def __init__(self, kwargs: Mapping[str, Any]) -> None:
        self._kwargs = kwargs

    @classmethod
    def determine(
        cls, func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
    ) -> KeywordParameters:
        """Return those that `func` accepts when it is also given `args`."""
        return cls(determine_kwargs(func, args, kwargs))

    def unpacking(self) -> Mapping[str, Any]:
        """Return them, to be passed as `**`."""
        return self._kwargs


class ExecutionCallableRunner:
    """Calls user code that may yield the extra of dataset events.

    A generator is run to its end: what it yields as `Metadata` goes to the events of the task's
    outlets, and what it returns is the result.
    """

    def __init__(
        self, func: Callable[..., Any], outlet_events: Any, *, logger: Any = None
    ) -> None:
        self.func = func
        self.outlet_events = outlet_events
        self.logger = logger

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; return its result."""
        from airflow.datasets.metadata import Metadata

        if not inspect.isgeneratorfunction(self.func):
            return self.func(*args, **kwargs)
        generator = self.func(*args, **kwargs)
        while True:
            try:
                metadata = next(generator)
            except StopIteration as end:
                return end.value
            if isinstance(metadata, Metadata):
                self.outlet_events[metadata.asset].extra.update(metadata.extra)
