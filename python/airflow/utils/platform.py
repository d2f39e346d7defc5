"""What this process runs on."""

from __future__ import annotations

import getpass
import os
import sys

IS_WINDOWS = False


def is_tty() -> bool:
    """Tell whether the output is a terminal."""
    return sys.stdout.isatty()


def is_terminal_support_colors() -> bool:
    """Tell whether the output is a terminal that shows colours."""
    return is_tty() and os.environ.get("TERM", "dumb") != "dumb"


def getuser() -> str:
    """Return the name of the user."""
    return getpass.getuser()
