"""Sending of e-mail through an SMTP server."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.utils.log.logging_mixin import LoggingMixin

if TYPE_CHECKING:
    import smtplib
    import ssl
    from email.mime.multipart import MIMEMultipart

    from airflow.models.connection import Connection

DEFAULT_CONN_ID = "smtp_default"
DEFAULT_SENDER = "airflow@example.com"
_SEPARATORS = re.compile(r"\s*[,;]\s*")


def send_email(
    to: list[str] | Iterable[str] | str,
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    dryrun: bool = False,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str | None = None,
    custom_headers: dict[str, Any] | None = None,
    **kwargs: Any,
) -> Any:
    """Send an e-mail by the function that `[email] email_backend` names."""
    from airflow.utils.module_loading import import_string

    own = "airflow.utils.email.send_email_smtp"
    backend = import_string(conf.get("email", "email_backend", own) or own)
    conn_id = conn_id or conf.get("email", "email_conn_id", None) or DEFAULT_CONN_ID
    from_email = conf.get("email", "from_email", None)
    return backend(
        list(get_email_address_list(to)),
        subject,
        html_content,
        files=files,
        dryrun=dryrun,
        cc=cc,
        bcc=bcc,
        mime_subtype=mime_subtype,
        mime_charset=mime_charset,
        conn_id=conn_id,
        from_email=from_email,
        custom_headers=custom_headers,
        **kwargs,
    )


def send_email_smtp(
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    dryrun: bool = False,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str = DEFAULT_CONN_ID,
    from_email: str | None = None,
    custom_headers: dict[str, Any] | None = None,
    **kwargs: Any,
) -> None:
    """Send an e-mail through the SMTP server of `conn_id`, else that of `[smtp]`."""
    mail_from = conf.get("smtp", "smtp_mail_from", None) or from_email or DEFAULT_SENDER
    message, recipients = build_mime_message(
        mail_from=mail_from,
        to=to,
        subject=subject,
        html_content=html_content,
        files=files,
        cc=cc,
        bcc=bcc,
        mime_subtype=mime_subtype,
        mime_charset=mime_charset,
        custom_headers=custom_headers,
    )
    send_mime_email(mail_from, recipients, message, conn_id=conn_id, dryrun=dryrun)


def build_mime_message(
    mail_from: str | None,
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    custom_headers: dict[str, Any] | None = None,
) -> tuple[MIMEMultipart, list[str]]:
    """Return the message, and the addresses of all who get it."""
    from email.mime.application import MIMEApplication
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText
    from email.utils import formatdate

    recipients = get_email_address_list(to)
    message = MIMEMultipart(mime_subtype)
    message["Subject"] = subject
    if mail_from:
        message["From"] = mail_from
    message["To"] = ", ".join(recipients)
    if cc:
        copies = get_email_address_list(cc)
        message["CC"] = ", ".join(copies)
        recipients = recipients + copies
    if bcc:
        recipients = recipients + get_email_address_list(bcc)
    message["Date"] = formatdate(localtime=True)
    message.attach(MIMEText(html_content, "html", mime_charset))
    for path in files or []:
        name = os.path.basename(path)
        with open(path, "rb") as file:
            part = MIMEApplication(file.read(), Name=name)
        part["Content-Disposition"] = f'attachment; filename="{name}"'
        part["Content-ID"] = f"<{name}>"
        message.attach(part)
    for key, value in (custom_headers or {}).items():
        message[key] = value
    return message, recipients


def send_mime_email(
    e_from: str,
    e_to: str | list[str],
    mime_msg: MIMEMultipart,
    conn_id: str = DEFAULT_CONN_ID,
    dryrun: bool = False,
) -> None:
    """Hand a message to the SMTP server, trying again as `[smtp] smtp_retry_limit` says."""
    log = LoggingMixin().log
    if dryrun:
        return
    connection = _find_connection(conn_id)
    attempts = max(conf.getint("smtp", "smtp_retry_limit", 5), 1)
    for attempt in range(1, attempts + 1):
        log.info("Email alerting: attempt %s", attempt)
        try:
            with _open_server(connection) as server:
                server.sendmail(e_from, e_to, mime_msg.as_string())
            log.info("Sent an alert email to %s", e_to)
            return
        except OSError as error:  # every error of smtplib and of the network is one
            if attempt == attempts or not _is_temporary(error):
                raise AirflowException(f"cannot send e-mail to {e_to}: {error}") from error


def _is_temporary(error: OSError) -> bool:
    import smtplib

    return isinstance(error, (TimeoutError, smtplib.SMTPServerDisconnected))


def _find_connection(conn_id: str) -> Connection | None:
    from airflow.exceptions import AirflowNotFoundException
    from airflow.hooks.base import BaseHook

    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        if conn_id != DEFAULT_CONN_ID:
            raise
        return None


def _open_server(connection: Connection | None) -> smtplib.SMTP:
    import smtplib

    host = connection.host if connection and connection.host else None
    host = host or conf.get("smtp", "smtp_host", "localhost")
    port = (connection.port if connection else None) or conf.getint("smtp", "smtp_port", 25)
    timeout = conf.getfloat("smtp", "smtp_timeout", 30)
    if conf.getboolean("smtp", "smtp_ssl", False):
        context = _ssl_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=timeout)
        if conf.getboolean("smtp", "smtp_starttls", True):
            _encrypt(server)
    user = (connection.login if connection else None) or conf.get("smtp", "smtp_user", None)
    password = connection.password if connection and connection.login else None
    password = password or conf.get("smtp", "smtp_password", None)
    if user and password:
        server.login(user, password)
    return server


def _encrypt(server: smtplib.SMTP) -> None:
    import smtplib

    try:
        server.starttls(context=_ssl_context())
    except smtplib.SMTPNotSupportedError as error:
        raise AirflowException(
            "the SMTP server does not offer STARTTLS; set [smtp] smtp_starttls = False to send "
            "without encryption"
        ) from error


def _ssl_context() -> ssl.SSLContext | None:
    """Return how the server's certificate is checked; None: not at all."""
    import ssl

    if conf.get("email", "ssl_context", "default") == "none":
        return None
    return ssl.create_default_context()


def get_email_address_list(addresses: str | Iterable[str]) -> list[str]:
    """Return addresses, given as a text with commas or semicolons or as a list, as a list."""
    if isinstance(addresses, str):
        return [part for part in _SEPARATORS.split(addresses.strip()) if part]
    if isinstance(addresses, Iterable):
        addresses = list(addresses)
        if not all(isinstance(item, str) for item in addresses):
            raise TypeError("The items in your iterable must be strings.")
        return [address for item in addresses for address in get_email_address_list(item)]
    raise TypeError(f"Unexpected argument type: Received '{type(addresses).__name__}'.")
