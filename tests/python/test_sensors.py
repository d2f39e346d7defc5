"""Sensors: waiting, rescheduling, giving up, and what each of them waits for."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import unittest
from pathlib import Path

import pendulum
from authoring import LOGICAL_DATE, AuthoringTest, frozen_time, no_sleep

from airflow.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferralTimeout,
    TaskDeferred,
)
from airflow.sensors.base import BaseSensorOperator, PokeReturnValue, poke_mode_only
from airflow.sensors.bash import BashSensor
from airflow.sensors.date_time import DateTimeSensor, DateTimeSensorAsync
from airflow.sensors.external_task import ExternalTaskMarker, ExternalTaskSensor
from airflow.sensors.filesystem import FileSensor
from airflow.sensors.python import PythonSensor
from airflow.sensors.time_delta import TimeDeltaSensor, TimeDeltaSensorAsync, WaitSensor
from airflow.sensors.time_sensor import TimeSensor, TimeSensorAsync
from airflow.sensors.weekday import DayOfWeekSensor
from airflow.utils.weekday import WeekDay


class Counting(BaseSensorOperator):
    """Done at the poke with this number; None for never."""

    def __init__(self, *, done_at: int | None = None, error: Exception | None = None, **kwargs):
        super().__init__(**kwargs)
        self.done_at, self.error, self.pokes = done_at, error, 0

    def poke(self, context):
        self.pokes += 1
        if self.error is not None:
            raise self.error
        return self.pokes == self.done_at


class BaseSensorTest(AuthoringTest):
    def sensor(self, **arguments) -> Counting:
        return Counting(task_id="t", **arguments)

    def test_poke_mode_sleeps_between_pokes(self) -> None:
        with no_sleep() as slept:
            self.execute(self.sensor(done_at=3, poke_interval=dt.timedelta(seconds=7)))
        self.assertEqual(slept, [7, 7])

    def test_reschedule_mode_ends_with_the_date_of_the_next_poke(self) -> None:
        sensor = self.sensor(mode="reschedule", poke_interval=90)
        with frozen_time(LOGICAL_DATE), self.assertRaises(AirflowRescheduleException) as caught:
            self.execute(sensor, ti_start_date=LOGICAL_DATE)
        self.assertEqual(caught.exception.reschedule_date, LOGICAL_DATE.add(seconds=90))

    def test_timeout_counts_from_the_first_poke_over_reschedules(self) -> None:
        begun = LOGICAL_DATE.subtract(seconds=100)
        for soft_fail, error in ((False, AirflowSensorTimeout), (True, AirflowSkipException)):
            sensor = Counting(
                task_id=f"t{soft_fail}", mode="reschedule", timeout=99, soft_fail=soft_fail
            )
            with frozen_time(LOGICAL_DATE), self.assertRaises(error):
                self.execute(sensor, ti_start_date=begun, reschedules=3)

    def test_errors_of_poke(self) -> None:
        failing = {"done_at": 1, "error": ValueError("x")}
        with self.assertRaises(ValueError):
            self.execute(Counting(task_id="a", **failing))
        with self.assertRaises(ValueError):
            self.execute(Counting(task_id="b", soft_fail=True, **failing))
        with self.assertRaises(AirflowSkipException):
            self.execute(Counting(task_id="c", never_fail=True, **failing))
        with self.assertRaises(AirflowSkipException):
            error = AirflowFailException("x")
            self.execute(Counting(task_id="e", soft_fail=True, error=error))
        with self.assertRaises(AirflowSensorTimeout), no_sleep():
            self.execute(Counting(task_id="f", silent_fail=True, timeout=0, **failing))

    def test_exponential_backoff_grows_up_to_max_wait(self) -> None:
        sensor = self.sensor(
            done_at=9, exponential_backoff=True, poke_interval=10, max_wait=dt.timedelta(minutes=3)
        )
        with no_sleep() as slept:
            self.execute(sensor)
        self.assertLess(slept[0], slept[3])
        self.assertEqual(slept[-1], 180)
        for wait, backoff in zip(slept[:4], (5, 10, 20, 40)):
            self.assertTrue(backoff <= wait < 2 * backoff, slept)

    def test_a_poke_may_return_an_xcom(self) -> None:
        sensor = PythonSensor(
            task_id="t", python_callable=lambda ds: PokeReturnValue(True, xcom_value=ds)
        )
        self.assertEqual(self.execute(sensor), "2024-01-31")

    def test_arguments_are_checked(self) -> None:
        for i, wrong in enumerate(({"poke_interval": -1}, {"timeout": "x"}, {"mode": "sleep"})):
            with self.subTest(wrong), self.assertRaises(AirflowException):
                Counting(task_id=f"t{i}", **wrong)
        with self.assertRaises(ValueError):
            self.sensor(soft_fail=True, never_fail=True)

    def test_poke_mode_only(self) -> None:
        @poke_mode_only
        class Fixed(Counting):
            pass

        self.assertEqual(Fixed(task_id="a").mode, "poke")
        with self.assertRaises(ValueError):
            Fixed(task_id="b", mode="reschedule")

    def test_a_deferral_that_times_out_is_a_timeout_of_the_sensor(self) -> None:
        class Deferring(Counting):
            def go_on(self, context):
                raise TaskDeferralTimeout("late")

        with self.assertRaises(AirflowSensorTimeout):
            Deferring(task_id="a").resume_execution("go_on", {}, {})
        with self.assertRaises(AirflowSkipException):
            Deferring(task_id="b", soft_fail=True).resume_execution("go_on", {}, {})


class FunctionAndCommandTest(AuthoringTest):
    def test_python_sensor_passes_arguments_and_context(self) -> None:
        seen = []

        def poke(a, b, ds, templates_dict, **context):
            seen.append((a, b, ds, templates_dict["c"], "ti" in context))
            return len(seen) == 2

        sensor = PythonSensor(
            task_id="t",
            python_callable=poke,
            op_args=["{{ ds }}"],
            op_kwargs={"b": 2},
            templates_dict={"c": "{{ run_id }}"},
        )
        with no_sleep():
            self.execute(sensor)
        self.assertEqual(seen, [("2024-01-31", 2, "2024-01-31", "manual__1", True)] * 2)

    def test_bash_sensor(self) -> None:
        with self.assertRaises(AirflowSensorTimeout):
            self.execute(BashSensor(task_id="a", bash_command="exit 3", timeout=0))
        self.execute(BashSensor(task_id="b", bash_command='test "$X" = 1', env={"X": "1"}))
        for code, error in ((3, AirflowSensorTimeout), (4, AirflowFailException)):
            sensor = BashSensor(
                task_id=f"c{code}", bash_command=f"exit {code}", retry_exit_code=3, timeout=0
            )
            with self.assertRaises(error):
                self.execute(sensor)


class FileSensorTest(AuthoringTest):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def is_found(self, path: str, **arguments) -> bool:
        sensor = FileSensor(
            task_id=f"t{len(self.dag.tasks)}", filepath=os.path.join(self.folder, path), **arguments
        )
        return sensor.poke(self.context(sensor))

    def test_files_folders_and_patterns(self) -> None:
        (self.folder / "empty").mkdir()
        (self.folder / "full" / "deep").mkdir(parents=True)
        (self.folder / "full" / "deep" / "a.csv").touch()
        self.assertFalse(self.is_found("nothing"))
        self.assertFalse(self.is_found("empty"))
        self.assertTrue(self.is_found("full"))
        self.assertTrue(self.is_found("*/deep/*.csv"))
        self.assertFalse(self.is_found("**/*.csv"))
        self.assertTrue(self.is_found("**/*.csv", recursive=True))

    def test_the_connection_names_the_base_folder(self) -> None:
        (self.folder / "a").touch()
        connection = {"conn_id": "data", "conn_type": "fs", "extra": f'{{"path": "{self.folder}"}}'}
        self.attach(connection_get=lambda conn_id: connection if conn_id == "data" else None)
        sensor = FileSensor(task_id="t", filepath="a", fs_conn_id="data")
        self.assertTrue(sensor.poke({}))

    def test_deferrable_looks_before_it_defers(self) -> None:
        sensor = FileSensor(
            task_id="t", filepath=f"{self.folder}/a", deferrable=True, poke_interval=3, timeout=60
        )
        with self.assertRaises(TaskDeferred) as caught:
            self.execute(sensor)
        path, kwargs = caught.exception.trigger.serialize()
        self.assertEqual(path, "airflow.triggers.file.FileTrigger")
        self.assertEqual(kwargs["filepath"], f"{self.folder}/a")
        self.assertEqual(kwargs["poke_interval"], 3)
        self.assertEqual(caught.exception.timeout, dt.timedelta(seconds=60))
        (self.folder / "a").touch()
        self.assertIsNone(self.execute(sensor))


class MomentTest(AuthoringTest):
    def poke_at(self, moment: dt.datetime, sensor) -> bool:
        with frozen_time(moment):
            return sensor.poke(self.context(sensor))

    def deferred_until(self, sensor, now=LOGICAL_DATE):
        with frozen_time(now), self.assertRaises(TaskDeferred) as caught:
            self.execute(sensor)
        return caught.exception.trigger.moment

    def test_date_time(self) -> None:
        sensor = DateTimeSensor(task_id="t", target_time=LOGICAL_DATE)
        self.assertFalse(self.poke_at(LOGICAL_DATE, sensor))
        self.assertTrue(self.poke_at(LOGICAL_DATE.add(seconds=1), sensor))
        target = "{{ logical_date + macros.timedelta(hours=2) }}"
        deferred = DateTimeSensorAsync(task_id="u", target_time=target)
        self.assertEqual(self.deferred_until(deferred), LOGICAL_DATE.add(hours=2))
        with self.assertRaises(TypeError):
            DateTimeSensor(task_id="v", target_time=3)

    def test_time_is_of_today_in_the_zone_of_the_dag(self) -> None:
        self.dag.timezone = pendulum.timezone("Europe/Berlin")
        sensor = TimeSensor(task_id="t", target_time=dt.time(13, 30))
        self.assertFalse(self.poke_at(LOGICAL_DATE, sensor))
        self.assertTrue(self.poke_at(LOGICAL_DATE.add(minutes=31), sensor))
        deferred = TimeSensorAsync(task_id="u", target_time=dt.time(13, 30))
        self.assertEqual(self.deferred_until(deferred), LOGICAL_DATE.add(minutes=30))

    def test_time_delta_counts_from_the_end_of_the_interval(self) -> None:
        sensor = TimeDeltaSensor(task_id="t", delta=dt.timedelta(hours=1))
        self.assertFalse(self.poke_at(LOGICAL_DATE.add(minutes=59), sensor))
        self.assertTrue(self.poke_at(LOGICAL_DATE.add(minutes=61), sensor))
        deferred = TimeDeltaSensorAsync(task_id="u", delta=dt.timedelta(hours=1))
        self.assertEqual(self.deferred_until(deferred), LOGICAL_DATE.add(hours=1))
        with frozen_time(LOGICAL_DATE.add(hours=2)):
            self.assertIsNone(self.execute(deferred))

    def test_wait(self) -> None:
        with no_sleep() as slept:
            self.execute(WaitSensor(task_id="t", time_to_wait=2))
        self.assertEqual(slept, [120])

    def test_day_of_week(self) -> None:
        wednesday = LOGICAL_DATE
        days = (("Wednesday", True), (WeekDay.FRIDAY, False), ({"MONDAY", "TUESDAY"}, False))
        for i, (day, expected) in enumerate(days):
            sensor = DayOfWeekSensor(task_id=f"t{i}", week_day=day)
            self.assertEqual(self.poke_at(wednesday, sensor), expected)
        by_date = DayOfWeekSensor(task_id="d", week_day="Wednesday", use_task_logical_date=True)
        self.assertTrue(self.poke_at(wednesday.add(days=1), by_date))
        with self.assertRaises(AttributeError):
            DayOfWeekSensor(task_id="x", week_day="Thorsday")


class ExternalTaskTest(AuthoringTest):
    def task_rows(self, *states: str, run_id: str = "r"):
        return [
            {"run_id": run_id, "task_id": f"t{i}", "map_index": -1, "state": state}
            for i, state in enumerate(states, 1)
        ]

    def poke(self, rows, **arguments):
        self.attach(task_states=rows, run_count=rows, dag_get={"task_ids": ["t1"], "groups": []})
        sensor = ExternalTaskSensor(
            task_id=f"s{len(self.dag.tasks)}", external_dag_id="other", **arguments
        )
        return sensor.poke(self.context(sensor))

    def test_one_task_at_the_same_date(self) -> None:
        self.assertTrue(self.poke(self.task_rows("success"), external_task_id="t1"))
        method, params = self.engine.requests[0]
        self.assertEqual(method, "task_states")
        self.assertEqual(params["logical_dates"], [LOGICAL_DATE.isoformat()])
        self.assertEqual(params["task_ids"], ["t1"])
        self.assertFalse(self.poke(self.task_rows("running"), external_task_id="t1"))
        self.assertFalse(self.poke([], external_task_id="t1"))

    def test_several_tasks_and_mapped_ones(self) -> None:
        both = {"external_task_ids": ["t1", "t2"]}
        self.assertTrue(self.poke(self.task_rows("success", "success"), **both))
        self.assertFalse(self.poke(self.task_rows("success", "failed"), **both))
        mapped = [
            {"run_id": "r", "task_id": "t1", "map_index": i, "state": state}
            for i, state in enumerate(("success", "running"))
        ]
        self.assertFalse(self.poke(mapped, external_task_id="t1"))

    def test_a_group_needs_all_of_its_tasks(self) -> None:
        group = {"external_task_group_id": "g"}
        self.assertTrue(self.poke(self.task_rows("success", "success"), **group))
        self.assertFalse(self.poke(self.task_rows("success", "running"), **group))

    def test_failed_and_skipped_states(self) -> None:
        rows = self.task_rows("failed")
        self.assertFalse(self.poke(rows, external_task_id="t1"))
        with self.assertRaisesRegex(AirflowException, "t1.* in DAG other failed"):
            self.poke(rows, external_task_id="t1", failed_states=["failed"])
        with self.assertRaises(AirflowSkipException):
            self.poke(rows, external_task_id="t1", failed_states=["failed"], soft_fail=True)
        with self.assertRaises(AirflowSkipException):
            self.poke(rows, external_task_id="t1", skipped_states=["failed"])

    def test_whole_runs_and_several_dates(self) -> None:
        dates = [LOGICAL_DATE.subtract(days=1), LOGICAL_DATE]
        self.assertFalse(self.poke(1, execution_date_fn=lambda date: dates))
        self.assertTrue(self.poke(2, execution_date_fn=lambda date, ds: dates))
        _, params = self.engine.requests[-1]
        self.assertEqual(params["states"], ["success"])
        self.assertTrue(self.poke(1, execution_delta=dt.timedelta(hours=1)))
        _, params = self.engine.requests[-1]
        self.assertEqual(params["logical_dates"], [LOGICAL_DATE.subtract(hours=1).isoformat()])

    def test_existence(self) -> None:
        self.assertFalse(self.poke([], external_task_id="t1", check_existence=True))
        with self.assertRaisesRegex(AirflowException, "task t9 in DAG other does not exist"):
            self.poke([], external_task_id="t9", check_existence=True)
        with self.assertRaisesRegex(AirflowException, "task group 'g'"):
            self.poke([], external_task_group_id="g", check_existence=True)

    def test_arguments_are_checked(self) -> None:
        wrong = (
            {"external_task_id": "a", "external_task_ids": ["b"]},
            {"external_task_ids": ["a", "a"]},
            {"allowed_states": ["nonsense"]},
            {"execution_delta": dt.timedelta(1), "execution_date_fn": lambda d: d},
        )
        for i, arguments in enumerate(wrong):
            with self.subTest(arguments), self.assertRaises(ValueError):
                ExternalTaskSensor(task_id=f"s{i}", external_dag_id="other", **arguments)
        with self.assertRaises(AirflowException):
            ExternalTaskSensor(task_id="t", external_dag_id="o", failed_states=["success"])

    def test_deferrable(self) -> None:
        sensor = ExternalTaskSensor(
            task_id="s", external_dag_id="other", external_task_id="t1", deferrable=True
        )
        with self.assertRaises(TaskDeferred) as caught:
            self.execute(sensor)
        _, kwargs = caught.exception.trigger.serialize()
        self.assertEqual(kwargs["execution_dates"], [LOGICAL_DATE])
        sensor.execute_complete({}, {"status": "success"})
        with self.assertRaises(AirflowSkipException):
            sensor.execute_complete({}, {"status": "skipped"})
        with self.assertRaises(AirflowException):
            sensor.execute_complete({}, {"status": "failed"})

    def test_marker(self) -> None:
        marker = ExternalTaskMarker(task_id="m", external_dag_id="o", external_task_id="t")
        self.assertIsNone(self.execute(marker))
        with self.assertRaises(ValueError):
            ExternalTaskMarker(
                task_id="n", external_dag_id="o", external_task_id="t", recursion_depth=0
            )


if __name__ == "__main__":
    unittest.main()
