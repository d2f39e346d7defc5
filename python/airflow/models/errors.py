"""ImportError: the table of DAG files that cannot be imported."""

from __future__ import annotations

from airflow.models._database import DatabaseModel


class ImportError(DatabaseModel):  # noqa: A001 - the name that Airflow gives it
    """A row of the table; see `airflow.models._database`."""


ParseImportError = ImportError
