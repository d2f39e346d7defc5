"""Behaviour behind the names that older DAG files and provider packages import."""

from __future__ import annotations

import logging
import os
import unittest
from datetime import datetime, timedelta, timezone
from unittest import mock

from harness import FolderTest

from airflow import _engine
from airflow.exceptions import AirflowException, DagRunAlreadyExists
from airflow.models import DagModel, DagRun, Pool, TaskFail, TaskInstance, XCom
from airflow.utils.dates import cron_presets, date_range, days_ago, round_time
from airflow.utils.deprecation_tools import add_deprecated_classes
from airflow.utils.file import correct_maybe_zipped, list_py_file_paths
from airflow.utils.helpers import (
    as_flattened_list,
    parse_template_string,
    reduce_in_chunks,
    render_template_as_native,
)
from airflow.utils.json import WebEncoder, XComDecoder, XComEncoder
from airflow.utils.log.logging_mixin import StreamLogWriter
from airflow.utils.operator_helpers import KeywordParameters
from airflow.utils.process_utils import execute_in_subprocess, patch_environ
from airflow.utils.session import create_session, provide_session
from airflow.utils.singleton import Singleton
from airflow.utils.state import State, TaskInstanceState
from airflow.utils.timezone import td_format


class DateTest(unittest.TestCase):
    def test_days_ago(self) -> None:
        with self.assertWarnsRegex(DeprecationWarning, "days_ago"):
            moment = days_ago(2, hour=3)
        self.assertEqual(
            (moment.hour, moment.minute, str(moment.tzinfo)), (3, 0, "Timezone('UTC')")
        )

    def test_date_range(self) -> None:
        start = datetime(2024, 1, 1, tzinfo=timezone.utc)
        day = timedelta(days=1)
        expected = [start, start + day, start + 2 * day]
        with self.assertWarns(DeprecationWarning):
            self.assertEqual(date_range(start, num=3, delta=day), expected)
            self.assertEqual(date_range(start, end_date=start + 2 * day, delta=day), expected)
            self.assertEqual(date_range(start, num=3, delta="@daily"), expected)
            self.assertEqual(date_range(start, num=-2, delta=day), [start - day, start])

    def test_rounding_and_presets(self) -> None:
        start = datetime(2015, 9, 16)
        rounded = round_time(datetime(2015, 9, 16, 23, 50), timedelta(days=1), start)
        self.assertEqual(rounded, datetime(2015, 9, 17))
        self.assertEqual(cron_presets["@hourly"], "0 * * * *")
        self.assertEqual(td_format(timedelta(days=1, seconds=90)), "1d:1M:30s")


class DatabaseTest(unittest.TestCase):
    def setUp(self) -> None:
        self.engine = mock.Mock()
        _engine.attach(self.engine)
        self.addCleanup(_engine.attach, None)

    def test_session_is_passed_on_and_refuses_to_be_asked(self) -> None:
        @provide_session
        def ask(query, session=None):
            return session.query(query)

        with self.assertRaisesRegex(AirflowException, "session.query: tasks have no access"):
            ask(TaskFail)
        with create_session() as session:
            session.commit()
        given = mock.Mock()
        ask(TaskFail, session=given)
        given.query.assert_called_once_with(TaskFail)

    def test_columns_can_be_named_where_a_file_is_imported(self) -> None:
        condition = (TaskFail.start_date <= datetime(2024, 1, 1)) & TaskFail.dag_id.in_(["a"])
        self.assertEqual(condition.name, "TaskFail.start_date")
        for model in (DagRun, TaskInstance, XCom):
            self.assertTrue(hasattr(model, "execution_date"))

    def test_all_names_of_models_at_once(self) -> None:
        names: dict[str, object] = {}
        exec("from airflow.models import *", names)
        self.assertIn("Variable", names)
        self.assertNotIn("ImportError", names)

    def test_pool_and_dag(self) -> None:
        self.engine.request.return_value = {"pool": "p", "slots": 3, "description": ""}
        self.assertEqual(Pool.get_pool("p").slots, 3)
        self.engine.request.return_value = {"dag_id": "d", "is_paused": True, "file": "/d.py"}
        self.assertTrue(DagModel.get_dagmodel("d").get_is_paused())
        with self.assertRaisesRegex(AirflowException, "beeflow pools set"):
            Pool.create_or_update_pool("p", 5, "")

    def test_trigger_dag(self) -> None:
        from airflow.api.common.experimental.trigger_dag import trigger_dag

        self.engine.request.return_value = {
            "dag_id": "d",
            "run_id": "r",
            "logical_date": "2024-01-01T00:00:00+00:00",
        }
        self.assertEqual(trigger_dag("d", conf='{"a": 1}').logical_date.year, 2024)
        self.assertEqual(self.engine.request.call_args.kwargs["conf"], {"a": 1})
        self.engine.request.side_effect = AirflowException("trigger_dag failed: exists: r")
        with self.assertRaises(DagRunAlreadyExists):
            trigger_dag("d")


class HelperTest(FolderTest):
    def test_values(self) -> None:
        self.assertEqual(as_flattened_list([[1], [2, 3]]), [1, 2, 3])
        self.assertEqual(reduce_in_chunks(lambda s, part: s + len(part), [1, 2, 3], 0, 2), 3)
        text, template = parse_template_string("{{ a }}")
        self.assertIsNone(text)
        self.assertEqual(render_template_as_native(template, {"a": 5}), 5)
        self.assertEqual(parse_template_string("plain"), ("plain", None))
        words = KeywordParameters.determine(lambda a, b: None, [1], {"b": 2, "c": 3})
        self.assertEqual(words.unpacking(), {"b": 2})

    def test_json(self) -> None:
        moment = datetime(2024, 1, 1, tzinfo=timezone.utc)
        self.assertEqual(WebEncoder().encode(moment), '"2024-01-01T00:00:00+00:00"')
        self.assertEqual(XComDecoder().decode(XComEncoder().encode({"at": moment})), {"at": moment})

    def test_processes(self) -> None:
        with patch_environ({"BEEFLOW_TEST": "x"}):
            with self.assertLogs("airflow.utils.process_utils") as logs:
                execute_in_subprocess(["sh", "-c", "echo $BEEFLOW_TEST"])
        self.assertNotIn("BEEFLOW_TEST", os.environ)
        self.assertTrue(logs.output[-1].endswith("x"))

    def test_files(self) -> None:
        path = self.write("from airflow import DAG")
        self.write("nothing", "other.py")
        self.assertEqual(list_py_file_paths(str(self.folder)), [path])
        self.assertEqual(correct_maybe_zipped(path), path)

    def test_classes(self) -> None:
        class One(metaclass=Singleton):
            pass

        self.assertIs(One(), One())
        add_deprecated_classes({"old": {"Moved": "airflow.models.Variable"}}, __name__)
        with self.assertWarnsRegex(DeprecationWarning, "Use `airflow.models.Variable`"):
            exec(f"from {__name__}.old import Moved", {})
        self.assertEqual(State.color(TaskInstanceState.SUCCESS), "green")

    def test_stream_of_log_lines(self) -> None:
        logger = logging.getLogger("test")
        with self.assertLogs(logger) as logs:
            stream = StreamLogWriter(logger, logging.INFO)
            stream.write("one\ntw")
            stream.write("o")
            stream.flush()
        self.assertEqual([record.getMessage() for record in logs.records], ["one", "two"])


if __name__ == "__main__":
    unittest.main()
