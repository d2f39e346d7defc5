"""md5 that is not meant for security."""

from __future__ import annotations

import hashlib
from typing import Any


def md5(string: bytes = b"", /) -> Any:
    """Return the MD5 hash object of some bytes."""
    return hashlib.md5(string, usedforsecurity=False)
