"""Functions that Airflow's example DAGs share."""
