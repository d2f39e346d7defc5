"""HTTP against a server of our own, and e-mail against a fake SMTP server."""

from __future__ import annotations

import email
import json
import os
import smtplib
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import util
from typing import Any, ClassVar
from unittest import mock

from authoring import AuthoringTest, no_sleep

from airflow.exceptions import AirflowException, AirflowNotFoundException, AirflowSensorTimeout
from airflow.operators.email import EmailOperator
from airflow.operators.empty import EmptyOperator
from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.http.operators.http import HttpOperator, SimpleHttpOperator
from airflow.providers.http.sensors.http import HttpSensor
from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.providers.smtp.operators.smtp import EmailOperator as ProviderEmailOperator
from airflow.sensors.base import PokeReturnValue
from airflow.utils.email import get_email_address_list, send_email


class Echo(BaseHTTPRequestHandler):
    """Answers with what was asked for; `/status/N` with that status."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        parts = self.path.split("/")
        status = int(parts[2]) if parts[1] == "status" else 200
        said = {"method": self.command, "path": self.path, "body": body}
        said["headers"] = {name.lower(): value for name, value in self.headers.items()}
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *args: Any) -> None:
        pass


class OwnClientTest(AuthoringTest):
    """With our own client, as where requests is not installed."""

    without_requests = True
    server: ClassVar[ThreadingHTTPServer]

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        thread = threading.Thread(target=cls.server.serve_forever, daemon=True)
        thread.start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(cls.server.shutdown)

    def setUp(self) -> None:
        super().setUp()
        connection = {
            "conn_type": "http",
            "host": "127.0.0.1",
            "port": self.server.server_port,
            "login": "user",
            "password": "pass",
            "extra": {"X-Fixed": "1", "timeout": 5},
        }
        patch = mock.patch.dict(os.environ, {"AIRFLOW_CONN_HTTP_DEFAULT": json.dumps(connection)})
        patch.start()
        self.addCleanup(patch.stop)
        if self.without_requests:
            hidden = mock.patch.dict(sys.modules, {"requests": None})
            hidden.start()
            self.addCleanup(hidden.stop)

    def test_hook(self) -> None:
        said = HttpHook("GET").run("a/b", data={"q": "x y"}, headers={"X-More": "2"}).json()
        self.assertEqual((said["method"], said["path"]), ("GET", "/a/b?q=x+y"))
        self.assertEqual(said["headers"]["authorization"], "Basic dXNlcjpwYXNz")
        self.assertEqual((said["headers"]["x-fixed"], said["headers"]["x-more"]), ("1", "2"))
        said = HttpHook("POST").run("/a", json={"n": 1}).json()
        self.assertEqual(json.loads(said["body"]), {"n": 1})
        self.assertEqual(said["headers"]["content-type"], "application/json")
        self.assertEqual(HttpHook("PUT").run("a", data={"b": 1}).json()["body"], "b=1")

    def test_an_error_of_the_server(self) -> None:
        with self.assertRaisesRegex(AirflowException, "^404:"):
            HttpHook("GET").run("status/404")
        quiet = HttpHook("GET").run("status/404", extra_options={"check_response": False})
        self.assertEqual((quiet.status_code, quiet.ok), (404, False))

    def test_operator(self) -> None:
        task = SimpleHttpOperator(
            task_id="t",
            endpoint="x/{{ ds }}",
            data=json.dumps({"a": 1}),
            headers={"Content-Type": "application/json"},
            response_check=lambda response, ds: response.json()["path"].endswith(ds),
            response_filter=lambda response: response.json()["body"],
        )
        self.assertEqual(self.execute(task), '{"a": 1}')
        failing = HttpOperator(task_id="u", method="GET", response_check=lambda response: False)
        with self.assertRaisesRegex(AirflowException, "Response check"):
            self.execute(failing)

    def test_pages(self) -> None:
        def following(response: Any) -> Any:
            return {"endpoint": "2"} if response.json()["path"] == "/1" else None

        task = HttpOperator(task_id="t", method="GET", endpoint="1", pagination_function=following)
        paths = [json.loads(text)["path"] for text in self.execute(task)]
        self.assertEqual(paths, ["/1", "/2"])

    def test_sensor(self) -> None:
        self.execute(HttpSensor(task_id="a", endpoint="ok"))
        with self.assertRaises(AirflowSensorTimeout), no_sleep():
            self.execute(HttpSensor(task_id="b", endpoint="status/404", timeout=0))
        with self.assertRaisesRegex(AirflowException, "^500"):
            self.execute(HttpSensor(task_id="c", endpoint="status/500"))
        check = HttpSensor(
            task_id="d",
            endpoint="ok",
            response_check=lambda response: PokeReturnValue(True, response.json()["method"]),
        )
        self.assertEqual(self.execute(check), "GET")


@unittest.skipUnless(util.find_spec("requests"), "requests is not installed")
class RequestsTest(OwnClientTest):
    """The same with requests."""

    without_requests = False


class FakeServer:
    """Stands for smtplib.SMTP and remembers the messages."""

    sent: ClassVar[list[tuple[str, list[str], Any]]] = []
    opened: ClassVar[list[tuple[Any, ...]]] = []
    failures: ClassVar[list[Exception]] = []
    encrypts: ClassVar[bool] = True

    def __init__(self, host: str, port: int, **_: Any) -> None:
        self.opened.append((host, port))

    def __enter__(self) -> FakeServer:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def starttls(self, context: Any = None) -> None:
        if not self.encrypts:
            raise smtplib.SMTPNotSupportedError("STARTTLS extension not supported by server.")

    def login(self, user: str, password: str) -> None:
        self.opened.append((user, password))

    def sendmail(self, sender: str, recipients: list[str], text: str) -> None:
        if self.failures:
            raise self.failures.pop()
        self.sent.append((sender, recipients, email.message_from_string(text)))

    def close(self) -> None:
        pass


class EmailTest(AuthoringTest):
    def setUp(self) -> None:
        super().setUp()
        for kept in (FakeServer.sent, FakeServer.opened, FakeServer.failures):
            kept.clear()
        self.configure(SMTP_HOST="mail", SMTP_PORT="2525", SMTP_MAIL_FROM="bee@example.com")
        for name in ("SMTP", "SMTP_SSL"):
            patch = mock.patch(f"smtplib.{name}", FakeServer)
            patch.start()
            self.addCleanup(patch.stop)

    def configure(self, **settings: str) -> None:
        named = {f"AIRFLOW__SMTP__{name}": value for name, value in settings.items()}
        patch = mock.patch.dict(os.environ, named)
        patch.start()
        self.addCleanup(patch.stop)

    def test_operator(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("attached")
            file.flush()
            task = EmailOperator(
                task_id="t",
                to="a@example.com; b@example.com",
                cc=["c@example.com"],
                bcc="d@example.com",
                subject="Report of {{ ds }}",
                html_content="<b>{{ run_id }}</b>",
                files=[file.name],
                custom_headers={"Reply-To": "e@example.com"},
            )
            self.execute(task)
        ((sender, recipients, message),) = FakeServer.sent
        self.assertEqual(sender, "bee@example.com")
        self.assertEqual([address[0] for address in recipients], ["a", "b", "c", "d"])
        self.assertEqual(message["Subject"], "Report of 2024-01-31")
        self.assertEqual(message["Reply-To"], "e@example.com")
        self.assertNotIn("d@example.com", message.as_string())
        body, attachment = message.get_payload()
        self.assertEqual(body.get_payload(decode=True), b"<b>manual__1</b>")
        self.assertEqual(attachment.get_payload(decode=True), b"attached")
        self.assertEqual(FakeServer.opened, [("mail", 2525)])

    def test_connection_takes_precedence(self) -> None:
        uri = "smtp://user:word@relay:26"
        with mock.patch.dict(os.environ, {"AIRFLOW_CONN_SMTP_DEFAULT": uri}):
            send_email(["a@example.com"], "s", "c")
        self.assertEqual(FakeServer.opened, [("relay", 26), ("user", "word")])
        with self.assertRaises(AirflowNotFoundException):
            send_email("a@example.com", "s", "c", conn_id="nowhere")

    def test_a_server_that_hangs_up_is_tried_again(self) -> None:
        FakeServer.failures[:] = [smtplib.SMTPServerDisconnected("bye")] * 2
        send_email("a@example.com", "s", "c")
        self.assertEqual(len(FakeServer.sent), 1)
        FakeServer.failures[:] = [ConnectionRefusedError("no")]
        with self.assertRaisesRegex(AirflowException, "cannot send e-mail"):
            send_email("a@example.com", "s", "c")

    def test_no_plain_text_where_encryption_was_asked_for(self) -> None:
        with mock.patch.object(FakeServer, "encrypts", False), self.assertRaisesRegex(
            AirflowException, "STARTTLS"
        ):
            send_email("a@example.com", "s", "c")
        self.assertEqual(FakeServer.sent, [])
        self.configure(SMTP_STARTTLS="False")
        with mock.patch.object(FakeServer, "encrypts", False):
            send_email("a@example.com", "s", "c")
        self.assertEqual(len(FakeServer.sent), 1)

    def test_a_backend_of_the_users(self) -> None:
        backend = mock.Mock()
        with mock.patch("airflow.utils.email.my_backend", backend, create=True):
            path = "airflow.utils.email.my_backend"
            with mock.patch.dict(os.environ, {"AIRFLOW__EMAIL__EMAIL_BACKEND": path}):
                send_email("a@example.com", "s", "c", cc="b@example.com")
        arguments, options = backend.call_args
        self.assertEqual(arguments, (["a@example.com"], "s", "c"))
        self.assertEqual(options["cc"], "b@example.com")

    def test_addresses(self) -> None:
        self.assertEqual(get_email_address_list(" a@x, b@x;c@x "), ["a@x", "b@x", "c@x"])
        self.assertEqual(get_email_address_list(("a@x,b@x", "c@x")), ["a@x", "b@x", "c@x"])
        for wrong in (3, [3]):
            with self.assertRaises(TypeError):
                get_email_address_list(wrong)

    def test_provider_operator_and_notifier(self) -> None:
        connection = {"conn_type": "smtp", "host": "m", "extra": {"from_email": "f@example.com"}}
        variable = {"AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(connection)}
        with mock.patch.dict(os.environ, variable):
            self.execute(ProviderEmailOperator(task_id="t", to="a@example.com", subject="{{ ds }}"))
            notifier = SmtpNotifier(to="b@example.com")
            notifier(self.context(EmptyOperator(task_id="u")))
        first, second = FakeServer.sent
        self.assertEqual((first[0], first[2]["Subject"]), ("f@example.com", "2024-01-31"))
        self.assertIn("Task u", second[2]["Subject"])
        self.assertEqual(FakeServer.opened, [("m", 465)] * 2)


if __name__ == "__main__":
    unittest.main()
