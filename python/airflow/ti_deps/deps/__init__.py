"""Conditions on task instances: names that code of DAGs imports."""
