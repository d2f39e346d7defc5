"""BashOperator: a task that runs a Bash command or script."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.hooks.subprocess import SubprocessHook
from airflow.models.baseoperator import BaseOperator
from airflow.utils.user_warnings import warn_removed
from airflow.utils.operator_helpers import context_to_airflow_vars
from airflow.utils.types import ArgNotSet

if TYPE_CHECKING:
    from airflow.utils.context import Context

DEFAULT_SKIP_EXIT_CODE = 99


def _keep(line: str) -> Any:
    return line


class BashOperator(BaseOperator):
    """Run a Bash script, command or set of commands.

    :param bash_command: what to run; a name that ends in `.sh` or `.bash` is that of a template
        file. (templated)
    :param env: environment variables; they replace the inherited ones unless `append_env`.
        (templated)
    :param append_env: add `env` to the inherited environment.
    :param output_encoding: encoding of the output.
    :param skip_on_exit_code: exit code, or codes, that leave the task skipped; None for no such
        code. Every other code than 0 fails the task.
    :param cwd: working directory; a temporary one unless given. (templated)
    :param output_processor: turns the last line of the output into what is pushed as XCom.
    """

    template_fields: Sequence[str] = ("bash_command", "env", "cwd")
    template_fields_renderers: ClassVar[dict[str, str]] = {"bash_command": "bash", "env": "json"}
    template_ext: Sequence[str] = (".sh", ".bash")
    ui_color = "#f0ede4"

    def __init__(
        self,
        *,
        bash_command: str | ArgNotSet,
        env: dict[str, str] | None = None,
        append_env: bool = False,
        output_encoding: str = "utf-8",
        skip_exit_code: int | None = None,
        skip_on_exit_code: int | Container[int] | None = DEFAULT_SKIP_EXIT_CODE,
        cwd: str | None = None,
        output_processor: Callable[[str], Any] = _keep,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if skip_exit_code is not None:
            warn_removed("skip_exit_code is deprecated. Please use skip_on_exit_code")
            skip_on_exit_code = skip_exit_code
        self.bash_command = bash_command
        self.env = env
        self.append_env = append_env
        self.output_encoding = output_encoding
        self.skip_on_exit_code: Container[int] = _as_codes(skip_on_exit_code)
        self.cwd = cwd
        self.output_processor = output_processor

    @property
    def processes_output(self) -> bool:
        """Whether an `output_processor` was given."""
        return self.output_processor is not _keep

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        """What runs the command."""
        return SubprocessHook()

    def get_env(self, context: Context) -> dict[str, str]:
        """Return the environment variables of the command."""
        inherited = dict(os.environ) if self.env is None or self.append_env else {}
        described = context_to_airflow_vars(context, in_env_var_format=True)
        return {**inherited, **(self.env or {}), **described}

    def execute(self, context: Context) -> Any:
        if self.cwd is not None:
            if not os.path.exists(self.cwd):
                raise AirflowException(f"Can not find the cwd: {self.cwd}")
            if not os.path.isdir(self.cwd):
                raise AirflowException(f"The cwd {self.cwd} must be a directory")
        result = self.subprocess_hook.run_command(
            command=["bash", "-c", str(self.bash_command)],
            env=self.get_env(context),
            output_encoding=self.output_encoding,
            cwd=self.cwd,
        )
        if result.exit_code in self.skip_on_exit_code:
            raise AirflowSkipException(
                f"Bash command returned exit code {result.exit_code}. Skipping."
            )
        if result.exit_code != 0:
            raise AirflowException(
                "Bash command failed. The command returned a non-zero exit code "
                f"{result.exit_code}."
            )
        return self.output_processor(result.output)

    def on_kill(self) -> None:
        self.subprocess_hook.send_sigterm()


def _as_codes(codes: int | Container[int] | None) -> Container[int]:
    if codes is None:
        return ()
    return (codes,) if isinstance(codes, int) else codes
