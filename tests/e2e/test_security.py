"""Users, tokens, TLS and what they protect, on a real server; what a test in C++ can try is tried
there (src/api/security_test.cc, src/http/http_limits_test.cc)."""

import base64
import http.client
import json
import re
import socket
import ssl
import subprocess
import unittest

from engine import EngineTest, wait_for

PASSWORD = "correct horse"
SLOW_PEERS = 100


def basic(user, password=PASSWORD):
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


class SecurityTest(EngineTest):
    def ask(self, method, path, body=None, headers=None, tls=None):
        """Status, JSON (or text) and headers of an answer."""
        if tls:
            connection = http.client.HTTPSConnection("127.0.0.1", self.engine.port, context=tls)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.engine.port)
        self.addCleanup(connection.close)
        sent = {"Content-Type": "application/json", **(headers or {})}
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if is_json and text else text, answer.headers

    def status(self, method, path, body=None, headers=None):
        return self.ask(method, path, body, headers)[0]

    def make_user(self, name, role):
        self.engine.cli("users", "create", "-u", name, "-f", name, "-l", name,
                        "-e", f"{name}@example.com", "-r", role, "-p", PASSWORD)


class FirstStartTest(SecurityTest):
    SETTINGS = {"webserver.web_server_host": "0.0.0.0"}

    def test_the_first_start_makes_an_admin_and_tells_its_password_once(self):
        self.engine.start()
        log = self.engine.server_log.read_text()
        password = re.search(r"Created user admin with the password (\S+) ", log).group(1)
        self.assertIn("docs/security.md", log)  # there is no TLS
        self.assertEqual(self.status("GET", "/api/v1/dags"), 401)
        self.assertEqual(self.status("GET", "/api/v1/users", headers=basic("admin", password)), 200)
        self.engine.stop()
        self.engine.start()
        self.assertEqual(self.engine.server_log.read_text().count("Created user"), 1)
        self.assertEqual(self.status("GET", "/api/v1/users", headers=basic("admin", password)), 200)

    def test_secrets_of_the_environment_are_not_handed_on_to_tasks(self):
        self.engine.environment["BEEFLOW_ADMIN_PASSWORD"] = PASSWORD
        self.engine.environment["BEEFLOW_TOKEN"] = "bft_of_somebody"
        self.engine.write_dag("peek", """
            BashOperator(task_id="bash", bash_command="env > " + SCRATCH + "/bash")
            @task
            def python():
                import os
                with open(SCRATCH + "/python", "w") as out:
                    out.write(repr(os.environ))
            python()
        """)
        self.engine.start()
        self.assertEqual(self.status("GET", "/api/v1/users", headers=basic("admin")), 200)
        self.assertNotIn(PASSWORD, self.engine.server_log.read_text())
        self.engine.complete("peek")
        seen = "".join(path.read_text() for path in self.engine.scratch.iterdir())
        self.assertIn("BEEFLOW_HOME", seen)
        self.assertFalse(PASSWORD in seen)
        self.assertFalse("bft_of_somebody" in seen)

    def test_peers_that_say_nothing_keep_nobody_waiting(self):
        self.engine.start()
        peers = [socket.create_connection(("127.0.0.1", self.engine.port))
                 for _ in range(SLOW_PEERS)]
        for peer in peers:
            self.addCleanup(peer.close)
            peer.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: ")
        self.assertEqual(self.status("GET", "/api/v1/health"), 200)
        for peer in peers:
            peer.settimeout(60)
            while peer.recv(4096):
                pass
        self.assertEqual(self.status("GET", "/api/v1/health"), 200)


class LocalTest(SecurityTest):
    def test_a_local_server_is_open_until_there_is_a_user(self):
        self.engine.start()
        self.assertEqual(self.status("GET", "/api/v1/users"), 200)
        self.assertFalse(self.ask("GET", "/api/v1/ui/session")[1]["must_sign_in"])
        self.make_user("ann", "Admin")
        self.assertEqual(self.status("GET", "/api/v1/users"), 401)
        self.assertTrue(self.ask("GET", "/api/v1/ui/session")[1]["must_sign_in"])
        self.assertEqual(self.status("GET", "/api/v1/users", headers=basic("ann")), 200)
        self.engine.cli("users", "delete", "-u", "ann")
        self.assertEqual(self.status("GET", "/api/v1/users"), 200)

    def test_authentication_can_be_demanded(self):
        self.engine.set({"webserver.authenticate": "True"})
        self.engine.start()
        self.assertEqual(self.status("GET", "/api/v1/dags"), 401)

    def test_a_token_of_the_command_line_works_until_it_is_revoked(self):
        self.engine.start()
        self.make_user("ann", "Admin")
        token = self.engine.cli("tokens", "create", "-u", "ann", "-n", "ci",
                                "-s", "read-only").strip()
        bearer = {"Authorization": f"Bearer {token}"}
        self.assertEqual(self.status("GET", "/api/v1/users", headers=bearer), 200)
        self.assertEqual(self.status("DELETE", "/api/v1/users/ann", headers=bearer), 403)
        self.assertNotIn(token, self.engine.cli("tokens", "list"))
        [row] = self.engine.json("tokens", "list")
        self.engine.cli("tokens", "delete", row["id"])
        self.assertEqual(self.status("GET", "/api/v1/users", headers=bearer), 401)

    def test_another_password_signs_out_everywhere(self):
        self.engine.start()
        self.make_user("ann", "Admin")
        status, session, headers = self.ask("POST", "/api/v1/ui/login",
                                            {"username": "ann", "password": PASSWORD})
        self.assertEqual(status, 200)
        cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
        self.assertEqual(self.status("GET", "/api/v1/dags", headers=cookie), 200)
        self.assertEqual(self.status("DELETE", "/api/v1/users/ann", headers=cookie), 403)
        self.assertTrue(session["csrf_token"])
        self.engine.cli("users", "reset-password", "-u", "ann", "-p", "another")
        self.assertEqual(self.status("GET", "/api/v1/dags", headers=cookie), 401)

    def test_access_control_of_a_dag_file_shows_that_dag_alone(self):
        self.engine.cli("roles", "create", "Sales")
        self.engine.cli("roles", "add-perms", "Sales", "-r", "DAG Runs", "-a", "can_read",
                        "can_create")
        self.make_user("sam", "Sales")
        self.engine.write_dag("open", "EmptyOperator(task_id='t')",
                              access_control={"Sales": {"can_read", "can_edit"}})
        self.engine.write_dag("hidden", "EmptyOperator(task_id='t')")
        self.engine.start()
        for name in ("open", "hidden"):
            self.engine.wait_dag(name)
        sam = basic("sam")
        listed = self.ask("GET", "/api/v1/dags", headers=sam)[1]
        self.assertEqual([dag["dag_id"] for dag in listed["dags"]], ["open"])
        self.assertEqual(self.status("POST", "/api/v1/dags/open/dagRuns", {}, sam), 200)
        self.assertEqual(self.status("POST", "/api/v1/dags/hidden/dagRuns", {}, sam), 403)
        self.engine.write_dag("open", "EmptyOperator(task_id='t')")
        wait_for(lambda: self.status("GET", "/api/v1/dags/open", headers=sam) == 403,
                 "the access to end", self.engine)

    def test_conf_and_params_are_not_rendered_twice(self):
        self.engine.write_dag("echo", """
            BashOperator(task_id="conf", bash_command="echo \\"[{{ dag_run.conf['x'] }}]\\"")
            BashOperator(task_id="param", bash_command="echo \\"[{{ params.x }}]\\"")
        """, params={"x": "none"})
        self.engine.start()
        self.engine.complete("echo", "r1", {"x": "{{ 7 * 7 }}{% raw %}"})
        for task in ("conf", "param"):
            self.assertIn("[{{ 7 * 7 }}{% raw %}]", self.engine.log("echo", "r1", task))

    def test_no_connection_is_tried_for_whoever_asks(self):
        self.engine.start()
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        listener.setblocking(False)
        status = self.status("POST", "/api/v1/connections/test", {
            "connection_id": "probe", "conn_type": "http", "host": "127.0.0.1",
            "port": listener.getsockname()[1]})
        self.assertIn(status, (403, 404, 405))
        with self.assertRaises(BlockingIOError):
            listener.accept()


    def test_a_connection_that_does_not_answer_has_failed(self):
        self.engine.set({"core.test_connection": "Enabled", "core.test_connection_timeout": "1"})
        self.engine.start()
        status, answer, _ = self.ask("POST", "/api/v1/connections/test", {
            "connection_id": "probe", "conn_type": "http", "host": "127.0.0.1",
            "port": self.listen_and_say_nothing()})
        self.assertEqual(status, 200)
        self.assertFalse(answer["status"])
        self.assertIn("no answer within 1 s", answer["message"])

    def listen_and_say_nothing(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return listener.getsockname()[1]


class TlsTest(SecurityTest):
    def setUp(self):
        super().setUp()
        self.certificate, key = self.engine.root / "cert.pem", self.engine.root / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", key, "-out", self.certificate], check=True, capture_output=True)
        self.engine.set({"webserver.web_server_ssl_cert": self.certificate,
                         "webserver.web_server_ssl_key": key})

    def test_the_server_speaks_tls_and_marks_its_cookies(self):
        self.engine.start()
        self.make_user("ann", "Admin")
        tls = ssl.create_default_context(cafile=str(self.certificate))
        status, _, headers = self.ask("POST", "/api/v1/ui/login",
                                      {"username": "ann", "password": PASSWORD}, tls=tls)
        self.assertEqual(status, 200)
        self.assertIn("; Secure", headers["Set-Cookie"])
        large = "/api/v1/dags?dag_id_pattern=" + "x" * 5000
        self.assertEqual(self.ask("GET", large, headers=basic("ann"), tls=tls)[0], 200)
        page = self.ask("GET", "/ui/vendor/plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
                        tls=tls)
        self.assertGreater(len(page[1]), 100_000)
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            self.status("GET", "/api/v1/health")

    def test_a_key_that_does_not_fit_is_named(self):
        self.engine.set({"webserver.web_server_ssl_key": self.certificate})
        done = self.engine.run("standalone")
        self.assertEqual(done.returncode, 1)
        self.assertIn("web_server_ssl_key", done.stderr)


if __name__ == "__main__":
    unittest.main()
