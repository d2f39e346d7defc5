"""Sub-DAGs of Airflow's example DAGs."""
