"""What one attempt takes of an environment that serves many: processor time and memory."""

from __future__ import annotations

import contextlib
import resource
from typing import Any

_RESET_PEAK = b"5\n"  # see proc(5), /proc/pid/clear_refs


class UsageMeter:
    """Measures this process, and the children that it waits for, from its creation on."""

    def __init__(self) -> None:
        """Begin; the peak of the memory starts anew, where the kernel lets it."""
        with contextlib.suppress(OSError), open("/proc/self/clear_refs", "wb", 0) as file:
            file.write(_RESET_PEAK)
        self._own_before = resource.getrusage(resource.RUSAGE_SELF)
        self._children_before = resource.getrusage(resource.RUSAGE_CHILDREN)

    def read(self) -> dict[str, Any]:
        """Return `usage` of the protocol; the memory is that of the largest process."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        memory_kb = own.ru_maxrss
        # The kernel keeps the maximum over all children: one that did not grow says nothing.
        if children.ru_maxrss > self._children_before.ru_maxrss:
            memory_kb = max(memory_kb, children.ru_maxrss)
        seconds = _seconds(own) - _seconds(self._own_before)
        seconds += _seconds(children) - _seconds(self._children_before)
        return {"cpu_seconds": round(seconds, 6), "memory_bytes": memory_kb * 1024}


def _seconds(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime
