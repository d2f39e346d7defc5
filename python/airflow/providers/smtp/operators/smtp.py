"""EmailOperator: sends an e-mail through an SMTP connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.operators.email import EmailOperator as CoreEmailOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context


class EmailOperator(CoreEmailOperator):
    """Send an e-mail through the SMTP server of a connection.

    :param from_email: sender; by default that of the connection. (templated)
    :param conn_id: the connection.

    The other arguments are those of `airflow.operators.email.EmailOperator`.
    """

    template_fields: Sequence[str] = (*CoreEmailOperator.template_fields, "from_email")

    def __init__(
        self,
        *,
        subject: str | None = None,
        html_content: str | None = None,
        from_email: str | None = None,
        conn_id: str = "smtp_default",
        auth_type: str = "basic",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            subject=subject or "", html_content=html_content or "", conn_id=conn_id, **kwargs
        )
        self.from_email = from_email
        self.auth_type = auth_type

    def execute(self, context: Context) -> None:
        from airflow.providers.smtp.hooks.smtp import SmtpHook

        with SmtpHook(smtp_conn_id=str(self.conn_id), auth_type=self.auth_type) as hook:
            hook.send_email_smtp(
                to=self.to,
                subject=self.subject,
                html_content=self.html_content,
                from_email=self.from_email,
                files=self.files,
                cc=self.cc,
                bcc=self.bcc,
                mime_subtype=self.mime_subtype,
                mime_charset=self.mime_charset,
                custom_headers=self.custom_headers,
            )
