"""The fault matrix of many hosts: whatever part dies, hangs, loses its data, its room, its time or
its network, every run ends as it should, and no task instance is lost, stuck or doubled.

Each test has three runs under way: attempts of the first end while the fault is there, those of the
second when it is over, and the third begins with it.
"""

import os
import signal
import subprocess
import unittest
from contextlib import contextmanager

from fleet import Fleet, WORKERS


class FleetTest(unittest.TestCase):
    fleet = None

    def setUp(self):
        if FleetTest.fleet is None:
            FleetTest.fleet = Fleet()
        self.fleet = FleetTest.fleet
        self.fleet.restore()
        self.addCleanup(self._start_anew_after_a_failure, self._bad())

    def run(self, result=None):
        self._result = result
        return super().run(result)

    def _bad(self):
        return len(self._result.failures) + len(self._result.errors)

    # What one fault has broken shall not fail the tests of others.
    def _start_anew_after_a_failure(self, bad_before):
        if self._bad() > bad_before:
            print(f"=== {self.id()}{self.fleet.describe()}", flush=True)
            self._close()

    @classmethod
    def _close(cls):
        if FleetTest.fleet:
            FleetTest.fleet.close()
            FleetTest.fleet = None

    @classmethod
    def tearDownClass(cls):
        cls._close()

    @contextmanager
    def under_fault(self, given_up=(), overlapping=()):
        """The fault is made and mended inside."""
        fleet = self.fleet
        runs = fleet.begin(2)
        self.during = runs[0]

        def meet():
            runs.append(fleet.begin_free())
            fleet.open_gate(runs[0])
            return runs[-1]
        yield meet
        fleet.open_gate(runs[1])
        fleet.await_ends(*runs)
        fleet.await_drained_streams()
        fleet.engine.forget_connection()
        wrong = [text for run in runs for text in fleet.faults_of(run, given_up, overlapping)]
        self.assertEqual(wrong, [])
        # What the sweep had to repair.
        self.assertEqual(fleet.leader().reloads(), 1)

    @contextmanager
    def noticed(self, control, text):
        """Waits at the end until the control process has logged the text meanwhile."""
        begin = len(control.log())
        yield
        control.wait_log(text, begin)

    # --- Control ---

    def test_the_leader_is_killed(self):
        leader, stand_by = self.fleet.leader(), self.fleet.stand_by()
        with self.under_fault() as meet:
            leader.kill()
            meet()
            self.fleet.wait(stand_by.leads, "the stand-by to lead")

    def test_the_leader_hangs(self):
        leader, stand_by = self.fleet.leader(), self.fleet.stand_by()
        with self.under_fault() as meet:
            leader.signal(signal.SIGSTOP)
            meet()
            self.fleet.wait(stand_by.leads, "the stand-by to lead")
            leader.signal(signal.SIGCONT)
            self.fleet.wait(leader.stands_by, "the former leader to know")

    def test_the_stand_by_hangs_and_is_killed(self):
        stand_by = self.fleet.stand_by()
        with self.under_fault() as meet:
            stand_by.signal(signal.SIGSTOP)
            self.fleet.await_ends(meet())
            stand_by.kill()

    def test_both_control_processes_are_killed(self):
        with self.under_fault() as meet:
            for control in self.fleet.controls:
                control.kill()
            meet()
            for control in self.fleet.controls:
                control.launch()

    # --- Workers ---

    def test_each_worker_is_killed(self):
        with self.under_fault(given_up=WORKERS) as meet:
            for name in WORKERS:
                self.fleet.workers[name].kill()
                self.fleet.workers[name] = self.fleet.start_worker(name)
            meet()

    def test_each_worker_hangs(self):
        leader = self.fleet.leader()
        # The processes of its attempts go on meanwhile.
        with self.under_fault(given_up=WORKERS, overlapping=WORKERS) as meet:
            meet()
            for name in WORKERS:
                with self.noticed(leader, _lost(name)):
                    self.fleet.workers[name].signal(signal.SIGSTOP)
                self.fleet.workers[name].signal(signal.SIGCONT)

    # --- NATS ---

    def test_each_nats_server_is_killed(self):
        with self.under_fault() as meet:
            for server in self.fleet.nats.servers:
                server.stop(kill=True)
                self.fleet.await_ends(self.fleet.begin_free())
                server.start()
                self.fleet.nats.await_quorum()
            meet()

    def test_each_nats_server_hangs(self):
        # A worker that it served is given up, if it does not find another in time.
        with self.under_fault(given_up=WORKERS, overlapping=WORKERS) as meet:
            meet()
            for server in self.fleet.nats.servers:
                server.process.send_signal(signal.SIGSTOP)
                self.fleet.await_ends(self.fleet.begin_free())
                server.process.send_signal(signal.SIGCONT)
                self.fleet.nats.await_quorum()

    def test_a_nats_server_loses_its_data(self):
        with self.under_fault() as meet:
            self.fleet.nats.leader_of("BEEFLOW_ATTEMPTS").wipe()
            meet()
            self.fleet.nats.await_quorum()

    def test_all_nats_servers_restart(self):
        with self.under_fault() as meet:
            for server in self.fleet.nats.servers:
                server.stop(kill=True)
            meet()
            for server in self.fleet.nats.servers:
                server.start()

    def test_the_nats_cluster_loses_all_data(self):
        with self.under_fault() as meet:
            for server in self.fleet.nats.servers:
                server.stop(kill=True)
                server.clear()
            meet()
            for server in self.fleet.nats.servers:
                server.start()

    # --- PostgreSQL ---

    def test_the_database_server_crashes(self):
        with self.under_fault() as meet:
            self.fleet.server.restart("immediate")
            meet()

    def test_the_process_of_the_writer_is_killed(self):
        with self.under_fault() as meet:
            os.kill(self.fleet.backend("writer"), signal.SIGKILL)
            meet()

    def test_the_process_of_the_feed_is_killed(self):
        with self.under_fault() as meet:
            os.kill(self.fleet.backend("feed"), signal.SIGKILL)
            meet()

    def test_the_process_of_the_feed_is_ended(self):
        with self.under_fault() as meet:
            self.fleet.sql(f"SELECT pg_terminate_backend({self.fleet.backend('feed')})")
            meet()

    def test_the_process_of_the_writer_hangs(self):
        self.hang(self.fleet.backend("writer"))

    def test_the_process_of_the_feed_hangs(self):
        self.hang(self.fleet.backend("feed"))

    def hang(self, pid):
        with self.under_fault() as meet:
            os.kill(pid, signal.SIGSTOP)
            self.addCleanup(os.kill, pid, signal.SIGCONT)
            run = meet()
            # What no control process hears of or can write does not begin; the attempts that wait
            # at the gate go on.
            self.fleet.await_released(self.during)
            os.kill(pid, signal.SIGCONT)
            self._cleanups.pop()
            self.fleet.await_ends(run)

    def test_the_replication_slot_is_dropped(self):
        with self.under_fault() as meet:
            self.fleet.drop_slot()
            meet()

    # --- The network ---

    def test_a_worker_is_cut_off(self):
        leader = self.fleet.leader()
        with self.under_fault(given_up=["w1"], overlapping=["w1"]) as meet:
            with self.noticed(leader, _lost("w1")):
                self.fleet.worker_wires["w1"].cut()
                meet()
            self.fleet.worker_wires["w1"].mend()

    def test_the_bytes_of_a_worker_are_held(self):
        leader = self.fleet.leader()
        with self.under_fault(given_up=["w1"], overlapping=["w1"]) as meet:
            with self.noticed(leader, _lost("w1")):
                self.fleet.worker_wires["w1"].hold()
                meet()
            self.fleet.worker_wires["w1"].mend()

    def test_control_is_cut_off_from_nats(self):
        leader = self.fleet.leader()
        with self.under_fault() as meet:
            with self.noticed(leader, "the connection to NATS was lost"):
                leader.nats.cut()
                meet()
                self.fleet.await_released(self.during)
            leader.nats.mend()

    def test_the_bytes_between_control_and_nats_are_held(self):
        leader = self.fleet.leader()
        with self.under_fault() as meet:
            with self.noticed(leader, "the connection to NATS was lost"):
                leader.nats.hold()
                meet()
                self.fleet.await_released(self.during)
            leader.nats.mend()

    def test_the_leader_is_cut_off_from_the_database(self):
        leader, stand_by = self.fleet.leader(), self.fleet.stand_by()
        with self.under_fault() as meet:
            leader.database.cut()
            meet()
            self.fleet.wait(stand_by.leads, "the stand-by to lead")
            leader.database.mend()
            self.fleet.wait(leader.stands_by, "the former leader to know")

    def test_the_bytes_between_the_leader_and_the_database_are_held(self):
        leader, stand_by = self.fleet.leader(), self.fleet.stand_by()
        with self.under_fault() as meet:
            leader.database.hold()
            meet()
            self.fleet.wait(stand_by.leads, "the stand-by to lead")
            leader.database.mend()
            self.fleet.wait(leader.stands_by, "the former leader to know")

    # --- Room and time ---

    @contextmanager
    def small_volume(self, folder, megabytes):
        """A volume for a folder, and what fills it up. It takes the rights of an administrator."""
        folder.mkdir(exist_ok=True)
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none",
                                str(folder)], capture_output=True, check=False)
        if mount.returncode != 0:
            self.skipTest("a full volume needs the right to mount one")

        def fill():
            with open(folder / "filling", "wb", buffering=0) as filling:
                try:
                    while True:
                        filling.write(b"x" * 65536)
                except OSError:
                    pass
        try:
            yield fill
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)

    def test_a_nats_server_has_no_room_left(self):
        server = self.fleet.nats.leader_of("BEEFLOW_ATTEMPTS")
        server.stop(kill=True)
        server.clear()
        with self.small_volume(server.folder / "data", megabytes=16) as fill:
            server.start()
            self.fleet.nats.await_quorum()
            with self.under_fault() as meet:
                fill()
                self.fleet.await_ends(meet())
                (server.folder / "data" / "filling").unlink()
            server.stop(kill=True)

    def test_a_worker_has_no_room_left(self):
        worker = self.fleet.workers["w3"]
        worker.kill()
        with self.small_volume(worker.home, megabytes=1) as fill:
            self.fleet.workers["w3"] = self.fleet.start_worker("w3")
            self.fleet.await_ends(self.fleet.begin_free())  # it has the DAG files
            # It costs the log, not the attempt.
            with self.under_fault() as meet:
                fill()
                self.fleet.await_ends(meet())
            self.fleet.workers["w3"].kill()

    def test_the_clocks_of_hosts_differ(self):
        worker = self.fleet.workers["w3"]
        worker.kill()
        self.fleet.workers["w3"] = self.fleet.start_worker("w3", **_clock(+90))
        stand_by, leader = self.fleet.stand_by(), self.fleet.leader()
        stand_by.kill()
        stand_by.launch(**_clock(-90))
        try:
            self.fleet.await_workers()
            with self.under_fault() as meet:
                self.fleet.await_ends(meet())
                leader.kill()
                self.fleet.wait(stand_by.leads, "the stand-by to lead")
                self.fleet.await_ends(self.fleet.begin_free())
        finally:
            stand_by.kill()
            self.fleet.workers["w3"].kill()


def _lost(worker):
    """What control says of a worker that it has given up."""
    return rf"the worker {worker}\..* was lost"


def _clock(seconds):
    """Variables of a process whose clock goes wrong by so much."""
    return {"LD_PRELOAD": os.environ["BEEFLOW_TEST_DELAYS"],
            "BEEFLOW_TEST_CLOCK_SECONDS": str(seconds)}


if __name__ == "__main__":
    unittest.main()
