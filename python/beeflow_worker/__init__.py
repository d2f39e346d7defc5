"""The Python side of a Beeflow worker: imports DAG files, serializes DAGs and executes tasks."""
