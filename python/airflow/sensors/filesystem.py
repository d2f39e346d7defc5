"""FileSensor: waits for a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.hooks.filesystem import FSHook
from airflow.sensors.base import BaseSensorOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context


class FileSensor(BaseSensorOperator):
    """Waits for a file, or for a folder that holds a file at any depth.

    :param fs_conn_id: connection whose extra field `path` is the base folder.
    :param filepath: path below that folder, or an absolute one; a glob pattern. (templated)
    :param recursive: let `**` of the pattern match any number of folders.
    :param deferrable: wait in a trigger instead of in the task.
    :param start_from_trigger, trigger_kwargs: accepted; the task looks once before it defers.
    """

    template_fields: Sequence[str] = ("filepath",)
    ui_color = "#91818a"

    def __init__(
        self,
        *,
        filepath: str,
        fs_conn_id: str = "fs_default",
        recursive: bool = False,
        deferrable: bool | None = None,
        start_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive
        if deferrable is None:
            deferrable = conf.getboolean("operators", "default_deferrable", False)
        self.deferrable = deferrable

    @cached_property
    def path(self) -> str:
        """The full path, or pattern, that is waited for."""
        base = FSHook(self.fs_conn_id).get_path()
        return os.path.join(base, self.filepath)

    def poke(self, context: Context) -> bool:
        from airflow.triggers.file import find_file

        self.log.info("Poking for file %s", self.path)
        found = find_file(self.path, self.recursive)
        if found is None:
            return False
        self.log.info("Found File %s", found)
        return True

    def execute(self, context: Context) -> None:
        if not self.deferrable:
            super().execute(context)
            return
        from airflow.triggers.file import FileTrigger

        if not self.poke(context):
            self.defer(
                timeout=timedelta(seconds=self.timeout),
                trigger=FileTrigger(
                    filepath=self.path,
                    recursive=self.recursive,
                    poke_interval=self.poke_interval,
                ),
                method_name="execute_complete",
            )

    def execute_complete(self, context: Context, event: bool | None = None) -> None:
        """Go on once the trigger has fired."""
        if not event:
            raise AirflowException(f"task {self.task_id} completed without finding {self.filepath}")
        self.log.info("%s completed successfully.", self.task_id)
