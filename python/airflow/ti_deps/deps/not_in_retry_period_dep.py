"""NotInRetryPeriodDep; see `airflow.ti_deps.deps.base_ti_dep`."""

from __future__ import annotations

from airflow.ti_deps.deps.base_ti_dep import BaseTIDep


class NotInRetryPeriodDep(BaseTIDep):
    """A condition that the engine itself sees to."""
