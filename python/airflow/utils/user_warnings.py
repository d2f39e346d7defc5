"""Warnings that point at the line of user code which causes them."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from types import FrameType

from airflow.exceptions import RemovedInAirflow3Warning

# Frames below these folders are not the user's: this package, and what imports modules by name.
_INTERNAL = (
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
    os.path.dirname(os.path.abspath(importlib.__file__)) + os.sep,
)


class AuthoringWarning(UserWarning):
    """A DAG file does what may not have the effect that its author expects."""


def warn_removed(message: str) -> None:
    """Warn of a spelling that Airflow has deprecated."""
    warn_user(message, RemovedInAirflow3Warning)


def warn_user(message: str, category: type[Warning] = AuthoringWarning) -> None:
    """Warn at the line of user code that led here, however deep in the package we are."""
    warnings.warn(message, category, stacklevel=_user_stack_level())


def _user_stack_level() -> int:
    level = 1
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        filename = frame.f_code.co_filename
        # The import system's own frames do not count as a level.
        if not filename.startswith("<frozen importlib"):
            if not filename.startswith(_INTERNAL):
                break
            level += 1
        frame = frame.f_back
    return level
