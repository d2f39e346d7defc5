"""What Beeflow adds to the operators of Airflow."""
