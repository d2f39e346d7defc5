"""Keys of XComs that have a meaning of their own."""

from __future__ import annotations

XCOM_RETURN_KEY = "return_value"
MAX_XCOM_KEY_LENGTH = 512
