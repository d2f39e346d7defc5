"""Plugins, DagBag and object storage paths."""

from __future__ import annotations

import os
import textwrap
import unittest
from pathlib import Path
from unittest import mock

from harness import FolderTest, ZygoteTest, make_attempt

from airflow.exceptions import AirflowOptionalProviderFeatureException
from airflow.io.path import ObjectStoragePath
from airflow.models import DagBag

PLUGIN = """
    from airflow.plugins_manager import AirflowPlugin

    def shout(text):
        return text.upper()

    class Loud(AirflowPlugin):
        name = "loud"
        macros = [shout]
"""


class PluginTest(ZygoteTest):
    def test_macros_and_modules_of_the_plugins_folder(self) -> None:
        plugins = self.folder / "plugins"
        plugins.mkdir()
        (plugins / "loud_plugin.py").write_text(textwrap.dedent(PLUGIN))
        file = self.write(
            f"""
            import os
            os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = {str(plugins)!r}
            from airflow import DAG
            from airflow.operators.bash import BashOperator
            with DAG("d", schedule=None):
                BashOperator(task_id="t", bash_command="echo {{{{ macros.loud.shout('x') }}}}")
            """
        )
        environment = self.fork()
        environment.peer.send({"op": "render", "attempt": make_attempt(file, "t")})
        self.assertEqual(environment.peer.expect("rendered")["run"]["command"], "echo X")

    def test_import_from_the_plugins_folder(self) -> None:
        plugins = self.folder / "plugins"
        plugins.mkdir()
        (plugins / "helper_of_plugins.py").write_text("WORD = 'helped'")
        with mock.patch.dict(os.environ, {"AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins)}):
            dag = self.parse_dag(
                """
                from airflow import DAG
                from helper_of_plugins import WORD
                dag = DAG(WORD, schedule=None)
                """
            )
        self.assertEqual(dag["dag_id"], "helped")


class DagBagTest(FolderTest):
    def test_folder(self) -> None:
        self.write("from airflow import DAG\nwith DAG('a', schedule=None): pass", "a.py")
        self.write("from airflow import DAG\nb = DAG('b', schedule=None)\n1/0", "b.py")
        self.write("1/0  # neither word is here", "c.py")
        self.write("from airflow import DAG\nd = DAG('d', schedule=None)", "ignored.py")
        self.write("ignored", ".airflowignore")
        bag = DagBag(dag_folder=str(self.folder), include_examples=False)
        self.assertEqual(bag.dag_ids, ["a"])
        self.assertEqual(bag.get_dag("a").dag_id, "a")
        ((path, text),) = bag.import_errors.items()
        self.assertEqual(os.path.basename(path), "b.py")
        self.assertIn("ZeroDivisionError", text)

    def test_dags_that_cannot_run_are_import_errors(self) -> None:
        path = self.write(
            """
            from airflow import DAG
            from airflow.operators.empty import EmptyOperator
            with DAG("circle", schedule=None):
                a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
                a >> b >> a
            """
        )
        bag = DagBag(dag_folder=str(self.folder), include_examples=False)
        self.assertEqual((bag.dag_ids, list(bag.import_errors)), ([], [str(path)]))
        self.assertIn("Cycle detected in DAG: circle", bag.import_errors[str(path)])

    def test_dags_of_another_folder_in_a_dag_file(self) -> None:
        inner = self.folder / "inner"
        inner.mkdir()
        inner_file = "from airflow import DAG\nwith DAG('inner', schedule=None): pass"
        (inner / "a.py").write_text(inner_file)
        dag = self.parse_dag(
            f"""
            from airflow.models import DagBag
            for dag_id, dag in DagBag({str(inner)!r}).dags.items():
                globals()[dag_id] = dag
            """
        )
        self.assertEqual(dag["dag_id"], "inner")


class ObjectStoragePathTest(FolderTest):
    def test_reading_and_writing(self) -> None:
        base = ObjectStoragePath(f"file://{self.folder}")
        path = base / "a" / "b.txt"
        path.write_text("hello")
        self.assertEqual(str(path), f"file://{self.folder}/a/b.txt")
        self.assertEqual(path.read_text(), "hello")
        with path.open("ab") as stream:
            stream.write(b" you")
        self.assertEqual((path.size(), path.read_block(6, 3)), (9, b"you"))
        self.assertTrue(path.exists() and path.is_file() and base.is_dir())
        self.assertEqual((path.name, path.stem, path.suffix), ("b.txt", "b", ".txt"))
        self.assertEqual(path.parent, base / "a")
        self.assertEqual([str(p.relative_to(base)) for p in base.rglob("*.txt")], ["a/b.txt"])

    def test_copy_and_move(self) -> None:
        base = ObjectStoragePath(str(self.folder))
        source, folder = base / "source", base / "folder"
        source.write_bytes(b"x")
        folder.mkdir()
        before = source.checksum()
        source.copy(folder)
        source.move(str(base / "new" / "place"))
        self.assertFalse(source.exists())
        self.assertNotEqual((folder / "source").checksum(), before)
        self.assertEqual((base / "new" / "place").read_bytes(), b"x")
        (base / "new").rmdir()
        self.assertEqual(sorted(p.name for p in base.iterdir()), ["folder"])

    def test_as_an_argument(self) -> None:
        path = ObjectStoragePath("file:///tmp") / "x"
        self.assertEqual(Path(path), Path("/tmp/x"))
        self.assertEqual(path, ObjectStoragePath("/tmp/x"))
        self.assertEqual(ObjectStoragePath.deserialize(path.serialize(), 1), path)

    def test_the_file_system_is_that_of_fsspec(self) -> None:
        path = ObjectStoragePath("file:///tmp/x")
        with mock.patch.dict("sys.modules", {"fsspec": None}):
            with self.assertRaisesRegex(
                AirflowOptionalProviderFeatureException, "/tmp/x.* needs the package fsspec"
            ):
                path.fs  # noqa: B018 - a property that raises
        with mock.patch.dict("sys.modules", {"fsspec": mock.Mock()}) as modules:
            self.assertIs(path.fs, modules["fsspec"].filesystem.return_value)

    def test_other_stores_name_their_package(self) -> None:
        path = ObjectStoragePath("s3://conn@bucket/key")
        with self.assertRaisesRegex(AirflowOptionalProviderFeatureException, "providers-amazon"):
            path.exists()
        with self.assertRaisesRegex(AirflowOptionalProviderFeatureException, "s3://bucket/key"):
            path.open("wb")

    def test_paths_of_other_stores_can_be_named(self) -> None:
        path = ObjectStoragePath("s3://conn@bucket/") / "2024" / "part.csv"
        self.assertEqual(str(path), "s3://bucket/2024/part.csv")
        self.assertEqual((path.conn_id, path.bucket), ("conn", "bucket"))
        self.assertEqual((path.key, path.suffix), ("2024/part.csv", ".csv"))
        self.assertEqual(path.parent.name, "2024")
        self.assertNotEqual(path, ObjectStoragePath("gs://bucket/2024/part.csv"))
        self.assertEqual(ObjectStoragePath.deserialize(path.serialize(), 1), path)


if __name__ == "__main__":
    unittest.main()
