-- What each attempt took: one row for every attempt that ended, with the reason of its end. Nothing
-- triggers on it.

CREATE TABLE attempt (
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1,
  try_number INTEGER NOT NULL,
  attempt_id TEXT NOT NULL,
  state TEXT,
  start_type TEXT,
  start_date TEXT,
  end_date TEXT,
  queue_seconds REAL,
  start_seconds REAL,
  memory_bytes INTEGER,
  cpu_seconds REAL,
  environment TEXT,
  hostname TEXT,
  exit_code INTEGER,
  exit_signal INTEGER,
  reason TEXT,
  PRIMARY KEY (dag_id, run_id, task_id, map_index, try_number, attempt_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER dag_run_forgets_attempts AFTER DELETE ON dag_run BEGIN
  DELETE FROM attempt WHERE dag_id = OLD.dag_id AND run_id = OLD.run_id;
END;
