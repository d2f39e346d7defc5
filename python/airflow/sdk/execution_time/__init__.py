"""Parts of the authoring API, under their paths in Airflow 3."""
