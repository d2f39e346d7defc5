"""Names of Airflow's web server, for packages whose operators share a module with a view."""
