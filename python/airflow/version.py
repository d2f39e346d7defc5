"""The Airflow release whose authoring API this package follows."""

version = "2.9.3"
