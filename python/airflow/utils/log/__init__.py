"""Logging, under the names that Airflow gives it."""
