"""The application of Airflow's web server, a name in the annotations of packages."""

from __future__ import annotations

from typing import Any


class AirflowApp:
    """The application."""


def get_airflow_app() -> Any:
    """Refuse: there is none."""
    raise RuntimeError("there is no Flask application under Beeflow")
