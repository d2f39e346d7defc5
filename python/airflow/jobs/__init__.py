"""Jobs: names that code of DAGs imports."""
