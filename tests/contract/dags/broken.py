"""An airflow dag that cannot be imported."""

raise RuntimeError("no such module, says the contract")
