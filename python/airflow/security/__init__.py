"""Security: names that code of DAGs and providers imports."""
