"""Supporting modules of the authoring API, under the names that Airflow gives them."""
