"""BaseSensorOperator, the class of all sensors."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pendulum

from airflow.configuration import conf
from airflow.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowPokeFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralTimeout,
)
from airflow.models.baseoperator import BaseOperator
from airflow.models.skipmixin import SkipMixin

if TYPE_CHECKING:
    from airflow.utils.context import Context

DEFAULT_TIMEOUT_SECONDS = 7 * 24 * 3600
_FATAL = (
    AirflowSensorTimeout,
    AirflowTaskTimeout,
    AirflowPokeFailException,
    AirflowFailException,
)


class PokeReturnValue:
    """What `poke` may return to hand over a value: `is_done`, and the XCom to store if it is."""

    def __init__(self, is_done: bool, xcom_value: Any | None = None) -> None:
        self.is_done = is_done
        self.xcom_value = xcom_value

    def __bool__(self) -> bool:
        return self.is_done


class BaseSensorOperator(BaseOperator, SkipMixin):
    """Waits until `poke` returns something true. Subclasses implement `poke(context)`.

    :param poke_interval: time between two pokes: seconds, or a timedelta.
    :param timeout: time after which the sensor fails: seconds, or a timedelta.
    :param soft_fail: be skipped instead of failing.
    :param mode: `poke` waits inside of the task, `reschedule` ends it and comes back later.
    :param exponential_backoff: double the time between pokes each time.
    :param max_wait: longest time between two pokes: a timedelta, or seconds.
    :param silent_fail: log what `poke` raises, and go on waiting.
    :param never_fail: be skipped, whatever `poke` raises.
    """

    ui_color: str = "#e6f1f2"
    valid_modes: ClassVar[Iterable[str]] = ("poke", "reschedule")
    _is_sensor = True

    def __init__(
        self,
        *,
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float | None = None,
        soft_fail: bool = False,
        mode: str = "poke",
        exponential_backoff: bool = False,
        max_wait: timedelta | float | None = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if timeout is None:
            timeout = conf.getfloat("sensors", "default_timeout", DEFAULT_TIMEOUT_SECONDS)
        self.poke_interval = self._seconds("poke_interval", poke_interval)
        self.timeout = self._seconds("timeout", timeout)
        self.max_wait = None if max_wait is None else self._span("max_wait", max_wait)
        if soft_fail and never_fail:
            raise ValueError(
                f"task {self.task_id}: soft_fail and never_fail are mutually exclusive; give one"
            )
        self.soft_fail = soft_fail
        self.never_fail = never_fail
        self.silent_fail = silent_fail
        self.exponential_backoff = exponential_backoff
        self.mode = mode
        self._check_mode()

    def _check_mode(self) -> None:
        if self.mode not in self.valid_modes:
            raise AirflowException(
                f"The mode must be one of {list(self.valid_modes)}, "
                f"'{self.dag.dag_id if self.has_dag() else ''}.{self.task_id}'; "
                f"received '{self.mode}'."
            )

    def _seconds(self, name: str, value: Any) -> float:
        if isinstance(value, timedelta):
            return value.total_seconds()
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise AirflowException(
                f"{self.task_id}: The {name} must be a non-negative number or a timedelta; it is "
                f"{value!r}"
            )
        return value

    def _span(self, name: str, value: Any) -> timedelta:
        return timedelta(seconds=self._seconds(name, value))

    @property
    def reschedule(self) -> bool:
        """Whether the sensor ends between two pokes."""
        return self.mode == "reschedule"

    def poke(self, context: Context) -> bool | PokeReturnValue:
        """Tell whether the waiting is over; for subclasses."""
        raise AirflowException("Override me.")

    def execute(self, context: Context) -> Any:
        elapsed, pokes = self._start_clock(context)
        while True:
            result = self._poke_once(context)
            if result:
                self.log.info("Success criteria met. Exiting.")
                return result.xcom_value if isinstance(result, PokeReturnValue) else None
            if elapsed() > self.timeout:
                self._give_up(elapsed())
            wait = self._get_next_poke_interval(context, elapsed, pokes)
            if self.reschedule:
                raise AirflowRescheduleException(pendulum.now("UTC") + timedelta(seconds=wait))
            time.sleep(wait)
            pokes += 1

    def _start_clock(self, context: Context) -> tuple[Callable[[], float], int]:
        """Return what tells the seconds since the first poke, and the number of the next one."""
        if self.reschedule:
            ti = context["ti"]
            started = ti.start_date or pendulum.now("UTC")
            pokes = 1 + (getattr(ti, "reschedules", 0) or 0)
            return (lambda: (pendulum.now("UTC") - started).total_seconds()), pokes
        began = time.monotonic()
        return (lambda: time.monotonic() - began), 1

    def _poke_once(self, context: Context) -> Any:
        try:
            return self.poke(context)
        except AirflowSkipException:
            raise
        except _FATAL as error:
            for option in ("soft_fail", "never_fail"):
                if getattr(self, option):
                    raise AirflowSkipException(
                        f"Skipping due to {option} is set to True."
                    ) from error
            raise
        except Exception as error:
            if self.silent_fail:
                self.log.error("Sensor poke failed: \n %s", traceback.format_exc())
                return False
            if self.never_fail:
                raise AirflowSkipException("Skipping due to never_fail is set to True.") from error
            raise

    def _give_up(self, elapsed: float) -> None:
        message = (
            f"Sensor has timed out; run duration of {elapsed} seconds exceeds the specified "
            f"timeout of {self.timeout}."
        )
        if self.soft_fail or self.never_fail:
            raise AirflowSkipException(message)
        raise AirflowSensorTimeout(message)

    def _get_next_poke_interval(
        self, context: Context, run_duration: Callable[[], float], poke_count: int
    ) -> float:
        """Return the seconds until the next poke.

        The backoff is spread by up to its length, differently for each task instance, so that
        sensors that started together do not stay together.
        """
        if not self.exponential_backoff:
            return self.poke_interval
        backoff = max(int(self.poke_interval * 2 ** min(poke_count - 2, 64)), 1)
        ti = context["ti"]
        identity = f"{ti.dag_id}#{ti.task_id}#{ti.run_id}#{poke_count}"
        jitter = int(hashlib.sha256(identity.encode()).hexdigest(), 16) % backoff
        wait = float(min(backoff + jitter, self.timeout - int(run_duration())))
        if self.max_wait is not None:
            wait = min(self.max_wait.total_seconds(), wait)
        self.log.info("new %s interval is %s", self.mode, wait)
        return max(wait, 0.0)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> Any:
        """Go on after a deferral; a deferral that timed out is a sensor's timeout."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)  # type: ignore[misc]
        except TaskDeferralTimeout as error:
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException(str(error)) from error
            raise AirflowSensorTimeout(*error.args) from error
        except (AirflowSkipException, AirflowRescheduleException):
            raise
        except AirflowException as error:
            if self.soft_fail:
                raise AirflowSkipException(str(error)) from error
            raise


def poke_mode_only(cls: Any) -> Any:
    """Class decorator of sensors that cannot be rescheduled."""

    def get_mode(self: Any) -> str:
        return "poke"

    def set_mode(self: Any, value: str) -> None:
        if value != "poke":
            raise ValueError(f"Cannot set mode to '{value}'. Only 'poke' is acceptable")

    if not issubclass(cls, BaseSensorOperator):
        raise ValueError(
            f"poke_mode_only decorator should only be applied to subclasses of "
            f"BaseSensorOperator, got:{cls}."
        )
    cls.mode = property(get_mode, set_mode)  # type: ignore[assignment]
    return cls
