"""Timetables and datasets: what `schedule` accepts, and what the engine is told of it."""

from __future__ import annotations

import datetime as dt
import unittest
from typing import Any
from unittest import mock

import pendulum
from dateutil.relativedelta import relativedelta
from harness import FolderTest

from airflow import _engine
from airflow.datasets import (
    Asset,
    AssetAlias,
    Dataset,
    DatasetAlias,
    DatasetAll,
    DatasetAny,
)
from airflow.datasets.events import InletEventsAccessors, OutletEventAccessors, triggering_events
from airflow.datasets.metadata import Metadata
from airflow.exceptions import AirflowTimetableInvalid
from airflow.timetables import evaluate
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.timetables.datasets import DatasetOrTimeSchedule
from airflow.timetables.events import EventsTimetable
from airflow.timetables.factory import create_timetable
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from airflow.timetables.simple import (
    ContinuousTimetable,
    DatasetTriggeredTimetable,
    NullTimetable,
    OnceTimetable,
)
from airflow.timetables.trigger import (
    CronTriggerTimetable,
    DeltaTriggerTimetable,
    MultipleCronTriggerTimetable,
)
from airflow.utils import timezone

UTC = pendulum.tz.timezone("UTC")
DAY = dt.timedelta(days=1)


def moment(*parts: int, tz: Any = "UTC") -> pendulum.DateTime:
    return pendulum.datetime(*parts, tz=tz)


def runs(timetable: Timetable, start: pendulum.DateTime, count: int) -> list[DagRunInfo]:
    """Return the first runs of a timetable, with catchup."""
    found: list[DagRunInfo] = []
    last = None
    for _ in range(count):
        info = timetable.next_dagrun_info(
            last_automated_data_interval=last, restriction=TimeRestriction(start, None, True)
        )
        assert info is not None
        found.append(info)
        last = info.data_interval
    return found


class ScheduleTest(unittest.TestCase):
    """The `schedule` object of the serialized DAG."""

    def schedule(self, value: Any) -> dict[str, Any]:
        return create_timetable(value, UTC).to_schedule()

    def test_by_time(self) -> None:
        cron = {"kind": "cron", "expression": "@daily", "timezone": "UTC"}
        for value, expected in (
            (None, {"kind": "none"}),
            ([], {"kind": "none"}),
            ("@once", {"kind": "once"}),
            ("@continuous", {"kind": "continuous"}),
            ("@daily", cron),
            (DAY, {"kind": "delta", "seconds": 86400.0}),
            (relativedelta(months=1), {"kind": "delta", "seconds": 0.0, "months": 1}),
        ):
            self.assertEqual(self.schedule(value), expected)

    def test_triggers_and_events(self) -> None:
        self.assertEqual(
            self.schedule(
                CronTriggerTimetable("0 1 * * 3", timezone="Europe/Warsaw", interval=DAY)
            ),
            {
                "kind": "cron_trigger",
                "expression": "0 1 * * 3",
                "timezone": "Europe/Warsaw",
                "interval": 86400.0,
            },
        )
        self.assertEqual(
            self.schedule(DeltaTriggerTimetable(DAY)),
            {"kind": "delta_trigger", "seconds": 86400.0, "interval": 0.0},
        )
        events = EventsTimetable(
            [moment(2024, 2, 1), moment(2024, 1, 1)], restrict_to_events=True, description="Games"
        )
        self.assertEqual(
            self.schedule(events),
            {
                "kind": "events",
                "dates": ["2024-01-01T00:00:00+00:00", "2024-02-01T00:00:00+00:00"],
                "restrict_to_events": True,
                "description": "Games",
            },
        )

    def test_several_crons_are_asked_of_us(self) -> None:
        timetable = MultipleCronTriggerTimetable("0 1 * * *", "30 2 * * *", timezone="UTC")
        self.assertEqual(timetable.to_schedule()["kind"], "custom")
        found = runs(timetable, moment(2024, 1, 1), 3)
        self.assertEqual(
            [info.run_after for info in found],
            [moment(2024, 1, 1, 1), moment(2024, 1, 1, 2, 30), moment(2024, 1, 2, 1)],
        )

    def test_datasets(self) -> None:
        a, b, alias = Dataset("s3://b/a"), Dataset("s3://b/b"), DatasetAlias("x")
        condition = {"all": [{"uri": "s3://b/a"}, {"uri": "s3://b/b"}]}
        self.assertEqual(self.schedule([a, b]), {"kind": "datasets", "condition": condition})
        self.assertEqual(self.schedule(a & b)["condition"], condition)
        self.assertEqual(self.schedule(a)["condition"], {"uri": "s3://b/a"})
        self.assertEqual(
            self.schedule((a & b) | alias | Asset("name"))["condition"],
            {"any": [condition, {"alias": "x"}, {"uri": "name"}]},
        )
        self.assertEqual(
            self.schedule(DatasetOrTimeSchedule(timetable=OnceTimetable(), datasets=[a, b])),
            {"kind": "datasets_or_time", "condition": condition, "schedule": {"kind": "once"}},
        )
        both = AssetOrTimeSchedule(timetable=NullTimetable(), assets=(a | b))
        self.assertEqual(both.to_schedule()["condition"]["any"][0], {"uri": "s3://b/a"})

    def test_errors(self) -> None:
        for value in ("not a cron", 5, [Dataset("a"), "b"], dt.timedelta(0)):
            with self.assertRaises(AirflowTimetableInvalid):
                self.schedule(value)


class ComputationTest(unittest.TestCase):
    """Timetables compute as Airflow's do; author's classes build on them."""

    def test_cron_intervals(self) -> None:
        timetable = CronDataIntervalTimetable("0 6 * * *", "UTC")
        first, second = runs(timetable, moment(2024, 1, 1, 7), 2)
        self.assertEqual(first.data_interval, (moment(2024, 1, 2, 6), moment(2024, 1, 3, 6)))
        self.assertEqual(second.run_after, moment(2024, 1, 4, 6))
        self.assertEqual(
            timetable.infer_manual_data_interval(run_after=moment(2024, 1, 5, 1)),
            DataInterval(moment(2024, 1, 3, 6), moment(2024, 1, 4, 6)),
        )

    def test_daylight_saving_time(self) -> None:
        daily = CronDataIntervalTimetable("0 0 * * *", "Europe/Warsaw")
        start = moment(2024, 3, 31, tz="Europe/Warsaw")
        (info,) = runs(daily, start, 1)
        self.assertEqual(info.data_interval.end - info.data_interval.start, dt.timedelta(hours=23))
        hourly = CronDataIntervalTimetable("0 * * * *", "Europe/Warsaw")
        ends = [run.run_after for run in runs(hourly, start, 4)]
        self.assertEqual(ends[3] - ends[0], dt.timedelta(hours=3))

    def test_without_catchup(self) -> None:
        now = moment(2024, 1, 10, 12)
        restriction = TimeRestriction(moment(2024, 1, 1), None, False)
        for timetable, start in (
            (CronDataIntervalTimetable("@daily", "UTC"), moment(2024, 1, 9)),
            (DeltaDataIntervalTimetable(DAY), moment(2024, 1, 9)),
            (CronTriggerTimetable("@daily", timezone="UTC"), moment(2024, 1, 11)),
        ):
            with mock.patch.object(timezone, "utcnow", lambda: now):
                info = timetable.next_dagrun_info(
                    last_automated_data_interval=None, restriction=restriction
                )
            self.assertEqual(info.data_interval.start, start)

    def test_trigger_interval_ends_at_the_tick(self) -> None:
        timetable = CronTriggerTimetable("0 1 * * *", timezone="UTC", interval=DAY)
        (info,) = runs(timetable, moment(2024, 1, 1), 1)
        self.assertEqual(info.run_after, moment(2024, 1, 1, 1))
        self.assertEqual(info.logical_date, moment(2023, 12, 31, 1))
        manual = timetable.infer_manual_data_interval(run_after=moment(2024, 1, 5))
        self.assertEqual(manual, (moment(2024, 1, 4), moment(2024, 1, 5)))

    def test_events(self) -> None:
        dates = [moment(2024, 1, 1), moment(2024, 2, 1)]
        timetable = EventsTimetable(dates, restrict_to_events=True)
        self.assertEqual([i.run_after for i in runs(timetable, moment(2023, 1, 1), 2)], dates)
        at = timetable.infer_manual_data_interval(run_after=moment(2024, 1, 20))
        self.assertEqual(at, DataInterval.exact(dates[0]))
        self.assertEqual(timetable.following(moment(2024, 1, 20)), dates[1])

    def test_once_and_continuous(self) -> None:
        start = moment(2024, 1, 1)
        (info,) = runs(OnceTimetable(), start, 1)
        self.assertEqual(info, DagRunInfo.exact(start))
        with mock.patch.object(timezone, "utcnow", lambda: start + DAY):
            (info,) = runs(ContinuousTimetable(), start, 1)
        self.assertEqual(info.data_interval, (start, start + DAY))

    def test_serialize_and_back(self) -> None:
        for timetable in (
            CronDataIntervalTimetable("@daily", "Europe/Warsaw"),
            DeltaDataIntervalTimetable(DAY),
            CronTriggerTimetable("@daily", timezone="UTC", interval=DAY),
            DeltaTriggerTimetable(DAY, interval=DAY),
            EventsTimetable([moment(2024, 1, 1)]),
        ):
            again = type(timetable).deserialize(timetable.serialize())
            self.assertEqual(again.serialize(), timetable.serialize())


WORKDAYS = """
    from datetime import timedelta
    from pendulum import UTC, Date, DateTime, Time
    from airflow import DAG
    from airflow.plugins_manager import AirflowPlugin
    from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

    class Workdays(Timetable):
        description = "Each workday"

        def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
            start = DateTime.combine((run_after - timedelta(days=1)).date(), Time.min)
            start = start.replace(tzinfo=UTC)
            return DataInterval(start=start, end=start + timedelta(days=1))

        def next_dagrun_info(self, *, last_automated_data_interval, restriction):
            if last_automated_data_interval is not None:
                start = last_automated_data_interval.start + timedelta(days=1)
            elif restriction.earliest is None:
                return None
            else:
                start = restriction.earliest
            while start.weekday() in (5, 6):
                start += timedelta(days=1)
            if restriction.latest is not None and start > restriction.latest:
                return None
            return DagRunInfo.interval(start=start, end=start + timedelta(days=1))

    class Plugin(AirflowPlugin):
        name = "workdays"
        timetables = [Workdays]

    with DAG("d", schedule=Workdays(), start_date=DateTime(2024, 1, 1, tzinfo=UTC)) as dag:
        pass
"""


class CustomTest(FolderTest):
    """An author's own timetable."""

    def test_serialized_as_custom(self) -> None:
        dag = self.parse_dag(WORKDAYS)
        schedule = dag["schedule"]
        self.assertEqual(schedule.pop("class").rpartition(".")[2], "Workdays")
        self.assertEqual(
            schedule,
            {"kind": "custom", "summary": "Workdays", "periodic": True, "can_be_scheduled": True},
        )

    def test_evaluation(self) -> None:
        names: dict[str, Any] = {"__name__": "workdays"}
        exec(__import__("textwrap").dedent(WORKDAYS), names)
        timetable = names["Workdays"]()
        friday = {"start": "2024-01-05T00:00:00+00:00", "end": "2024-01-06T00:00:00+00:00"}
        self.assertEqual(
            evaluate.next_run(timetable, friday, None, None, True),
            {
                "start": "2024-01-08T00:00:00+00:00",
                "end": "2024-01-09T00:00:00+00:00",
                "run_after": "2024-01-09T00:00:00+00:00",
            },
        )
        self.assertIsNone(evaluate.next_run(timetable, friday, None, friday["end"], True))
        self.assertEqual(
            evaluate.manual_interval(timetable, "2024-01-05T13:00:00+00:00")["start"],
            "2024-01-04T00:00:00+00:00",
        )

    def test_subclass_of_a_built_in_one(self) -> None:
        class Described(CronDataIntervalTimetable):
            description = "x"

        class Own(CronDataIntervalTimetable):
            def next_dagrun_info(self, **_: Any) -> DagRunInfo | None:
                return None

        self.assertEqual(Described("@daily", "UTC").to_schedule()["kind"], "cron")
        self.assertEqual(Own("@daily", "UTC").to_schedule()["kind"], "custom")

    def test_wrong_answers_are_named(self) -> None:
        class Wrong(Timetable):
            def next_dagrun_info(self, **_: Any) -> Any:
                return "tomorrow"

        with self.assertRaisesRegex(AirflowTimetableInvalid, "Wrong.next_dagrun_info.*tomorrow"):
            evaluate.next_run(Wrong(), None, None, None, True)


class DatasetTest(unittest.TestCase):
    def test_normal_form_of_a_uri(self) -> None:
        for uri, normal in (
            ("plain text", "plain text"),
            ("S3://Bucket/Key/", "s3://Bucket/Key"),
            ("s3://bucket", "s3://bucket/"),
            ("https://h/p?b=2&a=1#f", "https://h/p?a=1&b=2"),
            ("x-own://U@h/", "x-own://U@h/"),
        ):
            self.assertEqual(Dataset(uri).uri, normal)
        with self.assertWarnsRegex(UserWarning, "auth info"):
            self.assertEqual(Dataset("ftp://u:p@h/f").uri, "ftp://h/f")
        for uri in ("", " ", "ü", "airflow://x", "x" * 3001):
            with self.assertRaises(ValueError):
                Dataset(uri)

    def test_conditions(self) -> None:
        a, b = Dataset("a"), Dataset("b")
        self.assertTrue(DatasetAny(a, b).evaluate({"a": True}))
        self.assertFalse(DatasetAll(a, b).evaluate({"a": True}))
        self.assertEqual(dict((a & b & a).iter_datasets()), {"a": a, "b": b})
        self.assertEqual(Dataset("s3://b/k"), Asset(uri="s3://b/k/", name="n"))
        self.assertEqual(DatasetTriggeredTimetable(a).summary, "Dataset")
        with self.assertRaises(TypeError):
            DatasetAny(a, "b")

    def test_outlet_events(self) -> None:
        a, alias = Dataset("s3://b/a"), AssetAlias("alias")
        events = OutletEventAccessors([a, alias])
        events[a].extra = {"rows": 1}
        events["s3://b/a"].extra["more"] = 2
        events["alias"].add(Dataset("s3://b/c"), extra={"k": "v"})
        events.accept(Metadata("s3://b/d", {"x": 1}, alias="alias"))
        self.assertEqual(
            events.collect([a, Dataset("quiet"), alias, "no dataset"]),
            [
                {"uri": "s3://b/a", "extra": {"rows": 1, "more": 2}, "alias": None},
                {"uri": "quiet", "extra": {}, "alias": None},
                {"uri": "s3://b/c", "extra": {"k": "v"}, "alias": "alias"},
                {"uri": "s3://b/d", "extra": {"x": 1}, "alias": "alias"},
            ],
        )

    def test_inlet_and_triggering_events(self) -> None:
        event = {
            "uri": "s3://b/a",
            "extra": {"rows": 1},
            "timestamp": "2024-01-01T00:00:00+00:00",
            "source_dag_id": "d",
            "source_task_id": "t",
            "source_run_id": "r",
            "source_map_index": -1,
        }
        engine = mock.Mock()
        engine.request.return_value = [event]
        _engine.attach(engine)
        self.addCleanup(_engine.attach, None)
        events = InletEventsAccessors([Dataset("s3://b/a")])["s3://b/a"]
        self.assertEqual(events[-1].extra, {"rows": 1})
        self.assertEqual(events[0].source_task_instance.task_id, "t")
        engine.request.assert_called_once_with("dataset_events", uri="s3://b/a")
        self.assertEqual(triggering_events("d", "r")["s3://b/a"][0].timestamp, moment(2024, 1, 1))
        with self.assertRaises(KeyError):
            InletEventsAccessors([])["s3://b/a"]


if __name__ == "__main__":
    unittest.main()
