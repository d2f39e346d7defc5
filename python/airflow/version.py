"""The Airflow release that provider packages may take this package for."""

version = "2.11.0"
