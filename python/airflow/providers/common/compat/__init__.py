"""Names that files use to run on Airflow 2 and 3 alike."""
