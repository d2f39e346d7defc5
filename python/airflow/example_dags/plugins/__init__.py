"""Plugins that Airflow's example DAGs use."""
