"""Links from a task to other systems."""

from __future__ import annotations

from typing import Any, ClassVar


class BaseOperatorLink:
    """Base class of the extra links of an operator."""

    name: ClassVar[str] = ""
    operators: ClassVar[list[type]] = []

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the address that the link leads to."""
        raise NotImplementedError
