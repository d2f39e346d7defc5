"""The authoring API of Apache Airflow 2.x, as Beeflow provides it.

DAG files import `airflow` exactly as they do under Airflow. Everything is loaded on first use, so
that importing the package itself costs next to nothing.
"""

from __future__ import annotations

from pkgutil import extend_path

from airflow._import_finder import install as _install_finder
from airflow._lazy import lazy_exports
from airflow.version import version as __version__

# Provider packages live in site-packages/airflow/providers, beside this package.
__path__ = extend_path(__path__, __name__)

_install_finder()

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AirflowException": "airflow.exceptions",
        "Asset": "airflow.datasets",
        "DAG": "airflow.models.dag",
        "Dataset": "airflow.datasets",
        "DatasetAlias": "airflow.datasets",
        "XComArg": "airflow.models.xcom_arg",
    },
)

__all__ = ["DAG", "Dataset", "XComArg", "__version__"]
