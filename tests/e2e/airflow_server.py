"""A web server with the stable REST API of Airflow 2.10, as far as the lab uses it, and its state.

DAGs come from files in a folder, of which the server understands what `dag_file` writes. Runs and
their tasks go through their states as time passes. Requests are taken as strictly as Airflow does:
pages of 100 items at most, unknown members and parameters are refused, conflicts are told.
"""

import base64
import datetime
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

PAGE_MAX = 100
PROBLEM = "application/problem+json"
RUN_ORDERS = {"id", "state", "dag_id", "execution_date", "dag_run_id", "start_date", "end_date"}


def dag_file(dag_id, tasks):
    """The text of a DAG file for this server: tasks are (task_id, seconds, downstream ids)."""
    return f"# DAG of airflow\nAIRFLOW_SERVER = {json.dumps({'dag_id': dag_id, 'tasks': tasks})}\n"


class Problem(Exception):
    """An answer that is an error."""

    def __init__(self, status, title, detail=None):
        super().__init__(title)
        self.status = status
        self.body = {"status": status, "title": title, "detail": detail,
                     "type": "https://airflow.apache.org/docs/apache-airflow/2.10.5/"
                             "stable-rest-api-ref.html"}


def not_found(detail):
    return Problem(404, "Not Found", detail)


def iso(seconds):
    """A time as the API writes it."""
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


class Run:
    """A DAG run; its state follows from the time that has passed since it began."""

    def __init__(self, dag, run_id, number, began):
        self.dag = dag
        self.run_id = run_id
        self.number = number
        self.began = began
        self.ends = {}
        self.starts = {}
        for task_id in dag.order():
            ends = [self.ends[up] for up in dag.upstream(task_id)]
            self.starts[task_id] = max(ends, default=began) + 0.02
            self.ends[task_id] = self.starts[task_id] + dag.tasks[task_id]["seconds"]

    @property
    def end(self):
        return max(self.ends.values())

    def state(self):
        now = time.time()
        if now < self.began:
            return "queued"
        if now < self.end:
            return "running"
        return "failed" if any(t["fails"] for t in self.dag.tasks.values()) else "success"

    def json(self):
        state = self.state()
        done = state in ("success", "failed")
        return {"dag_id": self.dag.dag_id, "dag_run_id": self.run_id, "state": state,
                "conf": {}, "external_trigger": not self.run_id.startswith("scheduled__"),
                "run_type": "scheduled" if self.run_id.startswith("scheduled__") else "manual",
                "logical_date": iso(self.began), "execution_date": iso(self.began),
                "data_interval_start": iso(self.began), "data_interval_end": iso(self.began),
                "start_date": iso(self.began) if state != "queued" else None,
                "end_date": iso(self.end) if done else None,
                "last_scheduling_decision": iso(self.began), "note": None}

    def instance(self, task_id, map_index=-1):
        task = self.dag.tasks[task_id]
        now = time.time()
        start, end = self.starts[task_id], self.ends[task_id]
        state = None if now < start else "running" if now < end else "success"
        if state == "success" and task["fails"]:
            state = "failed"
        done = state in ("success", "failed")
        return {"task_id": task_id, "task_display_name": task_id, "dag_id": self.dag.dag_id,
                "dag_run_id": self.run_id, "execution_date": iso(self.began),
                "start_date": iso(start) if state else None, "end_date": iso(end) if done else None,
                "duration": end - start if done else None, "state": state,
                "try_number": task["tries"], "map_index": map_index,
                "max_tries": task["tries"] - 1, "hostname": "worker-1", "unixname": "airflow",
                "pool": "default_pool", "pool_slots": 1, "queue": "default",
                "priority_weight": 1, "operator": "BashOperator", "queued_when": iso(start),
                "pid": 17, "executor_config": "{}", "sla_miss": None, "rendered_map_index": None,
                "rendered_fields": {}, "trigger": None, "triggerer_job": None, "note": None}

    def instances(self):
        found = []
        for task_id, task in self.dag.tasks.items():
            count = task["mapped"]
            found += [self.instance(task_id, i) for i in range(count)] if count else [
                self.instance(task_id)]
        return found

    def tries(self, task_id, map_index):
        """The tries of a task instance: all but the last have failed."""
        last = self.instance(task_id, map_index)
        number = last["try_number"]
        return [dict(last, try_number=n, state="failed" if n < number else last["state"])
                for n in range(1, number + 1)]


class Dag:
    """A DAG as its file defines it."""

    def __init__(self, dag_id, fileloc, tasks):
        self.dag_id = dag_id
        self.fileloc = fileloc
        self.is_paused = True
        self.has_import_errors = False
        self.tasks = {}
        self.runs = []
        for task_id, seconds, downstream, *more in tasks:
            options = {"fails": False, "tries": 1, "mapped": 0, **(more[0] if more else {})}
            self.tasks[task_id] = {"seconds": seconds, "downstream": downstream, **options}

    def upstream(self, task_id):
        return [up for up, task in self.tasks.items() if task_id in task["downstream"]]

    def order(self):
        done = []
        while len(done) < len(self.tasks):
            done += [t for t in self.tasks
                     if t not in done and all(up in done for up in self.upstream(t))]
        return done

    def json(self):
        return {"dag_id": self.dag_id, "dag_display_name": self.dag_id, "root_dag_id": None,
                "is_paused": self.is_paused, "is_active": True, "is_subdag": False,
                "fileloc": self.fileloc, "file_token": "x", "owners": ["airflow"],
                "description": None, "tags": [], "max_active_tasks": 16, "max_active_runs": 1,
                "has_import_errors": self.has_import_errors,
                "schedule_interval": None, "timetable_description": "Never"}

    def tasks_json(self):
        return {"tasks": [{"task_id": t, "downstream_task_ids": sorted(task["downstream"]),
                           "class_ref": {"class_name": "BashOperator",
                                         "module_path": "airflow.operators.bash"},
                           "operator_name": "BashOperator", "pool": "default_pool",
                           "queue": "default", "is_mapped": bool(task["mapped"]),
                           "trigger_rule": "all_success"}
                          for t, task in self.tasks.items()],
                "total_entries": len(self.tasks)}


class AirflowServer:
    """Serves on a free port of the loopback until it is closed."""

    def __init__(self, dags_folder, user="admin", password="secret", token=None, web_token=None,
                 certificate=None):
        self.dags_folder = dags_folder
        self.authorization = {"Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
        if token:
            self.authorization.add("Bearer " + token)
        self.web_token = web_token
        self.version = "2.10.5"
        self.lists_tries = True  # since 2.10
        self.dags = {}
        self.pool_slots = 128
        self.import_errors = []
        self.page_max = PAGE_MAX
        self.failures = []  # statuses of the next answers, instead of what they would be
        self.requests = []  # "GET /dags/x", in order
        self.scan_delay = 0  # seconds from the appearance of a file to that of its DAG
        self.seen_files = {}
        self.next_number = 1
        self.lock = threading.Lock()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                with server.lock:
                    server.handle(self)

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, format, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def add_run(self, dag_id, run_id, began=None):
        """A run that the schedule, or somebody else, has made."""
        dag = self.dags[dag_id]
        dag.runs.append(Run(dag, run_id, self.next_number, began or time.time()))
        self.next_number += 1

    # --- DAG files ---

    def scan(self):
        """What Airflow's DAG processor does now and then."""
        now = time.time()
        present = {str(path): path for path in sorted(self.dags_folder.rglob("*.py"))}
        self.import_errors = []
        for name, path in present.items():
            if now < self.seen_files.setdefault(name, now) + self.scan_delay:
                continue
            self.load(name, path.read_text(encoding="utf-8"))
        self.dags = {dag_id: dag for dag_id, dag in self.dags.items() if dag.fileloc in present}

    def load(self, name, text):
        found = re.search(r"^AIRFLOW_SERVER = (.*)$", text, re.MULTILINE)
        try:
            definition = json.loads(found.group(1) if found else "")
        except ValueError:
            self.import_errors.append({
                "import_error_id": len(self.import_errors) + 1, "filename": name,
                "timestamp": iso(time.time()),
                "stack_trace": f'Traceback (most recent call last):\n  File "{name}"\n'
                               "NameError: name 'oops' is not defined\n"})
            return
        dag_id = definition["dag_id"]
        if dag_id not in self.dags:
            self.dags[dag_id] = Dag(dag_id, name, definition["tasks"])

    # --- Requests ---

    def handle(self, request):
        length = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(length)
        url = urllib.parse.urlsplit(request.path)
        headers = {}
        try:
            if self.failures:
                raise Problem(self.failures.pop(0), "Not now")
            if url.path == "/aws_mwaa/login":
                status, answer = self.log_in(request, body, headers)
            else:
                status, answer = self.answer(request, url, body)
        except Problem as problem:
            status, answer = problem.status, problem.body
        text = json.dumps(answer).encode() if answer is not None else b""
        request.send_response(status)
        request.send_header("Content-Type", "application/json" if status < 400 else PROBLEM)
        request.send_header("Content-Length", str(len(text)))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(text)

    def log_in(self, request, body, headers):
        """MWAA's own: a token becomes a session."""
        form = urllib.parse.parse_qs(body.decode())
        if request.command != "POST" or form.get("token") != [self.web_token]:
            raise Problem(403, "Forbidden")
        self.web_token = None  # good for once
        headers["Set-Cookie"] = "session=abc123; HttpOnly; Path=/; SameSite=Lax"
        return 200, {}

    def answer(self, request, url, body):
        prefix = "/api/v1"
        if not url.path.startswith(prefix):
            raise Problem(404, "Not Found")
        path = url.path[len(prefix):]
        self.requests.append(f"{request.command} {urllib.parse.unquote(path)}")
        parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        query = {key: values[-1] for key, values in urllib.parse.parse_qs(
            url.query, keep_blank_values=True).items()}
        if parts == ["version"]:
            return 200, {"version": self.version, "git_version": None}
        session = "session=abc123" in (request.headers.get("Cookie") or "")
        if not session and request.headers.get("Authorization") not in self.authorization:
            raise Problem(401, "Unauthorized")
        data = None
        if request.command in ("POST", "PATCH"):
            if request.headers.get("Content-Type") != "application/json":
                raise Problem(415, "Unsupported Media Type")
            data = json.loads(body)
        self.scan()
        return self.route(request.command, parts, query, data)

    def route(self, method, parts, query, data):
        if parts == ["importErrors"]:
            return 200, self.page(self.import_errors, "import_errors", query)
        if parts == ["pools", "default_pool"]:
            return self.pool(method, query, data)
        if parts == ["dags"] and method == "GET":
            return 200, self.page([d.json() for d in self.dags.values()], "dags", query)
        if parts[0] != "dags" or len(parts) < 2:
            raise not_found(None)
        dag = self.dags.get(parts[1])
        if dag is None:
            raise not_found(f"The DAG with dag_id: {parts[1]} was not found")
        if len(parts) == 2:
            return self.dag(method, dag, query, data)
        if parts[2:] == ["tasks"]:
            return 200, dag.tasks_json()
        if parts[2] != "dagRuns":
            raise not_found(None)
        return self.dag_runs(method, dag, parts[3:], query, data)

    def page(self, items, key, query, more=()):
        unknown = query.keys() - {"limit", "offset", *more}
        if unknown:
            raise Problem(400, "Bad Request", f"Extra query parameter(s) {sorted(unknown)}")
        limit = min(int(query.get("limit", PAGE_MAX)), self.page_max)
        offset = int(query.get("offset", 0))
        return {key: items[offset:offset + limit], "total_entries": len(items)}

    def pool(self, method, query, data):
        if method == "PATCH":
            if query.get("update_mask") != "slots" and data.get("name") != "default_pool":
                raise Problem(400, "Bad Request", "Default Pool's name can't be modified")
            self.pool_slots = data["slots"]
        return 200, {"name": "default_pool", "slots": self.pool_slots, "occupied_slots": 0,
                     "used_slots": 0, "running_slots": 0, "queued_slots": 0, "open_slots": 0,
                     "scheduled_slots": 0, "deferred_slots": 0, "description": "Default pool",
                     "include_deferred": False}

    def dag(self, method, dag, query, data):
        if method == "PATCH":
            if data.keys() != {"is_paused"} or query.keys() - {"update_mask"}:
                raise Problem(400, "Bad Request", "Only `is_paused` field can be updated")
            dag.is_paused = data["is_paused"]
        if method == "DELETE":
            if any(run.state() == "running" for run in dag.runs):
                raise Problem(409, "Conflict", f"Task instances of dag with id: '{dag.dag_id}' are "
                                               "still running")
            del self.dags[dag.dag_id]
            return 204, None
        return 200, dag.json()

    def dag_runs(self, method, dag, parts, query, data):
        if not parts and method == "POST":
            return 200, self.trigger(dag, data)
        if not parts:
            order = query.get("order_by", "id")
            if order.lstrip("-") not in RUN_ORDERS:
                raise Problem(400, "Bad Request", f"Ordering with '{order}' is disallowed")
            runs = sorted(dag.runs, key=lambda run: run.number, reverse=order.startswith("-"))
            return 200, self.page([r.json() for r in runs], "dag_runs", query, ["order_by"])
        run = next((run for run in dag.runs if run.run_id == parts[0]), None)
        if run is None:
            raise not_found(f"DAGRun with DAG ID: '{dag.dag_id}' and DagRun ID: '{parts[0]}' "
                            "not found")
        if len(parts) == 1 and method == "DELETE":
            dag.runs.remove(run)
            return 204, None
        if len(parts) == 1:
            return 200, run.json()
        if parts[1:] == ["taskInstances"]:
            return 200, self.page(run.instances(), "task_instances", query)
        if parts[-1] == "tries" and self.lists_tries:
            map_index = int(parts[3]) if len(parts) == 5 else -1
            return 200, self.page(run.tries(parts[2], map_index), "task_instances", query)
        raise not_found(None)

    def trigger(self, dag, data):
        unknown = data.keys() - {"dag_run_id", "logical_date", "conf", "note"}
        if unknown:
            raise Problem(400, "Bad Request", f"Property is read-only - {sorted(unknown)}")
        run_id = data["dag_run_id"]
        if any(run.run_id == run_id for run in dag.runs):
            raise Problem(409, "Conflict", f"DAGRun with DAG ID: '{dag.dag_id}' and DAGRun ID: "
                                           f"'{run_id}' already exists")
        if dag.is_paused:
            raise Problem(400, "Bad Request", "the test wants it to be unpaused")
        self.add_run(dag.dag_id, run_id, time.time() + 0.05)
        return dag.runs[-1].json()
