"""A Python task in a container: an environment that serves the worker outside, for one attempt.

`python3 -m beeflow_worker.container --fd N` serves the inherited socket N. The image brings the
interpreter and the modules; the authoring API and the DAG folder are mounted.
"""

from __future__ import annotations

import argparse
import os
import sys

from beeflow_worker.frames import FrameSocket

_PYTHON_MIN = (3, 9)


class _ContainerSocket(FrameSocket):
    """The connection to the worker. What the container writes is the output of the attempt."""

    def take_descriptor(self) -> int:
        """Return a descriptor of the container's own output."""
        return os.dup(1)


def _find_lack() -> str | None:
    """Return what the image lacks, None if it has what a task needs."""
    if sys.version_info < _PYTHON_MIN:
        wanted = ".".join(map(str, _PYTHON_MIN))
        return f"its python3 is {sys.version.split()[0]}; at least {wanted} is needed"
    try:
        import beeflow_worker.environment  # noqa: F401
    except ImportError as error:
        return f"its python3 lacks what Beeflow needs ({error}); install jinja2 and pendulum"
    return None


def main() -> None:
    """Serve the worker on the descriptor given by `--fd`."""
    parser = argparse.ArgumentParser(prog="beeflow_worker.container")
    parser.add_argument("--fd", type=int, required=True, help="descriptor of the worker's socket")
    worker = _ContainerSocket.from_descriptor(parser.parse_args().fd)
    if sys.path and sys.path[0] == os.getcwd():
        del sys.path[0]  # put there by `python3 -m`; modules of that folder must not shadow others
    lack = _find_lack()
    if lack is not None:
        reason = f"the image cannot run Python tasks: {lack}"
        worker.send({"op": "finished", "state": "failed", "reason": reason, "traceback": reason})
        return
    from beeflow_worker.engine import WorkerGone
    from beeflow_worker.environment import run_environment

    try:
        run_environment(worker)
    except (WorkerGone, ConnectionError):
        pass


if __name__ == "__main__":
    main()
