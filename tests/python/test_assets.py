"""DAGs around datasets and assets, from the file to the events of an attempt."""

from __future__ import annotations

import unittest

from harness import ZygoteTest, make_attempt


class AssetDagTest(ZygoteTest):
    def finish(self, source: str, dag_id: str, task_id: str, **answers):
        """Run a task of a file with this source; return `finished`."""
        attempt = make_attempt(self.write(source), task_id, dag_id)
        environment = self.fork()
        finished, log = self.run_attempt(environment, attempt, answers)
        self.assertEqual(finished["state"], "success", log)
        return finished

    def test_events_are_found_by_name_and_uri(self) -> None:
        source = """
            from airflow.providers.standard.operators.bash import BashOperator
            from airflow.sdk import DAG, Asset, AssetAlias, task

            rows = Asset(name="rows", uri="s3://output/rows")

            with DAG("d", schedule=None):
                @task(inlets=[rows, AssetAlias("alias")], outlets=[rows])
                def reads(*, inlet_events, outlet_events):
                    outlet_events.for_asset(name="rows").extra = {"k": "v"}
                    return [
                        inlet_events.for_asset(name="rows")[-1].extra,
                        inlet_events.for_asset(uri="s3://output/rows")[0].extra,
                        len(inlet_events.for_asset_alias(alias_name="alias")),
                    ]

                reads()
        """
        events = [{"uri": "s3://output/rows", "extra": {"n": 1}}]
        finished = self.finish(source, "d", "reads", dataset_events=events)
        self.assertEqual(finished["xcoms"]["return_value"], [{"n": 1}, {"n": 1}, 1])
        self.assertEqual(finished["dataset_events"][0]["extra"], {"k": "v"})

    def test_extras_of_outlets(self) -> None:
        source = """
            from airflow import DAG
            from airflow.datasets import Dataset, DatasetAlias
            from airflow.datasets.metadata import Metadata
            from airflow.decorators import task
            from airflow.operators.python import PythonOperator

            ds = Dataset("s3://output/1.txt")

            with DAG("d", schedule="@daily"):
                @task(outlets=[ds])
                def yields():
                    yield Metadata(ds, {"hi": "bye"})

                @task(outlets=[ds, DatasetAlias("alias")])
                def writes(*, outlet_events):
                    outlet_events[ds].extra = {"rows": 1}
                    outlet_events["alias"].add(Dataset("s3://output/2.txt"), extra={"k": "v"})

                def after(context, result):
                    context["outlet_events"][ds].extra = {"after": True}

                yields() >> writes() >> PythonOperator(
                    task_id="classic", python_callable=lambda: None, outlets=[ds],
                    post_execute=after,
                )
        """
        first = {"uri": "s3://output/1.txt", "alias": None}
        for task_id, extra in (("yields", {"hi": "bye"}), ("classic", {"after": True})):
            finished = self.finish(source, "d", task_id)
            self.assertEqual(finished["dataset_events"], [{**first, "extra": extra}])
        self.assertEqual(
            self.finish(source, "d", "writes")["dataset_events"],
            [
                {**first, "extra": {"rows": 1}},
                {"uri": "s3://output/2.txt", "extra": {"k": "v"}, "alias": "alias"},
            ],
        )

    def test_asset_decorator(self) -> None:
        source = """
            from airflow.sdk import Asset, asset

            @asset(uri="s3://bucket/source", schedule="@daily", tags=["x"])
            def source(self, context):
                "Write the source."
                print(self.uri, context["run_id"])

            @asset(schedule=source)
            def derived(source):
                return source.name

            @asset.multi(schedule=None, outlets=[Asset("one"), Asset("two")])
            def several():
                pass
        """
        result = self.parse(source)
        self.assertIsNone(result["error"])
        dags = {dag["dag_id"]: dag for dag in result["dags"]}
        self.assertEqual(sorted(dags), ["derived", "several", "source"])
        self.assertEqual(
            dags["derived"]["schedule"],
            {"kind": "datasets", "condition": {"uri": "s3://bucket/source"}},
        )
        self.assertEqual(dags["source"]["tasks"][0]["outlets"], [{"uri": "s3://bucket/source"}])
        self.assertEqual(dags["source"]["doc_md"], "Write the source.")
        finished = self.finish(source, "source", "source")
        self.assertEqual(finished["dataset_events"][0]["uri"], "s3://bucket/source")
        self.assertEqual(len(self.finish(source, "several", "several")["dataset_events"]), 2)

    def test_weights_of_an_authors_own(self) -> None:
        dag = self.parse_dag(
            """
            from airflow import DAG
            from airflow.operators.empty import EmptyOperator
            from airflow.task.priority_strategy import PriorityWeightStrategy

            class Falling(PriorityWeightStrategy):
                def get_weight(self, ti):
                    return max(3 - ti.try_number + 1, 1)

            with DAG("d", schedule=None):
                EmptyOperator(task_id="t", weight_rule=Falling())
            """
        )
        self.assertEqual(dag["tasks"][0]["task_id"], "t")


if __name__ == "__main__":
    unittest.main()
