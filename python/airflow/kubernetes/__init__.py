"""Classes of Kubernetes under their paths before Airflow 2.7; the provider package has them."""
