"""SmtpHook: an SMTP server."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterable
from typing import Any

from airflow.exceptions import AirflowException
from airflow.hooks.base import BaseHook
from airflow.models.connection import Connection
from airflow.utils.email import build_mime_message


class SmtpHook(BaseHook):
    """An SMTP server, as a context manager.

    Extra fields of the connection: `from_email`, `disable_ssl`, `disable_tls`, `timeout`,
    `retry_limit`.
    """

    conn_name_attr = "smtp_conn_id"
    default_conn_name = "smtp_default"
    conn_type = "smtp"
    hook_name = "SMTP"

    def __init__(
        self, smtp_conn_id: str = default_conn_name, auth_type: str = "basic", **kwargs: Any
    ) -> None:
        super().__init__()
        if auth_type != "basic":
            raise AirflowException(
                f"SmtpHook: auth_type {auth_type!r} is known to apache-airflow-providers-smtp "
                "only; install it beside Beeflow"
            )
        self.smtp_conn_id = smtp_conn_id
        self.smtp_connection: Connection | None = None
        self.smtp_client: smtplib.SMTP | None = None

    def __enter__(self) -> SmtpHook:
        return self.get_conn()

    def __exit__(self, *_: object) -> None:
        if self.smtp_client is not None:
            self.smtp_client.close()
            self.smtp_client = None

    @property
    def conn(self) -> Connection:
        """The connection."""
        if self.smtp_connection is None:
            self.smtp_connection = self.get_connection(self.smtp_conn_id)
        return self.smtp_connection

    @property
    def from_email(self) -> str | None:
        """Sender that the connection names."""
        return self.conn.extra_dejson.get("from_email")

    @property
    def timeout(self) -> float:
        """Seconds to wait for the server."""
        return float(self.conn.extra_dejson.get("timeout", 30))

    @property
    def smtp_retry_limit(self) -> int:
        """How often to try."""
        return int(self.conn.extra_dejson.get("retry_limit", 5))

    def get_conn(self) -> SmtpHook:
        """Connect, and return this object."""
        if self.smtp_client is None:
            self.smtp_client = self._repeat(self._connect)
        return self

    def _connect(self) -> smtplib.SMTP:
        extra = self.conn.extra_dejson
        host, port = self.conn.host or "localhost", self.conn.port
        if extra.get("disable_ssl", False):
            client: smtplib.SMTP = smtplib.SMTP(host, port or 25, timeout=self.timeout)
            if not extra.get("disable_tls", False):
                client.starttls(context=ssl.create_default_context())
        else:
            context = ssl.create_default_context()
            client = smtplib.SMTP_SSL(host, port or 465, timeout=self.timeout, context=context)
        if self.conn.login:
            client.login(self.conn.login, self.conn.password or "")
        return client

    def _repeat(self, act: Any) -> Any:
        for _ in range(self.smtp_retry_limit - 1):
            try:
                return act()
            except smtplib.SMTPServerDisconnected as error:
                self.log.info("Trying again: %s", error)
        try:
            return act()
        except smtplib.SMTPServerDisconnected as error:
            raise AirflowException("Unable to send email via SMTP") from error

    def send_email_smtp(
        self,
        *,
        to: str | Iterable[str],
        subject: str | None = None,
        html_content: str | None = None,
        from_email: str | None = None,
        files: list[str] | None = None,
        dryrun: bool = False,
        cc: str | Iterable[str] | None = None,
        bcc: str | Iterable[str] | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        custom_headers: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send an e-mail."""
        sender = from_email or self.from_email
        if not sender:
            raise AirflowException(
                f"You should provide `from_email` or define it in the connection "
                f"{self.smtp_conn_id!r}."
            )
        message, recipients = build_mime_message(
            mail_from=sender,
            to=to,
            subject=re.sub(r"[\r\n]+", " ", subject or ""),
            html_content=html_content or "",
            files=files,
            cc=cc,
            bcc=bcc,
            mime_subtype=mime_subtype,
            mime_charset=mime_charset,
            custom_headers=custom_headers,
        )
        if dryrun:
            return
        client = self.get_conn().smtp_client
        assert client is not None
        self._repeat(lambda: client.sendmail(sender, recipients, message.as_string()))

    def test_connection(self) -> tuple[bool, str]:
        """Return whether the server answers, and what to tell people."""
        try:
            with self.get_conn() as hook:
                assert hook.smtp_client is not None
                hook.smtp_client.noop()
        except Exception as error:
            return False, str(error)
        return True, "Connection successfully tested"
