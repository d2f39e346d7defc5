"""What `@task.docker` and `@task.kubernetes` share: a function that runs in an image.

Only its source, its arguments and its result pass between the two sides, as JSON: the image needs
nothing but Python. Names of the DAG file are not known to the function.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from airflow.decorators.base import DecoratedOperator
from airflow.exceptions import AirflowException

_RESULT_PATH = "/tmp/beeflow-result.json"
_ARGUMENTS = "BEEFLOW_CALL"
_PROGRAM = """{source}

import json as _json, os as _os
_call = _json.loads(_os.environ["{arguments}"])
_result = {name}(*_call["args"], **_call["kwargs"])
with open("{path}", "w") as _file:
    _json.dump(_result, _file)
"""


class ContainerDecoratedOperator(DecoratedOperator):
    """Mix-in: the other base class is an operator whose container runs the function."""

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        python_command: str = "python3",
        use_dill: bool | None = None,
        serializer: str | None = None,
        expect_airflow: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            python_callable=python_callable, op_args=op_args, op_kwargs=op_kwargs, **kwargs
        )
        self.python_command = python_command

    def container_plan(self) -> dict[str, Any]:
        """Return the plan of the other base class, with the call of the function."""
        plan: dict[str, Any] = super().container_plan()  # type: ignore[misc]
        call = {"args": list(self.op_args), "kwargs": dict(self.op_kwargs)}
        try:
            arguments = json.dumps(call)
        except (TypeError, ValueError) as error:
            raise AirflowException(
                f"the arguments of {self.python_callable.__name__} must be JSON values to reach "
                f"its container: {error}"
            ) from None
        program = _PROGRAM.format(
            source=self.get_python_source(),
            name=self.python_callable.__name__,
            arguments=_ARGUMENTS,
            path=_RESULT_PATH,
        )
        plan.pop("result_mount", None)
        plan.update(
            entrypoint=[self.python_command],
            command=["-c", program],
            env={**plan.get("env", {}), _ARGUMENTS: arguments},
            output="file",
            result_path=_RESULT_PATH,
        )
        return plan
