"""Running of tasks: names that code of DAGs imports."""
