"""The metadata databases that the engine works on in tests, and how to read and edit them past it:
an SQLite file, or a database of a PostgreSQL server that the test program starts."""

import atexit
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from pathlib import Path

_SERVER = Path(__file__).resolve().parents[1] / "postgres" / "server"
_SQLITE_BUSY_SECONDS = 10


def free_port():
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SqliteFile:
    """The default: beeflow.db in the home folder."""

    settings = {}

    def __init__(self, path):
        self.path = path

    def exists(self):
        return self.path.exists()

    def connect(self):
        """A connection without transactions of its own, whose rows are like dictionaries."""
        connection = sqlite3.connect(self.path, timeout=_SQLITE_BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    @staticmethod
    def execute(connection, sql, parameters=()):
        return connection.execute(sql, parameters)

    def version(self, connection):
        """Changes with every commit of others."""
        return self.execute(connection, "PRAGMA data_version").fetchone()[0]

    @staticmethod
    def position(connection):
        """Up to where the server would have to read now, see `is_read`."""
        return connection.execute("SELECT max(sequence) FROM change_log").fetchone()[0] or 0

    @staticmethod
    def is_read(connection, position):
        """Whether the server has read all changes up to there, and committed what follows."""
        row = connection.execute("SELECT position >= ? FROM change_feed", (position,)).fetchone()
        return bool(row and row[0])


class PostgresServer:
    """A server in a temporary folder, on 127.0.0.1 and a free port."""

    _shared = None

    def __init__(self, *settings):
        self.folder = Path(tempfile.mkdtemp(prefix="beeflow-postgres-"))
        self.port = free_port()
        self._control("start", "--port", str(self.port), *settings)
        self._databases = 0

    @classmethod
    def shared(cls):
        """One for the test program."""
        if cls._shared is None:
            cls._shared = cls()
            atexit.register(cls._shared.close)
        return cls._shared

    def _control(self, command, *arguments):
        subprocess.run([_SERVER, command, self.folder, *arguments], check=True)

    def url(self, database="postgres", user="postgres"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def new_database(self):
        """The URL of a new, empty database."""
        self._databases += 1
        name = f"test{self._databases}"
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def sql(self, text, url=None):
        """Executes it as psql does, and returns what that prints: unaligned rows."""
        done = subprocess.run(["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", url or self.url(),
                               "-c", text], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def restart(self, how="immediate"):
        self._control("restart", how)

    def close(self):
        self._control("stop", "immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


class PgBouncer:
    """A connection pooler in transaction mode in front of a server."""

    def __init__(self, server):
        self.folder = Path(tempfile.mkdtemp(prefix="beeflow-pgbouncer-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        (self.folder / "pgbouncer.ini").write_text(f"""[databases]
* = host=127.0.0.1 port={server.port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
""")
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        self.process = subprocess.Popen(
            [*(user if os.geteuid() == 0 else []), "/usr/sbin/pgbouncer",
             self.folder / "pgbouncer.ini"], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "process up" in line:
                break

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database.rpartition('/')[2]}"

    def close(self):
        self.process.kill()
        self.process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresDatabase:
    """A database of its own on a server. Statements are those for SQLite, as far as tests go."""

    def __init__(self, server=None):
        self.server = server or PostgresServer.shared()
        self.url = self.server.new_database()
        self.settings = {"database.url": self.url}

    def exists(self):
        """Whether the engine's tables are there."""
        return self.server.sql("SELECT to_regclass('dag_run') IS NOT NULL", self.url) == "t"

    def connect(self):
        import psycopg2  # only where PostgreSQL is tested
        import psycopg2.extras
        connection = psycopg2.connect(self.url, cursor_factory=psycopg2.extras.RealDictCursor)
        connection.autocommit = True
        return connection

    @staticmethod
    def execute(connection, sql, parameters=()):
        cursor = connection.cursor()
        text = sql.replace("%", "%%").replace("?", "%s") if parameters else sql
        cursor.execute(text.replace(" IS NOT '", " IS DISTINCT FROM '"), parameters or None)
        return cursor

    def version(self, connection):
        cursor = self.execute(connection, "SELECT pg_current_wal_insert_lsn()::text AS position")
        return cursor.fetchone()["position"]

    def position(self, connection):
        """As SqliteFile's."""
        cursor = self.execute(connection, "SELECT pg_current_wal_lsn()::text AS position")
        return cursor.fetchone()["position"]

    def is_read(self, connection, position):
        """As SqliteFile's: the server acknowledges to the slot what it is through with."""
        row = self.execute(connection, "SELECT confirmed_flush_lsn >= ?::pg_lsn AS is_read FROM "
                           "pg_replication_slots WHERE database = current_database()",
                           (position,)).fetchone()
        return bool(row) and row["is_read"]
