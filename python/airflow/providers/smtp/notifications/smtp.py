"""SmtpNotifier: tells people by e-mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from airflow.notifications.basenotifier import BaseNotifier

_SUBJECT = (
    "DAG {{ dag.dag_id }} - Task {{ ti.task_id }} - Run ID {{ run_id }} in State {{ ti.state }}"
)
_BODY = """\
<p>Task <b>{{ ti.task_id }}</b> of DAG <b>{{ dag.dag_id }}</b>, run {{ run_id }}, is
<b>{{ ti.state }}</b> after try {{ ti.try_number }}.</p>
<p><a href="{{ ti.log_url }}">Log</a></p>
"""


class SmtpNotifier(BaseNotifier):
    """A callback that sends an e-mail; it tells of the task, unless subject and text are given."""

    template_fields: Sequence[str] = (
        "from_email",
        "to",
        "subject",
        "html_content",
        "files",
        "cc",
        "bcc",
        "mime_subtype",
        "mime_charset",
        "custom_headers",
    )

    def __init__(
        self,
        to: str | Iterable[str],
        from_email: str | None = None,
        subject: str | None = None,
        html_content: str | None = None,
        files: list[str] | None = None,
        cc: str | Iterable[str] | None = None,
        bcc: str | Iterable[str] | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        custom_headers: dict[str, Any] | None = None,
        smtp_conn_id: str = "smtp_default",
        auth_type: str = "basic",
        *,
        template: str | None = None,
    ) -> None:
        super().__init__()
        if template is not None:
            with open(template, encoding="utf-8") as file:
                html_content = html_content or file.read()
        self.smtp_conn_id = smtp_conn_id
        self.auth_type = auth_type
        self.from_email = from_email
        self.to = to
        self.subject = _SUBJECT if subject is None else subject
        self.html_content = _BODY if html_content is None else html_content
        self.files = files
        self.cc = cc
        self.bcc = bcc
        self.mime_subtype = mime_subtype
        self.mime_charset = mime_charset
        self.custom_headers = custom_headers

    def notify(self, context: Any) -> None:
        from airflow.providers.smtp.hooks.smtp import SmtpHook

        values = {name: getattr(self, name) for name in self.template_fields}
        with SmtpHook(smtp_conn_id=self.smtp_conn_id, auth_type=self.auth_type) as hook:
            hook.send_email_smtp(**values)


send_smtp_notification = SmtpNotifier
