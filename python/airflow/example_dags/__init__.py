"""What Airflow's own example DAGs import from each other; the DAGs themselves are not here."""
