"""The API for clients: names that code of DAGs imports."""
