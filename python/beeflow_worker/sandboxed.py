"""An environment that is a process of its own from the start, in a sandbox.

`python3 -m beeflow_worker.sandboxed --fd N` serves its worker on the inherited socket N. The zygote
is outside of the sandbox, and what it shares with its forks would be inside; so everything is
imported anew here, which takes longer.
"""

from __future__ import annotations

import contextlib
import sys

from beeflow_worker.engine import WorkerGone
from beeflow_worker.environment import run_environment
from beeflow_worker.frames import FrameSocket
from beeflow_worker.zygote import read_descriptor, settle


def main() -> None:
    """Serve the worker on the descriptor given by `--fd`."""
    descriptor = read_descriptor(sys.argv)
    settle()
    with contextlib.suppress(WorkerGone, ConnectionError):
        run_environment(FrameSocket.from_descriptor(descriptor))


if __name__ == "__main__":
    main()
