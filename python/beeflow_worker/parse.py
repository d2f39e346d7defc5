"""Parse one DAG file: `python3 -m beeflow_worker.parse FILE` prints its DAGs as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import NoReturn

from airflow.configuration import conf

from beeflow_worker.environment import parse


def main() -> NoReturn:
    """Print the result of parsing; what the file itself prints goes to standard error."""
    parser = argparse.ArgumentParser(prog="beeflow_worker.parse", description=__doc__)
    parser.add_argument("file", help="the DAG file")
    parser.add_argument(
        "--timeout",
        type=float,
        default=conf.getfloat("core", "dagbag_import_timeout"),
        help="longest import, in seconds",
    )
    parser.add_argument("--indent", type=int, help="print with this indentation")
    arguments = parser.parse_args()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as output:
        os.dup2(2, 1)
        result = parse(arguments.file, arguments.timeout)
        json.dump(result, output, indent=arguments.indent)
        output.write("\n")
    sys.stdout.flush()
    # Threads and exit handlers of the file must not hold the process.
    os._exit(1 if result["error"] else 0)


if __name__ == "__main__":
    main()
