"""BashSensor: waits until a Bash command succeeds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowFailException
from airflow.hooks.subprocess import SubprocessHook
from airflow.sensors.base import BaseSensorOperator
from airflow.utils.operator_helpers import context_to_airflow_vars

if TYPE_CHECKING:
    from airflow.utils.context import Context


class BashSensor(BaseSensorOperator):
    """Waits until a Bash command returns 0.

    :param bash_command: the command. (templated)
    :param env: environment variables, in place of the inherited ones. (templated)
    :param output_encoding: encoding of the output.
    :param retry_exit_code: the only code that means "not yet"; every other but 0 then fails the
        sensor. Without it, every code but 0 means "not yet".
    """

    template_fields: Sequence[str] = ("bash_command", "env")
    template_ext: Sequence[str] = (".sh", ".bash")

    def __init__(
        self,
        *,
        bash_command: str,
        env: dict[str, str] | None = None,
        output_encoding: str = "utf-8",
        retry_exit_code: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.output_encoding = output_encoding
        self.retry_exit_code = retry_exit_code

    def poke(self, context: Context) -> bool:
        inherited = os.environ if self.env is None else self.env
        result = SubprocessHook().run_command(
            command=["bash", "-c", self.bash_command],
            env={**inherited, **context_to_airflow_vars(context, in_env_var_format=True)},
            output_encoding=self.output_encoding,
        )
        if result.exit_code == 0:
            return True
        if self.retry_exit_code in (None, result.exit_code):
            self.log.info("Exit code %s: poking again later", result.exit_code)
            return False
        raise AirflowFailException(f"Command exited with return code {result.exit_code}")
