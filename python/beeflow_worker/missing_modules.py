"""What to say of a module that a DAG file imports and that is not there."""

from __future__ import annotations

from collections.abc import Sequence

# Packages whose name is not that of the module that they bring. Read as `module package`.
_PACKAGES = dict(
    line.split()
    for line in """
    attr                    attrs
    bs4                     beautifulsoup4
    cassandra               cassandra-driver
    cosmos                  astronomer-cosmos
    Crypto                  pycryptodome
    cv2                     opencv-python-headless
    dagfactory              dag-factory
    dateutil                python-dateutil
    dotenv                  python-dotenv
    fitz                    PyMuPDF
    git                     GitPython
    google.ads              google-ads
    google.api_core         google-api-core
    google.auth             google-auth
    google.oauth2           google-auth
    google.protobuf         protobuf
    google_auth_oauthlib    google-auth-oauthlib
    googleapiclient         google-api-python-client
    great_expectations      great-expectations
    jose                    python-jose
    jwt                     PyJWT
    kafka                   kafka-python
    mysql                   mysql-connector-python
    MySQLdb                 mysqlclient
    OpenSSL                 pyOpenSSL
    PIL                     Pillow
    psycopg2                psycopg2-binary
    simple_salesforce       simple-salesforce
    skimage                 scikit-image
    sklearn                 scikit-learn
    slack                   slackclient
    slack_sdk               slack-sdk
    snowflake               snowflake-connector-python
    telegram                python-telegram-bot
    yaml                    PyYAML
    zmq                     pyzmq
    """.strip().splitlines()
)
# Packages that are named like their module; others are only likely to be.
_NAMESAKES = frozenset(
    """
    aiohttp boto3 botocore clickhouse_connect clickhouse_driver cx_Oracle docker duckdb
    faker fastapi gspread httpx hdfs jira joblib kubernetes lxml matplotlib mlflow numpy
    openai openpyxl pandas pandera paramiko polars psutil psycopg pyarrow pydantic pymongo pymssql
    pymysql pyodbc pyspark redis requests retry s3fs scipy scrapy selenium sqlalchemy sqlparse
    tensorflow tenacity torch transformers tweepy wget xgboost
    """.split()
)
# Modules that lie in packages of their own, below one that many packages share.
_SHARED = ("google.cloud.", "azure.", "databricks.", "opentelemetry.")


def find_package(module: str) -> str | None:
    """Return the package that brings a module, None where it is not known."""
    parts = module.split(".")
    if parts[0] in _NAMESAKES:
        return parts[0].replace("_", "-")
    for count in range(len(parts), 0, -1):
        name = ".".join(parts[:count])
        if name in _PACKAGES:
            return _PACKAGES[name]
    for shared in _SHARED:
        if module.startswith(shared):
            return (shared + module.removeprefix(shared).split(".")[0]).replace(".", "-")
    return None


def advise(error: ModuleNotFoundError, folders: Sequence[str]) -> str:
    """Return what to do about it, as the end of a sentence; empty where the error says it itself.

    `folders` are those of the user's that were searched.
    """
    module = error.name
    if not module or str(error) != f"No module named {module!r}":
        return ""
    if module.split(".")[0] == "airflow":
        return "; Beeflow has no module of that name"
    package = find_package(module)
    if package is not None:
        return f"; install {package} beside Beeflow"
    top = module.split(".")[0]
    return (
        f"; install the package that has it beside Beeflow (often named {top.replace('_', '-')}), "
        f"or, where it is your own, put {top} into {' or '.join(folders)}"
    )
