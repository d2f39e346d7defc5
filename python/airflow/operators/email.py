"""EmailOperator: sends an e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.models.baseoperator import BaseOperator

if TYPE_CHECKING:
    from airflow.utils.context import Context


class EmailOperator(BaseOperator):
    """Send an e-mail through the SMTP server of `[smtp]`, or of a connection.

    :param to: address, or addresses separated by comma or semicolon, or a list of them. (templated)
    :param subject: subject. (templated)
    :param html_content: body, as HTML. (templated)
    :param files: paths of files to attach. (templated)
    :param cc, bcc: addresses of people who get a copy. (templated)
    :param mime_subtype, mime_charset: kind of the message, and its character set.
    :param conn_id: connection of the SMTP server.
    :param custom_headers: more headers.
    """

    template_fields: Sequence[str] = ("to", "subject", "html_content", "files", "cc", "bcc")
    template_fields_renderers: ClassVar[dict[str, str]] = {"html_content": "html"}
    template_ext: Sequence[str] = (".html",)
    ui_color = "#e6faf9"

    def __init__(
        self,
        *,
        to: list[str] | str,
        subject: str,
        html_content: str,
        files: list[str] | None = None,
        cc: list[str] | str | None = None,
        bcc: list[str] | str | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        conn_id: str | None = None,
        custom_headers: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.subject = subject
        self.html_content = html_content
        self.files = files or []
        self.cc = cc
        self.bcc = bcc
        self.mime_subtype = mime_subtype
        self.mime_charset = mime_charset
        self.conn_id = conn_id
        self.custom_headers = custom_headers

    def execute(self, context: Context) -> None:
        from airflow.utils.email import send_email

        send_email(
            self.to,
            self.subject,
            self.html_content,
            files=self.files,
            cc=self.cc,
            bcc=self.bcc,
            mime_subtype=self.mime_subtype,
            mime_charset=self.mime_charset,
            conn_id=self.conn_id,
            custom_headers=self.custom_headers,
        )
