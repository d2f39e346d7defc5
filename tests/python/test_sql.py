"""SQL: hook, operators and sensor, on an SQLite database."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import unittest
from unittest import mock

from authoring import AuthoringTest

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.hooks.base import BaseHook
from airflow.operators.empty import EmptyOperator
from airflow.operators.generic_transfer import GenericTransfer
from airflow.providers.common.sql.hooks.sql import fetch_one_handler
from airflow.providers.common.sql.hooks.statements import split_statements
from airflow.providers.common.sql.operators.sql import (
    BranchSQLOperator,
    SQLCheckOperator,
    SQLColumnCheckOperator,
    SQLExecuteQueryOperator,
    SQLIntervalCheckOperator,
    SQLTableCheckOperator,
    SQLThresholdCheckOperator,
    SQLValueCheckOperator,
)
from airflow.providers.common.sql.sensors.sql import SqlSensor
from airflow.providers.sqlite.hooks.sqlite import SqliteHook
from airflow.providers.sqlite.operators.sqlite import SqliteOperator


class SqliteUriTest(AuthoringTest):
    """The file of a URI used to be ignored where it has no host: every connection was empty."""

    def test_paths(self) -> None:
        for uri, path in (
            ("sqlite:////srv/a.db", "/srv/a.db"),
            ("sqlite:///a.db", "a.db"),
            ("sqlite://srv/a.db", "srv/a.db"),
            ("sqlite://", ":memory:"),
        ):
            with mock.patch.dict(os.environ, {"AIRFLOW_CONN_FILE": uri}):
                self.assertEqual(SqliteHook("file").get_uri(), f"sqlite:///{path}")


class SqlTest(AuthoringTest):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        connections = {
            "AIRFLOW_CONN_DB": f'{{"conn_type": "sqlite", "host": "{folder.name}/a b.db"}}',
            "AIRFLOW_CONN_OTHER": f'{{"conn_type": "sqlite", "host": "{folder.name}/other.db"}}',
        }
        patch = mock.patch.dict(os.environ, connections)
        patch.start()
        self.addCleanup(patch.stop)
        self.hook = SqliteHook("db")
        self.hook.run("create table t (n integer, s text, ds text)")
        rows = [(1, "a", "2024-01-31"), (2, "b", "2024-01-31"), (3, None, "2024-01-24")]
        self.hook.insert_rows("t", rows, target_fields=["n", "s", "ds"])

    def make(self, kind, **arguments):
        return kind(task_id=f"t{len(self.dag.tasks)}", conn_id="db", **arguments)

    def run_task(self, kind, **arguments):
        return self.execute(self.make(kind, **arguments))

    def assert_fails(self, pattern: str, kind, **arguments) -> None:
        with self.assertRaisesRegex(AirflowException, pattern):
            self.run_task(kind, **arguments)


class HookTest(SqlTest):
    def test_records(self) -> None:
        self.assertEqual(self.hook.get_first("select s from t where n = ?", (2,)), ("b",))
        self.assertEqual(len(self.hook.get_records("select * from t")), 3)
        with self.hook.get_cursor().connection as connection:
            self.assertEqual(connection.execute("select count(*) from t").fetchone(), (3,))

    def test_hook_of_a_connection(self) -> None:
        self.assertIsInstance(BaseHook.get_hook("db"), SqliteHook)

    def test_several_statements(self) -> None:
        script = "insert into t (n) values (9); select max(n) from t; -- done;"
        last = self.hook.run(script, split_statements=True, handler=fetch_one_handler)
        self.assertEqual(last, (9,))
        every = self.hook.run(["select 1", "select 2"], handler=fetch_one_handler)
        self.assertEqual(every, [(1,), (2,)])
        with self.assertRaises(ValueError):
            self.hook.run([])

    def test_a_failed_transaction_leaves_nothing(self) -> None:
        with self.assertRaises(Exception):
            self.hook.run(["delete from t", "select nonsense"])
        self.assertEqual(self.hook.get_first("select count(*) from t"), (3,))

    def test_rows_are_inserted_in_parts(self) -> None:
        self.hook.insert_rows("t", ((n, None, None) for n in range(7)), commit_every=3)
        self.assertEqual(self.hook.get_first("select count(*) from t"), (10,))

    def test_statements_are_split_outside_of_texts_and_comments(self) -> None:
        script = "select ';'; /* ; */ select \"a;b\" -- ;\n; ; -- end"
        parts = ["select ';'", '/* ; */ select "a;b" -- ;']
        self.assertEqual(split_statements(script, strip_semicolon=True), parts)
        self.assertEqual(split_statements("select 1 - 2; select 3"), ["select 1 - 2;", "select 3"])


class QueryTest(SqlTest):
    def test_the_result_is_returned(self) -> None:
        sql = "select n from t where ds = '{{ ds }}' order by n"
        self.assertEqual(self.run_task(SQLExecuteQueryOperator, sql=sql), [(1,), (2,)])
        task = SqliteOperator(task_id="q", sqlite_conn_id="db", sql="select max(n) from t")
        self.assertEqual(self.execute(task), [(3,)])

    def test_parameters_and_statements(self) -> None:
        found = self.run_task(
            SQLExecuteQueryOperator,
            sql="delete from t; select count(*), :a from t",
            parameters="{'a': '{{ run_id }}'}",
            split_statements=True,
            handler=fetch_one_handler,
        )
        self.assertEqual(found, (0, "manual__1"))

    def test_without_xcom_nothing_is_fetched(self) -> None:
        arguments = {"sql": "select 1", "do_xcom_push": False}
        self.assertIsNone(self.run_task(SQLExecuteQueryOperator, **arguments))

    def test_transfer(self) -> None:
        task = GenericTransfer(
            task_id="g",
            sql="select n, s from t",
            source_conn_id="db",
            destination_conn_id="other",
            destination_table="copy",
            preoperator="create table copy (n integer, s text)",
        )
        self.execute(task)
        self.assertEqual(SqliteHook("other").get_first("select sum(n) from copy"), (6,))


class CheckTest(SqlTest):
    def test_check(self) -> None:
        self.run_task(SQLCheckOperator, sql="select count(*) from t")
        self.assert_fails("Test failed", SQLCheckOperator, sql="select 1, 0")
        self.assert_fails("zero rows", SQLCheckOperator, sql="select n from t where n > 5")
        with self.assertRaises(AirflowFailException):
            self.run_task(SQLCheckOperator, sql="select 0", retry_on_failure=False)

    def test_value(self) -> None:
        count = {"sql": "select count(*) from t"}
        self.run_task(SQLValueCheckOperator, pass_value=3, **count)
        self.run_task(SQLValueCheckOperator, pass_value=4, tolerance=0.3, **count)
        self.assert_fails("Pass value:4", SQLValueCheckOperator, pass_value=4, **count)
        self.run_task(SQLValueCheckOperator, pass_value="a", sql="select s from t where n = 1")

    def test_threshold(self) -> None:
        count = {"sql": "select count(*) from t", "min_threshold": 1}
        self.run_task(SQLThresholdCheckOperator, max_threshold="select max(n) from t", **count)
        self.assert_fails("not within", SQLThresholdCheckOperator, max_threshold=2, **count)

    def test_interval(self) -> None:
        week = {"table": "t", "days_back": 7}
        passing = {"metrics_thresholds": {"COUNT(*)": 3}, **week}
        self.run_task(SQLIntervalCheckOperator, **passing)
        failing = {"metrics_thresholds": {"COUNT(*)": 1.5}, **week}
        self.assert_fails("COUNT", SQLIntervalCheckOperator, **failing)
        self.assert_fails("diff_method", SQLIntervalCheckOperator, ratio_formula="x", **passing)

    def test_columns(self) -> None:
        def check(**checks):
            self.run_task(SQLColumnCheckOperator, table="t", column_mapping={"s": checks})

        check(null_check={"leq_to": 1}, distinct_check={"equal_to": 2})
        check(null_check={"equal_to": 0, "partition_clause": "n < 3"})
        check(distinct_check={"equal_to": 3, "tolerance": 0.5})
        with self.assertRaisesRegex(AirflowException, "null_check"):
            check(null_check={"equal_to": 0})
        with self.assertRaises(AirflowException):
            check(nonsense={"equal_to": 0})
        with self.assertRaises(ValueError):
            check(min={"equal_to": 0, "less_than": 3})

    def test_rows(self) -> None:
        good = {"row_count": {"check_statement": "COUNT(*) = 3"}}
        good["positive"] = {"check_statement": "n > 0", "partition_clause": "n IS NOT NULL"}
        self.run_task(SQLTableCheckOperator, table="t", checks=good)
        bad = {**good, "small": {"check_statement": "n < 3"}}
        self.assert_fails("Check: small", SQLTableCheckOperator, table="t", checks=bad)


class BranchAndSensorTest(SqlTest):
    def test_branch(self) -> None:
        yes, no = EmptyOperator(task_id="yes"), EmptyOperator(task_id="no")
        for sql, skipped in (("select 1", "no"), ("select 'off'", "yes"), ("select 0", "yes")):
            self.attach()
            task = self.make(
                BranchSQLOperator,
                sql=sql,
                follow_task_ids_if_true="yes",
                follow_task_ids_if_false=["no"],
            )
            task >> [yes, no]
            self.execute(task)
            self.assertEqual(self.engine.skipped, [skipped])

    def poke(self, sql: str, **arguments) -> bool:
        sensor = self.make(SqlSensor, sql=sql, **arguments)
        return sensor.poke(self.context(sensor))

    def test_sensor(self) -> None:
        self.assertTrue(self.poke("select count(*) from t"))
        self.assertFalse(self.poke("select 0"))
        self.assertFalse(self.poke("select n from t where n > 5"))
        self.assertTrue(self.poke("select 0", success=lambda value: value == 0))
        self.assertTrue(self.poke("select 0, 1", selector=lambda row: row[1]))
        for arguments in ({"failure": lambda value: value == 0}, {"success": 3}):
            with self.assertRaises(AirflowException):
                self.poke("select 0", **arguments)
        with self.assertRaises(AirflowException):
            self.poke("select n from t where n > 5", fail_on_empty=True)

    def test_sensor_is_a_sensor(self) -> None:
        sensor = self.make(SqlSensor, sql="select 1", poke_interval=dt.timedelta(minutes=1))
        self.assertEqual(sensor.poke_interval, 60)


if __name__ == "__main__":
    unittest.main()
