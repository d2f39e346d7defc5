"""hashlib.md5, for code that hashes what is no secret."""

from __future__ import annotations

import hashlib
from typing import Any


def md5(__string: bytes = b"", *, usedforsecurity: bool = False) -> Any:
    """Return an MD5 hash object, also where MD5 is forbidden for secrets."""
    return hashlib.md5(__string, usedforsecurity=usedforsecurity)
