import unittest
from pathlib import Path

import wording
from source_tree import Source


def findings(path, text=""):
    return list(wording.check(Source(path, text), Path("/srv/ann/tree")))


class WordingTest(unittest.TestCase):
    def test_names_that_say_nothing(self):
        for path in ("src/base/utils.h", "src/common/a.h", "src/dag/dag_helpers.cc",
                     "python/beeflow_worker/TaskManager.py"):
            self.assertEqual(len(findings(path)), 1, path)
        for path in ("src/base/commonality.h", "python/airflow/utils/helpers.py"):
            self.assertEqual(findings(path), [], path)

    def test_unfinished_work(self):
        self.assertEqual([f.line for f in findings("a.cc", "x\n// TODO(ann): later\n")], [2])
        self.assertEqual(findings("a.cc", '"/tmp/beeflow-XXXXXX"; Todo x;'), [])

    def test_paths_of_one_machine(self):
        for text in ("/srv/ann/tree/build", 'open("/home/ann/x")', "/root/x"):
            self.assertEqual(len(findings("a.md", text)), 1, text)
        for text in ("/srv/ann/trees", "http://x/home/ann", "/home/me/dags", "$HOME/root/x", "/usr/bin/python3"):
            self.assertEqual(findings("a.md", text), [], text)


if __name__ == "__main__":
    unittest.main()
