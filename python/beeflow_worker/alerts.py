"""The email that tells of a task that failed or is to be retried."""

from __future__ import annotations

import logging
from typing import Any

logger = logging.getLogger("airflow.task")


def send_alert(ti: Any, context: Any, wanted: bool) -> None:
    """Send the email that the task asks for; a failure to do so does not affect the task."""
    recipients = ti.task.email
    if not recipients or not wanted:
        return
    from html import escape  # few tasks send mail

    error = context.get("exception") if context is not None else None
    subject = f"Airflow alert: {ti}"
    body = (
        f"Try {ti.try_number} out of {ti.max_tries + 1}<br>"
        f"Exception:<br>{escape(str(error))}<br>"
        f'Log: <a href="{ti.log_url}">Link</a><br>'
        f"Host: {ti.hostname}<br>"
    )
    try:
        from airflow.utils.email import send_email

        send_email(recipients, subject, body)
    except Exception as problem:
        logger.error("Failed to send email to: %s (%s)", recipients, problem)
