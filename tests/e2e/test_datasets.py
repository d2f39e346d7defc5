"""Runs that updates of datasets start, and what their tasks see of those updates."""

import unittest

from engine import EngineTest

CHAIN = """
    import pendulum
    from airflow import DAG, Dataset
    from airflow.datasets import DatasetAlias
    from airflow.decorators import task

    orders = Dataset("s3://shop/orders")
    start = pendulum.datetime(2021, 1, 1)

    with DAG("writes", schedule=None, start_date=start):
        @task(outlets=[orders])
        def plain(*, outlet_events):
            outlet_events[orders].extra = {"rows": 5}

        @task(outlets=[DatasetAlias("daily")])
        def by_alias(*, outlet_events):
            outlet_events["daily"].add(Dataset("s3://shop/returns"), extra={"rows": 2})

        plain() >> by_alias()

    def seen(*, triggering_dataset_events):
        return {uri: [event.extra for event in events]
                for uri, events in triggering_dataset_events.items()}

    for name, schedule in (("reads", orders), ("reads_alias", DatasetAlias("daily"))):
        with DAG(name, schedule=[schedule], start_date=start, catchup=False):
            task(seen)()
"""


class DatasetsTest(EngineTest):

    def setUp(self):
        super().setUp()
        self.engine.start()
        self.engine.write("chain.py", CHAIN)
        for dag_id in ("writes", "reads", "reads_alias"):
            self.engine.wait_dag(dag_id)

    def run_of(self, dag_id):
        """The id of the one run that datasets started, once it has succeeded."""
        run_id = self.engine.wait(
            lambda: self.engine.value("SELECT run_id FROM dag_run WHERE dag_id = ?", dag_id),
            f"a run of {dag_id}")
        self.assertEqual(self.engine.wait_run(dag_id, run_id), "success")
        self.assertTrue(run_id.startswith("dataset_triggered__"), run_id)
        return run_id

    def test_a_run_sees_the_events_that_started_it_also_those_of_an_alias(self):
        self.assertEqual(self.engine.complete("writes")[0], "success")
        self.assertEqual(self.engine.xcom("reads", self.run_of("reads"), "seen"),
                         {"s3://shop/orders": [{"rows": 5}]})
        self.assertEqual(self.engine.xcom("reads_alias", self.run_of("reads_alias"), "seen"),
                         {"s3://shop/returns": [{"rows": 2}]})


if __name__ == "__main__":
    unittest.main()
