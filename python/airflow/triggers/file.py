"""Triggers that wait for files."""

from __future__ import annotations

import asyncio
import glob
import os
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent
from airflow.utils.user_warnings import warn_removed


def find_file(pattern: str, recursive: bool = False) -> str | None:
    """Return a file that matches, or that lies anywhere in a folder that matches; else None."""
    for path in glob.iglob(pattern, recursive=recursive):
        if os.path.isfile(path):
            return path
        for folder, _, names in os.walk(path):
            if names:
                return os.path.join(folder, names[0])
    return None


class FileTrigger(BaseTrigger):
    """Fires with True once a file matches `filepath`, or lies in a folder that does.

    :param recursive: let `**` of the pattern match any number of folders.
    :param poke_interval: seconds between looks.
    """

    def __init__(
        self, filepath: str, recursive: bool = False, poke_interval: float = 5.0, **kwargs: Any
    ) -> None:
        super().__init__()
        if kwargs.pop("poll_interval", None) is not None:
            warn_removed("`poll_interval` has been deprecated. Use `poke_interval` instead.")
        self.filepath = filepath
        self.recursive = recursive
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.triggers.file.FileTrigger",
            {
                "filepath": self.filepath,
                "recursive": self.recursive,
                "poke_interval": self.poke_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while True:
            found = await asyncio.to_thread(find_file, self.filepath, self.recursive)
            if found is not None:
                self.log.info("Found File %s", found)
                yield TriggerEvent(True)
                return
            await asyncio.sleep(self.poke_interval)


class FileDeleteTrigger(BaseEventTrigger):
    """Fires once the file `filepath` is there, after deleting it."""

    def __init__(self, filepath: str, poke_interval: float = 5.0, **kwargs: Any) -> None:
        super().__init__()
        self.filepath = filepath
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.triggers.file.FileDeleteTrigger",
            {"filepath": self.filepath, "poke_interval": self.poke_interval},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while True:
            if await asyncio.to_thread(os.path.isfile, self.filepath):
                await asyncio.to_thread(os.remove, self.filepath)
                self.log.info("File %s has been deleted", self.filepath)
                yield TriggerEvent(True)
                return
            await asyncio.sleep(self.poke_interval)
