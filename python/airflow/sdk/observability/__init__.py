"""Metrics, under their paths in Airflow 3."""
