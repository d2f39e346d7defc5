"""The contract of the REST API (tests/contract/README.md), step by step over HTTP."""

import datetime
import http.client
import json
import re
import shutil
import unittest

from engine import REPOSITORY, Engine, wait_for

FOLDER = REPOSITORY / "tests" / "contract"
_REQUEST = re.compile(r"(GET|POST|PATCH|PUT|DELETE|HEAD) (/\S*)$")
_HEADER = re.compile(r"([A-Za-z-]+): (.+)$")
_ANSWER = re.compile(r"=> (\d{3})(?: (text|eventually))?$")
_TYPES = {"<string>": str, "<integer>": int, "<number>": (int, float), "<boolean>": bool,
          "<list>": list, "<object>": dict}


class Mismatch(Exception):
    """The answer is not what the contract says; the message names the place in it."""


class Step:
    """One request and what it must answer."""

    def __init__(self, line, method, path):
        self.line, self.method, self.path = line, method, path
        self.headers = {}
        self.body = None
        self.status = None
        self.kind = None
        self.expected = []


def read_contract(text):
    """Returns the settings and the steps of a file."""
    settings, steps = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        step = steps[-1] if steps else None
        if line.startswith("#"):
            continue
        if line.startswith("settings "):
            settings.update(pair.split("=", 1) for pair in line.split()[1:])
        elif request := _REQUEST.match(line):
            steps.append(Step(number, *request.groups()))
        elif answer := _ANSWER.match(line):
            step.status, step.kind = int(answer[1]), answer[2]
        elif step and step.status is not None:
            step.expected.append(line)
        elif header := _HEADER.match(line):
            step.headers[header[1]] = header[2]
        elif line.strip():
            step.body = (step.body or "") + line + "\n"
    return settings, steps


class Contract:
    """Carries out the steps of one file on one server."""

    def __init__(self, engine):
        self._engine = engine
        self._values = {}

    def carry_out(self, step):
        if step.kind != "eventually":
            return self._try(step)

        def fits():
            try:
                self._try(step)
            except Mismatch as mismatch:
                self._last = mismatch
                return False
            return True
        try:
            wait_for(fits, f"{step.method} {step.path} to answer as written", self._engine)
        except AssertionError as error:
            raise Mismatch(f"{self._last}\n{error}") from error

    def _fill(self, text):
        return re.sub(r"\{\{(\w+)\}\}", lambda name: str(self._values[name[1]]), text)

    def _try(self, step):
        connection = http.client.HTTPConnection("127.0.0.1", self._engine.port)
        headers = {name: self._fill(value) for name, value in step.headers.items()}
        body = None
        if step.body is not None:
            body = self._fill(step.body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(step.method, self._fill(step.path), body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (http.client.HTTPException, OSError) as error:
            raise Mismatch(f"no answer: {error!r}{self._engine.describe()}") from error
        finally:
            connection.close()
        if answer.status != step.status:
            raise Mismatch(f"status {answer.status}, not {step.status}: {text[:2000]}")
        expected = self._fill("\n".join(step.expected)).strip()
        if step.kind == "text":
            for line in expected.splitlines():
                if line not in text:
                    raise Mismatch(f"{line!r} is not in {text[:2000]!r}")
        elif step.status == 204:
            if text:
                raise Mismatch(f"a body where there must be none: {text[:2000]}")
        elif expected:
            self._compare(json.loads(expected), json.loads(text), "", text)

    def _compare(self, expected, found, place, text):
        def wrong(what):
            return Mismatch(f"{place or 'the answer'}: {what}\n{text[:4000]}")
        if isinstance(expected, dict):
            if not isinstance(found, dict):
                raise wrong(f"{found!r} is no object")
            for name, value in expected.items():
                if value == "<absent>":
                    if name in found:
                        raise wrong(f"{name} is there")
                elif name not in found:
                    raise wrong(f"{name} is not there")
                else:
                    self._compare(value, found[name], f"{place}.{name}", text)
        elif isinstance(expected, list):
            more = bool(expected) and expected[-1] == "<more>"
            wanted = expected[:-1] if more else expected
            if not isinstance(found, list) or len(found) < len(wanted) or (
                    not more and len(found) > len(wanted)):
                raise wrong(f"{found!r} is no list of {len(wanted)} items")
            for i, item in enumerate(wanted):
                self._compare(item, found[i], f"{place}[{i}]", text)
        elif not self._fits(expected, found):
            raise wrong(f"{found!r}, not {expected!r}")

    def _fits(self, expected, found):
        if expected in _TYPES if isinstance(expected, str) else False:
            is_truth = isinstance(found, bool)
            return isinstance(found, _TYPES[expected]) and is_truth == (expected == "<boolean>")
        if expected == "<any>":
            return found is not None
        if expected == "<time>":
            return isinstance(found, str) and _is_time(found)
        if isinstance(expected, str) and expected.startswith("<has "):
            return isinstance(found, str) and expected[5:-1] in found
        if isinstance(expected, str) and expected.startswith("<set "):
            self._values[expected[5:-1]] = found
            return True
        return expected == found and isinstance(expected, bool) == isinstance(found, bool)


def _is_time(text):
    try:
        return datetime.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


class ContractTest(unittest.TestCase):
    """One test for each file."""

    def check(self, path):
        settings, steps = read_contract(path.read_text(encoding="utf-8"))
        self.assertTrue(steps, f"{path} has no step")
        engine = Engine(settings)
        try:
            for file in sorted((FOLDER / "dags").glob("*.py")):
                shutil.copy(file, engine.dags)
            engine.start()
            wanted = len(list(engine.dags.glob("*.py")))
            engine.wait(lambda: engine.value(
                "SELECT (SELECT count(*) FROM dag) + (SELECT count(*) FROM import_error)"
            ) == wanted, "the DAG files to be imported")
            contract = Contract(engine)
            for step in steps:
                try:
                    contract.carry_out(step)
                except Mismatch as mismatch:
                    self.fail(f"{path.name}:{step.line}: {step.method} {step.path}\n{mismatch}")
        finally:
            engine.close()


def _add_tests():
    for path in sorted(FOLDER.glob("*.contract")):
        setattr(ContractTest, f"test_{path.stem}", lambda self, path=path: self.check(path))


_add_tests()

if __name__ == "__main__":
    unittest.main()
