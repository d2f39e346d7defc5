"""The stream of events: whoever listens is told of every change, in order, and can go on where it
was."""

import http.client
import json
import socket
import threading
import unittest

from engine import DEADLINE_SECONDS, EngineTest, wait_for

ENDED = ("success", "failed")


class Listener:
    """A client of GET /api/v1/events, on a thread of its own."""

    def __init__(self, engine, last_id=None):
        self.changes = []  # in the order of their arrival
        self.resets = 0
        self.last_id = None
        self._connection = http.client.HTTPConnection("127.0.0.1", engine.port,
                                                      timeout=DEADLINE_SECONDS)
        headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
        self._connection.request("GET", "/api/v1/events", headers=headers)
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.read()
        self._read_event()  # tells where the stream begins
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _read_event(self):
        fields = {}
        while line := self._answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        if "id" in fields:
            self.last_id = int(fields["id"])
        if fields.get("event") == "changes":
            self.changes += json.loads(fields["data"])
        self.resets += fields.get("event") == "reset"
        return bool(fields)

    def _listen(self):
        try:
            while self._read_event():
                pass
        except (OSError, http.client.HTTPException, AttributeError, ValueError):
            pass  # closed by one of the two sides

    def of_run(self, run_id):
        """The states of a run and of its tasks, each as often as it was entered."""
        states = []
        for change in self.changes:
            if change.get("run_id") != run_id or change["op"] == "delete":
                continue
            entry = (change.get("task_id", "run"), change["state"])
            if entry not in states:
                states.append(entry)
        return states

    def close(self):
        """Leaves, as a browser does that is closed."""
        try:
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server has ended it
        self._thread.join(DEADLINE_SECONDS)
        self._connection.close()


class EventsTest(EngineTest):
    """One server, and clients that listen."""

    def begin(self):
        """Starts a server with a chain of two tasks."""
        self.engine.write_dag("chain", """
            BashOperator(task_id="first", bash_command="true") >> BashOperator(
                task_id="second", bash_command="true")
        """)
        self.engine.start()
        self.engine.wait_dag("chain")

    def await_end(self, listener, run_id):
        """Waits until the listener has heard of the end of the run."""
        wait_for(lambda: any(("run", state) in listener.of_run(run_id) for state in ENDED),
                 f"the end of run {run_id} among the events", self.engine)

    def test_all_changes_of_a_run_arrive_in_order(self):
        self.begin()
        listener = Listener(self.engine)
        self.addCleanup(listener.close)
        self.engine.trigger("chain", "one")
        self.await_end(listener, "one")
        states = listener.of_run("one")
        self.assertEqual([state for name, state in states if name == "run"],
                         ["queued", "running", "success"])
        for task in ("first", "second"):
            of_task = [state for name, state in states if name == task]
            # That it runs is not told of a task which ends at once.
            self.assertEqual([s for s in of_task if s != "running"], ["queued", "success"], states)
        self.assertLess(states.index(("first", "success")), states.index(("second", "queued")))
        self.assertEqual(listener.resets, 0)

    def test_an_edit_by_hand_is_told(self):
        self.begin()
        listener = Listener(self.engine)
        self.addCleanup(listener.close)
        self.engine.edit("UPDATE dag SET is_paused = 1")
        self.engine.edit("INSERT INTO variable (key, val) VALUES ('colour', 'red')")
        wait_for(lambda: any(change["table"] == "variable" for change in listener.changes),
                 "the edits among the events", self.engine)
        paused = [c for c in listener.changes if c["table"] == "dag" and c["is_paused"]]
        self.assertEqual(paused[0]["dag_id"], "chain")
        self.assertNotIn("red", json.dumps(listener.changes))

    def test_a_listener_goes_on_where_it_was_over_a_restart(self):
        self.begin()
        listener = Listener(self.engine)
        self.engine.trigger("chain", "one")
        self.await_end(listener, "one")
        listener.close()
        heard_until = listener.last_id
        self.engine.trigger("chain", "two")
        self.assertEqual(self.engine.wait_run("chain", "two"), "success")
        again = Listener(self.engine, heard_until)
        self.addCleanup(again.close)
        self.await_end(again, "two")
        self.assertNotIn(("first", "success"), again.of_run("one"))
        self.assertEqual(self.engine.stop(), 0)  # at once, though somebody listens
        self.engine.edit("UPDATE dag SET is_paused = 1")
        self.engine.start()
        after = Listener(self.engine, again.last_id)
        self.addCleanup(after.close)
        wait_for(lambda: any(c["table"] == "dag" and c["is_paused"] for c in after.changes),
                 "what happened while the server was down", self.engine)
        self.assertEqual(again.resets + after.resets, 0)


if __name__ == "__main__":
    unittest.main()
