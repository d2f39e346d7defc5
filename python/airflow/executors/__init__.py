"""Executors: names that DAG files import. Beeflow's own executors run the tasks."""
