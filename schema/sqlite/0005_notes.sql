-- Airflow's tables of the notes that people leave at runs and task instances.

CREATE TABLE dag_run_note (
  user_id INTEGER,
  dag_run_id INTEGER NOT NULL PRIMARY KEY,
  content TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE task_instance_note (
  user_id INTEGER,
  task_id TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1,
  content TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (dag_id, run_id, task_id, map_index)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER dag_run_forgets_notes AFTER DELETE ON dag_run BEGIN
  DELETE FROM dag_run_note WHERE dag_run_id = OLD.id;
  DELETE FROM task_instance_note WHERE dag_id = OLD.dag_id AND run_id = OLD.run_id;
END;

-- Which runs an update of a dataset has started.
CREATE INDEX IF NOT EXISTS dagrun_dataset_event_event ON dagrun_dataset_event (event_id);
