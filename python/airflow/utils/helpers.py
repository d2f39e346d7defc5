"""Small functions that Airflow exports from this module, and DAG files import from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.exceptions import AirflowException

if TYPE_CHECKING:
    from datetime import datetime

T = TypeVar("T")

KEY_REGEX = re.compile(r"^[\w.-]+$")
GROUP_KEY_REGEX = re.compile(r"^[\w-]+$")
MAX_KEY_LENGTH = 250


def validate_key(k: str, max_length: int = MAX_KEY_LENGTH) -> None:
    """Raise an error unless `k` can be the id of a DAG or task."""
    _check_length(k, max_length)
    if not KEY_REGEX.match(k):
        raise AirflowException(
            f"The key {k!r} has to be made of alphanumeric characters, dashes, dots, and "
            "underscores exclusively"
        )


def validate_group_key(k: str, max_length: int = 200) -> None:
    """Raise an error unless `k` can be the id of a task group."""
    _check_length(k, max_length)
    if not GROUP_KEY_REGEX.match(k):
        raise AirflowException(
            f"The key {k!r} has to be made of alphanumeric characters, dashes and underscores "
            "exclusively"
        )


def _check_length(k: str, max_length: int) -> None:
    if not isinstance(k, str):
        raise TypeError(f"The key has to be a string and is {type(k)}:{k}")
    if len(k) > max_length:
        raise AirflowException(f"The key {k!r} has to be less than {max_length} characters")


def is_container(obj: Any) -> bool:
    """Tell whether `obj` is iterable, but not a string."""
    return hasattr(obj, "__iter__") and not isinstance(obj, str)


def as_tuple(obj: Any) -> tuple[Any, ...]:
    """Return a container as a tuple, and anything else as a tuple of one."""
    return tuple(obj) if is_container(obj) else (obj,)


def chunks(items: list[T], chunk_size: int) -> Generator[list[T], None, None]:
    """Yield successive parts of `items`, each of `chunk_size` items or fewer."""
    if chunk_size <= 0:
        raise ValueError("Chunk size must be a positive integer")
    for start in range(0, len(items), chunk_size):
        yield items[start : start + chunk_size]


def partition(pred: Callable[[T], bool], iterable: Iterable[T]) -> tuple[list[T], list[T]]:
    """Return the items for which `pred` is false, and those for which it is true."""
    items = list(iterable)
    return [item for item in items if not pred(item)], [item for item in items if pred(item)]


def merge_dicts(dict1: dict[Any, Any], dict2: dict[Any, Any]) -> dict[Any, Any]:
    """Return `dict1` updated by `dict2`, recursively."""
    merged = dict1.copy()
    for key, value in dict2.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge_dicts(merged[key], value) if both else value
    return merged


def prune_dict(val: Any, mode: str = "strict") -> Any:
    """Return `val` without None (strict) or without falsy values (truthy), recursively."""
    if mode not in ("strict", "truthy"):
        raise ValueError("allowable values for `mode` include 'truthy' and 'strict'")

    def keeps(value: Any) -> bool:
        return value is not None if mode == "strict" else bool(value)

    if isinstance(val, dict):
        pruned = {k: prune_dict(v, mode) for k, v in val.items() if keeps(v)}
        return {k: v for k, v in pruned.items() if keeps(v)}
    if isinstance(val, list):
        return [v for v in (prune_dict(v, mode) for v in val if keeps(v)) if keeps(v)]
    return val


def exactly_one(*args: Any) -> bool:
    """Tell whether exactly one of `args` is true."""
    return sum(map(bool, args)) == 1


def at_most_one(*args: Any) -> bool:
    """Tell whether no more than one of `args` is given and true."""
    from airflow.utils.types import NOTSET

    return sum(arg is not NOTSET and bool(arg) for arg in args) <= 1


def convert_camel_to_snake(camel_str: str) -> str:
    """Return `CamelCase` as `camel_case`."""
    return re.sub(r"(?!^)([A-Z]+)", r"_\1", camel_str).lower()


def ts_function(date: datetime) -> str:
    """Return `date` in ISO 8601."""
    return date.isoformat()


def chain(*args: Any) -> None:
    """Chain tasks; kept here for DAG files that were written for Airflow 1."""
    from airflow.models.baseoperator import chain as chain_tasks
    from airflow.utils.user_warnings import warn_removed

    warn_removed("Import `chain` from airflow.models.baseoperator, not airflow.utils.helpers")
    chain_tasks(*args)


def cross_downstream(from_tasks: Sequence[Any], to_tasks: Any) -> None:
    """Make all of `from_tasks` upstream of all of `to_tasks`; as for `chain`."""
    from airflow.models.baseoperator import cross_downstream as cross
    from airflow.utils.user_warnings import warn_removed

    warn_removed(
        "Import `cross_downstream` from airflow.models.baseoperator, not airflow.utils.helpers"
    )
    cross(from_tasks, to_tasks)


def build_airflow_url_with_query(query: dict[str, Any]) -> str:
    """Return the address of a page of the UI."""
    from urllib.parse import urlencode

    from airflow.configuration import conf

    return f"{conf.get('webserver', 'base_url')}/dags/graph?{urlencode(query)}"


def parse_template_string(template_string: str) -> tuple[str | None, Any]:
    """Return a text as (itself, None), or as (None, a template) where it is one."""
    import jinja2

    if "{{" not in template_string and "{%" not in template_string:
        return template_string, None
    return None, jinja2.Template(template_string)


def render_template(template: Any, context: Any, *, native: bool) -> Any:
    """Return a template of Jinja2 rendered with a context."""
    values = getattr(context, "uncomputed", context)
    if not native:
        return template.render(values)
    from jinja2.nativetypes import native_concat

    return native_concat(template.root_render_func(template.new_context(values)))


def render_template_to_string(template: Any, context: Any) -> str:
    """Return a template of Jinja2 rendered to text."""
    return str(render_template(template, context, native=False))


def render_template_as_native(template: Any, context: Any) -> Any:
    """Return a template of Jinja2 rendered to a Python value."""
    return render_template(template, context, native=True)


def reduce_in_chunks(
    fn: Callable[[Any, list[T]], Any], iterable: list[T], initializer: Any, chunk_size: int = 0
) -> Any:
    """Return what `fn` makes of its last result and each part of `iterable` in turn."""
    if not iterable:
        return initializer
    result = initializer
    for chunk in chunks(iterable, chunk_size or len(iterable)):
        result = fn(result, chunk)
    return result


def alchemy_to_dict(obj: Any) -> dict[str, Any] | None:
    """Return the fields of an object, times as texts."""
    if not obj:
        return None
    return {k: getattr(v, "isoformat", lambda v=v: v)() for k, v in vars(obj).items()}


def is_empty_mapping(x: Any) -> bool:
    """Tell whether `x` is a dict or the like, without content."""
    from collections.abc import Mapping

    return isinstance(x, Mapping) and not x


def as_flattened_list(iterable: Iterable[Iterable[T]]) -> list[T]:
    """Return the items of the items as one list."""
    return [item for part in iterable for item in part]
