"""Variables, connections, XComs and secrets: what tasks read and write by key."""

from __future__ import annotations

import io
import json
import logging
import os
import unittest
from contextlib import redirect_stdout
from unittest import mock

from harness import FolderTest, ZygoteTest, make_attempt

from airflow import _engine
from airflow.configuration import conf
from airflow.exceptions import (
    AirflowException,
    AirflowFileParseException,
    AirflowNotFoundException,
    ConnectionNotUnique,
)
from airflow.models import Connection, Variable, XCom
from airflow.secrets.local_filesystem import load_connections_dict, load_variables
from airflow.utils.log import secrets_masker
from airflow.utils.log.secrets_masker import mask_secret, redact


class FakeEngine:
    """Keeps variables, connections and XComs; remembers the requests."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.connections: dict[str, dict] = {}
        self.answers: dict[str, object] = {}
        self.requests: list[tuple[str, dict]] = []

    def variable_get(self, key):
        return self.variables.get(key)

    def request(self, method, **params):
        self.requests.append((method, params))
        if method == "variable_set":
            self.variables[params["key"]] = params["value"]
        if method == "variable_delete":
            return self.variables.pop(params["key"], None) is not None
        if method == "connection_get":
            return self.connections.get(params["conn_id"])
        return self.answers.get(method)


class StateTest(unittest.TestCase):
    """Has an engine attached, and no secret left over."""

    def setUp(self) -> None:
        self.engine = FakeEngine()
        _engine.attach(self.engine)
        self.addCleanup(_engine.attach, None)
        self.addCleanup(secrets_masker.reset_secrets_masker)


class VariableTest(StateTest):
    def test_set_and_get(self) -> None:
        Variable.set("n", 5)
        self.assertEqual(Variable.get("n"), "5")
        Variable.set("config", {"a": [1]}, description="d", serialize_json=True)
        self.assertEqual(Variable.get("config", deserialize_json=True), {"a": [1]})
        self.assertEqual(self.engine.requests[-1][1]["description"], "d")

    def test_missing(self) -> None:
        with self.assertRaisesRegex(KeyError, "Variable x does not exist"):
            Variable.get("x")
        self.assertIsNone(Variable.get("x", default_var=None))
        self.assertEqual(Variable.get("x", {"a": 1}, deserialize_json=True), {"a": 1})
        self.assertEqual(Variable.get("x", default="y"), "y")

    def test_environment_comes_first(self) -> None:
        self.engine.variables["key"] = "stored"
        with mock.patch.dict(os.environ, {"AIRFLOW_VAR_KEY": "from outside"}):
            self.assertEqual(Variable.get("key"), "from outside")
            with self.assertWarnsRegex(UserWarning, "takes precedence"):
                Variable.set("key", "new")
        self.assertEqual(Variable.get("key"), "new")

    def test_setdefault_update_delete(self) -> None:
        self.assertEqual(Variable.setdefault("v", {"a": 1}, deserialize_json=True), {"a": 1})
        self.assertEqual(Variable.setdefault("v", {}, deserialize_json=True), {"a": 1})
        Variable.update("v", "text")
        self.assertEqual(Variable.get("v"), "text")
        with self.assertRaises(KeyError):
            Variable.update("other", 1)
        self.assertEqual([Variable.delete("v"), Variable.delete("v")], [1, 0])


class ConnectionUriTest(unittest.TestCase):
    def test_fields_of_a_uri(self) -> None:
        connection = Connection(
            conn_id="c",
            uri="postgresql://us%40er:p%2Fw@db.example.com:5432/my%20db?a=1&b=x%20y",
        )
        self.assertEqual(
            connection.to_dict(),
            {
                "conn_id": "c",
                "conn_type": "postgres",
                "description": None,
                "host": "db.example.com",
                "login": "us@er",
                "password": "p/w",
                "schema": "my db",
                "port": 5432,
                "extra": {"a": "1", "b": "x y"},
            },
        )

    def test_a_uri_survives_the_way_there_and_back(self) -> None:
        for uri in (
            "postgres://us%40er:p%2Fw@host:5432/db?a=1&b=x+y",
            "http://https://example.com:443",
            "http://https://user:pass@example.com:443/path",
            "google-cloud-platform://?__extra__=%7B%22a%22%3A+%7B%22b%22%3A+1%7D%7D".replace(
                "//?", "///?"
            ),
            "aws://key:sec%2Fret@/?region_name=eu-west-1",
            "mysql://%2Ftmp%2FSocket/schema",
            "redis://:only@host:1/",
            "x://@:80",
        ):
            again = Connection(uri=uri).get_uri()
            self.assertEqual(again.rstrip("/"), uri.rstrip("/"))
            self.assertEqual(Connection(uri=again).to_dict(), Connection(uri=uri).to_dict())

    def test_extra(self) -> None:
        connection = Connection(extra={"a": '{"b": 1}', "c": "text"})
        self.assertEqual(connection.extra_dejson["a"], '{"b": 1}')
        self.assertEqual(connection.get_extra_dejson(nested=True), {"a": {"b": 1}, "c": "text"})
        self.assertEqual(Connection().extra_dejson, {})

    def test_json(self) -> None:
        text = '{"conn_type": "google-cloud-platform", "port": "80", "extra": {"a": {"b": 1}}}'
        connection = Connection.from_json(text, "c")
        self.assertEqual((connection.conn_type, connection.port), ("google_cloud_platform", 80))
        self.assertEqual(Connection.from_json(connection.as_json()).extra_dejson, {"a": {"b": 1}})
        with self.assertRaisesRegex(ValueError, "'x'"):
            Connection.from_json('{"port": "x"}')

    def test_uri_and_fields_do_not_mix(self) -> None:
        with self.assertRaisesRegex(AirflowException, "mix"):
            Connection(uri="http://h", host="h")


class ConnectionLookupTest(StateTest):
    def test_from_the_engine(self) -> None:
        self.engine.connections["c"] = {"conn_id": "c", "host": "h", "port": 1, "extra": '{"k": 2}'}
        connection = Connection.get_connection_from_secrets("c")
        self.assertEqual((connection.host, connection.port), ("h", 1))
        self.assertEqual(Connection.get("c").host, "h")
        self.assertEqual(connection.extra_dejson, {"k": 2})

    def test_from_the_environment(self) -> None:
        for text in ("http://u:p@h:80", '{"conn_type": "http", "host": "h"}'):
            with mock.patch.dict(os.environ, {"AIRFLOW_CONN_MY_HTTP": text}):
                connection = Connection.get_connection_from_secrets("my_http")
            self.assertEqual((connection.conn_id, connection.host), ("my_http", "h"))

    def test_hook_of_the_type(self) -> None:
        self.engine.connections["c"] = {"conn_id": "c", "conn_type": "fs"}
        hook = Connection.get("c").get_hook()
        self.assertEqual(type(hook).__name__, "FSHook")
        with self.assertRaisesRegex(AirflowException, 'Unknown hook type "nonsense"'):
            Connection(conn_id="c", conn_type="nonsense").get_hook()

    def test_missing(self) -> None:
        with self.assertRaisesRegex(AirflowNotFoundException, "The conn_id `c` isn't defined"):
            Connection.get_connection_from_secrets("c")


class XComTest(StateTest):
    def test_get_and_set(self) -> None:
        where = {"dag_id": "d", "task_id": "t", "run_id": "r"}
        self.engine.answers["xcom_get"] = 5
        XCom.set(key="k", value=[1], **where)
        self.assertEqual(XCom.get_one(key="k", **where), 5)
        XCom.clear(**where)
        self.assertEqual(
            self.engine.requests,
            [
                ("xcom_set", {**where, "map_index": -1, "key": "k", "value": [1]}),
                ("xcom_get", {**where, "map_index": -1, "key": "k"}),
                ("xcom_clear", {**where, "map_index": -1}),
            ],
        )

    def test_many_and_prior(self) -> None:
        self.engine.answers.update(xcom_get_all=[[0, "a"], [1, "b"]], xcom_get_prior="old")
        self.engine.answers["run_get"] = {"run_id": "r", "logical_date": "2024-01-01T00:00:00Z"}
        many = XCom.get_many(run_id="r", dag_ids="d", task_ids=["t"], map_indexes=[1])
        self.assertEqual([(item.map_index, item.value) for item in many], [(1, "b")])
        self.assertEqual(
            XCom.get_one(run_id="r", dag_id="d", task_id="t", include_prior_dates=True), "old"
        )

    def test_only_json(self) -> None:
        with self.assertRaisesRegex(TypeError, "JSON"):
            XCom.set(key="k", value=object(), dag_id="d", task_id="t", run_id="r")


class MaskingTest(StateTest):
    def test_log_records_and_tracebacks(self) -> None:
        stream = io.StringIO()
        logger, handler = logging.Logger("x"), logging.StreamHandler(stream)
        logger.addHandler(handler)
        handler.addFilter(secrets_masker._secrets_masker())
        logger.info("nothing is %s", "hidden")
        mask_secret("s3cret")
        logger.info("it is %s", "s3cret")
        try:
            raise ValueError("s3cret")
        except ValueError:
            logger.exception("oh")
        self.assertNotIn("s3cret", stream.getvalue())
        self.assertIn("nothing is hidden\nit is ***\noh\nTraceback", stream.getvalue())

    def test_what_is_read_becomes_known(self) -> None:
        self.engine.variables.update(
            my_api_key="aaaa", plain="bbbb", nested='{"token": "cccc", "other": "dddd"}'
        )
        self.engine.connections["c"] = {"password": "p/ee", "extra": '{"secret_key": "ffff"}'}
        for key in ("my_api_key", "plain"):
            Variable.get(key)
        Variable.get("nested", deserialize_json=True)
        self.assertEqual(
            Connection.get_connection_from_secrets("c").extra_dejson["secret_key"], "ffff"
        )
        self.assertEqual(redact("aaaa bbbb cccc dddd p/ee ffff"), "*** bbbb *** dddd *** ***")

    def test_redact_by_name(self) -> None:
        value = {"user": "u", "password": "p", "deep": [{"api_key": ["x"]}]}
        self.assertEqual(
            redact(value), {"user": "u", "password": "***", "deep": [{"api_key": ["***"]}]}
        )

    def test_streams_are_wrapped_once_there_is_a_secret(self) -> None:
        masker, target = secrets_masker.SecretsMasker(), io.StringIO()
        with redirect_stdout(target), mock.patch.object(secrets_masker, "_masker", masker):
            secrets_masker.install()
            print("s3cret before")
            mask_secret("s3cret")
            print("s3cret after")
        self.assertEqual(target.getvalue(), "s3cret before\n*** after\n")


class MaskedLogTest(ZygoteTest):
    def test_password_in_the_log_of_a_task(self) -> None:
        file = self.write(
            """
            import logging, os
            from airflow import DAG
            from airflow.hooks.base import BaseHook
            from airflow.operators.python import PythonOperator

            os.environ["AIRFLOW_CONN_C"] = "http://user:hunter22@host"

            def show():
                password = BaseHook.get_connection("c").password
                print("printed", password)
                logging.info("logged %s", password)

            with DAG("d", schedule=None):
                PythonOperator(task_id="t", python_callable=show)
            """
        )
        finished, log = self.run_attempt(self.fork(), make_attempt(file, "t"))
        self.assertEqual(finished["state"], "success")
        self.assertNotIn("hunter22", log)
        self.assertIn("printed ***", log)
        self.assertIn("logged ***", log)


class SecretsBackendTest(FolderTest):
    def test_files(self) -> None:
        variables = self.write('{"a": "1", "b": {"c": 2}}', "variables.json")
        self.assertEqual(load_variables(variables), {"a": "1", "b": '{"c": 2}'})
        self.assertEqual(load_variables(self.write("a: x\n", "v.yaml")), {"a": "x"})
        self.assertEqual(load_variables(self.write("# c\nA=x=y\n", "v.env")), {"A": "x=y"})
        connections = load_connections_dict(
            self.write(
                json.dumps({"a": "http://h", "b": {"host": "g", "extra_dejson": {"x": 1}}}),
                "c.json",
            )
        )
        self.assertEqual(connections["a"].host, "h")
        self.assertEqual(connections["b"].extra_dejson, {"x": 1})

    def test_broken_files(self) -> None:
        with self.assertRaisesRegex(AirflowFileParseException, "b.json"):
            load_variables(self.write("{", "b.json"))
        with self.assertRaisesRegex(ConnectionNotUnique, "a"):
            load_connections_dict(self.write("a=http://x\na=http://y\n", "c.env"))
        with self.assertRaisesRegex(AirflowException, "nonsense"):
            load_connections_dict(self.write('{"a": {"nonsense": 1}}', "n.json"))

    def test_configured_backend_comes_first(self) -> None:
        path = self.write('{"v": "from the file"}', "variables.json")
        settings = {
            "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
            "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"variables_file_path": path}),
            "AIRFLOW_VAR_V": "from the environment",
        }
        with mock.patch.dict(os.environ, settings):
            self.assertEqual(Variable.get("v"), "from the file")
        with mock.patch.dict(os.environ, {"AIRFLOW_VAR_V": "from the environment"}):
            self.assertEqual(Variable.get("v"), "from the environment")


class ConfigurationTest(FolderTest):
    def test_accessors(self) -> None:
        settings = {
            "AIRFLOW__MY__LIST": "a, b",
            "AIRFLOW__MY__JSON": '{"a": 1}',
            "AIRFLOW__MY__SPAN": "90",
        }
        with mock.patch.dict(os.environ, settings):
            self.assertEqual(conf.getlist("my", "list"), ["a", "b"])
            self.assertEqual(conf.getjson("my", "json"), {"a": 1})
            self.assertEqual(conf.gettimedelta("my", "span").total_seconds(), 90)
            self.assertEqual(conf.getsection("my")["span"], 90)
        self.assertEqual(conf.getint("core", "dag_concurrency"), 16)
        self.assertIsNone(conf.getsection("my"))

    def test_file_in_the_home_folder(self) -> None:
        self.write("[my]\nkey = value\n", "airflow.cfg")
        with mock.patch.dict(os.environ, {"BEEFLOW_HOME": str(self.folder)}):
            self.assertEqual(conf.get("my", "key"), "value")
            self.assertEqual(conf.get("logging", "base_log_folder"), f"{self.folder}/logs")


if __name__ == "__main__":
    unittest.main()
