"""Resources that a task asks for; they are kept as data."""

from __future__ import annotations

from typing import Any

from airflow.configuration import conf
from airflow.exceptions import AirflowException


class Resource:
    """An amount of something."""

    def __init__(self, name: str, units_str: str, qty: float) -> None:
        if qty < 0:
            raise AirflowException(
                f"Received resource quantity {qty} for resource {name}, but resource quantity "
                "must be non-negative."
            )
        self.name = name
        self.units_str = units_str
        self.qty = qty

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, Resource) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return str(vars(self))


class Resources:
    """Processors, memory, disk (MB) and GPUs of a task."""

    def __init__(
        self,
        cpus: float | None = None,
        ram: float | None = None,
        disk: float | None = None,
        gpus: float | None = None,
    ) -> None:
        self.cpus = Resource("CPU", "core(s)", _or_default(cpus, "default_cpus"))
        self.ram = Resource("RAM", "MB", _or_default(ram, "default_ram"))
        self.disk = Resource("Disk", "MB", _or_default(disk, "default_disk"))
        self.gpus = Resource("GPU", "gpu(s)", _or_default(gpus, "default_gpus"))

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, Resources) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, Any]:
        """Return the amounts as dicts."""
        return {name: vars(resource) for name, resource in vars(self).items()}


def _or_default(amount: float | None, key: str) -> float:
    return float(conf.getint("operators", key)) if amount is None else amount
