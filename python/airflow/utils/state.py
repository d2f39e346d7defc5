"""States of task instances and DAG runs."""

from __future__ import annotations

from enum import Enum


class TaskInstanceState(str, Enum):
    """States that a task instance can be in; one without a state has None."""

    REMOVED = "removed"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    RESTARTING = "restarting"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    UPSTREAM_FAILED = "upstream_failed"
    SKIPPED = "skipped"
    DEFERRED = "deferred"

    def __str__(self) -> str:
        return self.value


class TerminalTIState(str, Enum):
    """States in which a task instance has ended."""

    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"
    REMOVED = "removed"

    def __str__(self) -> str:
        return self.value


class IntermediateTIState(str, Enum):
    """States in which a task instance waits."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RESTARTING = "restarting"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    DEFERRED = "deferred"

    def __str__(self) -> str:
        return self.value


class JobState(str, Enum):
    """States of Airflow's own processes."""

    RUNNING = "running"
    SUCCESS = "success"
    RESTARTING = "restarting"
    FAILED = "failed"

    def __str__(self) -> str:
        return self.value


class DagRunState(str, Enum):
    """States that a DAG run can be in."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"

    def __str__(self) -> str:
        return self.value


class State:
    """All states by name, and the sets of states that belong together."""

    NONE = None
    REMOVED = TaskInstanceState.REMOVED
    SCHEDULED = TaskInstanceState.SCHEDULED
    QUEUED = TaskInstanceState.QUEUED
    RUNNING = TaskInstanceState.RUNNING
    SUCCESS = TaskInstanceState.SUCCESS
    RESTARTING = TaskInstanceState.RESTARTING
    FAILED = TaskInstanceState.FAILED
    UP_FOR_RETRY = TaskInstanceState.UP_FOR_RETRY
    UP_FOR_RESCHEDULE = TaskInstanceState.UP_FOR_RESCHEDULE
    UPSTREAM_FAILED = TaskInstanceState.UPSTREAM_FAILED
    SKIPPED = TaskInstanceState.SKIPPED
    DEFERRED = TaskInstanceState.DEFERRED

    finished_dr_states = frozenset({DagRunState.SUCCESS, DagRunState.FAILED})
    unfinished_dr_states = frozenset({DagRunState.QUEUED, DagRunState.RUNNING})
    task_states = (None, *TaskInstanceState)
    dag_states = (DagRunState.QUEUED, DagRunState.SUCCESS, DagRunState.RUNNING, DagRunState.FAILED)
    finished = frozenset({SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED, REMOVED})
    unfinished = frozenset(task_states) - finished
    success_states = frozenset({SUCCESS, SKIPPED})
    failed_states = frozenset({FAILED, UPSTREAM_FAILED})
    running = frozenset({RUNNING, RESTARTING, DEFERRED})
    adoptable_states = frozenset({QUEUED, RUNNING, RESTARTING})
    terminating_states = frozenset({REMOVED, RESTARTING})

    state_color: dict[str | None, str] = {
        None: "lightblue",
        QUEUED: "gray",
        RUNNING: "lime",
        SUCCESS: "green",
        RESTARTING: "violet",
        FAILED: "red",
        UP_FOR_RETRY: "gold",
        UP_FOR_RESCHEDULE: "turquoise",
        UPSTREAM_FAILED: "orange",
        SKIPPED: "hotpink",
        REMOVED: "lightgrey",
        SCHEDULED: "tan",
        DEFERRED: "mediumpurple",
    }

    @classmethod
    def color(cls, state: str | None) -> str:
        """Return the colour in which a state is shown."""
        return cls.state_color.get(state, "white")

    @classmethod
    def color_fg(cls, state: str | None) -> str:
        """Return the colour of text on it."""
        return "white" if cls.color(state) in ("green", "red") else "black"
