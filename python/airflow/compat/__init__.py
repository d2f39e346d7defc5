"""Names that Airflow offers on every version of Python."""
