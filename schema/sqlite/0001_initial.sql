-- Migration 1: the tables, with Airflow 2.x's names and columns (docs/formats/tables.md), and the
-- change log with the triggers that fill it (docs/formats/change-log.md).
--
-- Cascades are triggers, not foreign keys: they hold in any program that edits the file, whereas
-- SQLite enforces foreign keys only where a connection asks for it.

CREATE TABLE dag (
  dag_id TEXT NOT NULL PRIMARY KEY,
  is_paused INTEGER NOT NULL DEFAULT 1 CHECK (is_paused IN (0, 1)),
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  last_parsed_time TEXT,
  fileloc TEXT NOT NULL,
  owners TEXT NOT NULL DEFAULT '',
  description TEXT,
  schedule_interval TEXT,
  max_active_tasks INTEGER NOT NULL DEFAULT 16,
  max_active_runs INTEGER NOT NULL DEFAULT 16,
  has_import_errors INTEGER NOT NULL DEFAULT 0 CHECK (has_import_errors IN (0, 1)),
  next_dagrun TEXT,
  next_dagrun_data_interval_start TEXT,
  next_dagrun_data_interval_end TEXT,
  next_dagrun_create_after TEXT
) STRICT;
CREATE INDEX dag_fileloc ON dag (fileloc);

CREATE TABLE dag_tag (
  name TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  PRIMARY KEY (dag_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE serialized_dag (
  id INTEGER PRIMARY KEY,
  dag_id TEXT NOT NULL,
  fileloc TEXT NOT NULL,
  data TEXT NOT NULL,
  last_updated TEXT NOT NULL,
  dag_hash TEXT NOT NULL,
  is_latest INTEGER NOT NULL CHECK (is_latest IN (0, 1)),
  UNIQUE (dag_id, dag_hash)
) STRICT;
CREATE UNIQUE INDEX serialized_dag_latest ON serialized_dag (dag_id) WHERE is_latest = 1;

CREATE TABLE dag_code (
  fileloc TEXT NOT NULL PRIMARY KEY,
  last_updated TEXT NOT NULL,
  source_code TEXT NOT NULL
) STRICT;

CREATE TABLE import_error (
  id INTEGER PRIMARY KEY,
  timestamp TEXT,
  filename TEXT NOT NULL UNIQUE,
  stacktrace TEXT NOT NULL
) STRICT;

CREATE TABLE dag_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dag_id TEXT NOT NULL,
  queued_at TEXT,
  execution_date TEXT NOT NULL,
  start_date TEXT,
  end_date TEXT,
  state TEXT NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'running', 'success', 'failed')),
  run_id TEXT NOT NULL,
  creating_job_id INTEGER,
  external_trigger INTEGER NOT NULL DEFAULT 1,
  run_type TEXT NOT NULL DEFAULT 'manual'
    CHECK (run_type IN ('scheduled', 'manual', 'backfill', 'dataset_triggered')),
  conf TEXT,
  data_interval_start TEXT,
  data_interval_end TEXT,
  last_scheduling_decision TEXT,
  dag_hash TEXT,
  log_template_id INTEGER,
  updated_at TEXT,
  UNIQUE (dag_id, run_id),
  UNIQUE (dag_id, execution_date)
) STRICT;
-- What is active: a handful of rows, however long the history.
CREATE INDEX dag_run_active ON dag_run (dag_id) WHERE state IN ('queued', 'running');
-- The past of a run, and where a schedule goes on: skips manual runs, however many there are.
CREATE INDEX dag_run_automated ON dag_run (dag_id, execution_date) WHERE run_type <> 'manual';

-- Clustered by run: loading, clearing and deleting a run each read one stretch of pages.
CREATE TABLE task_instance (
  task_id TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1,
  start_date TEXT,
  end_date TEXT,
  duration REAL,
  state TEXT CHECK (state IN ('removed', 'scheduled', 'queued', 'running', 'success', 'restarting',
    'failed', 'up_for_retry', 'up_for_reschedule', 'upstream_failed', 'skipped', 'deferred')),
  try_number INTEGER NOT NULL DEFAULT 0,
  max_tries INTEGER NOT NULL DEFAULT 0,
  hostname TEXT NOT NULL DEFAULT '',
  unixname TEXT,
  job_id INTEGER,
  pool TEXT NOT NULL DEFAULT 'default_pool',
  pool_slots INTEGER NOT NULL DEFAULT 1,
  queue TEXT,
  priority_weight INTEGER,
  operator TEXT,
  queued_dttm TEXT,
  queued_by_job_id INTEGER,
  pid INTEGER,
  executor_config TEXT,
  updated_at TEXT,
  external_executor_id TEXT,
  trigger_id INTEGER,
  trigger_timeout TEXT,
  next_method TEXT,
  next_kwargs TEXT,
  PRIMARY KEY (dag_id, run_id, task_id, map_index)
) STRICT, WITHOUT ROWID;
-- What waits for or holds a slot of a pool.
CREATE INDEX task_instance_active ON task_instance (dag_id, run_id)
  WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred');

CREATE TABLE task_fail (
  id INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1,
  start_date TEXT,
  end_date TEXT,
  duration INTEGER
) STRICT;
CREATE INDEX task_fail_run ON task_fail (dag_id, run_id);

CREATE TABLE task_reschedule (
  id INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1,
  try_number INTEGER NOT NULL,
  start_date TEXT NOT NULL,
  end_date TEXT NOT NULL,
  duration INTEGER NOT NULL,
  reschedule_date TEXT NOT NULL
) STRICT;
CREATE INDEX task_reschedule_task ON task_reschedule (dag_id, run_id, task_id, map_index);

CREATE TABLE xcom (
  dag_run_id INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1,
  key TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  value TEXT,
  timestamp TEXT,
  PRIMARY KEY (dag_id, run_id, task_id, map_index, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dttm TEXT,
  dag_id TEXT,
  task_id TEXT,
  map_index INTEGER,
  event TEXT NOT NULL,
  execution_date TEXT,
  run_id TEXT,
  owner TEXT,
  extra TEXT
) STRICT;
CREATE INDEX log_dag ON log (dag_id);

CREATE TABLE slot_pool (
  id INTEGER PRIMARY KEY,
  pool TEXT NOT NULL UNIQUE,
  slots INTEGER NOT NULL CHECK (slots >= -1),
  description TEXT,
  include_deferred INTEGER NOT NULL DEFAULT 0 CHECK (include_deferred IN (0, 1))
) STRICT;
INSERT INTO slot_pool (pool, slots, description) VALUES ('default_pool', 128, 'Default pool');

CREATE TABLE variable (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  val TEXT,
  description TEXT,
  is_encrypted INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE connection (
  id INTEGER PRIMARY KEY,
  conn_id TEXT NOT NULL UNIQUE,
  conn_type TEXT NOT NULL,
  description TEXT,
  host TEXT,
  schema TEXT,
  login TEXT,
  password TEXT,
  port INTEGER,
  is_encrypted INTEGER NOT NULL DEFAULT 0,
  is_extra_encrypted INTEGER NOT NULL DEFAULT 0,
  extra TEXT
) STRICT;

CREATE TABLE dataset (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uri TEXT NOT NULL UNIQUE,
  extra TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  is_orphaned INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE dataset_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_id INTEGER NOT NULL,
  extra TEXT,
  source_task_id TEXT,
  source_dag_id TEXT,
  source_run_id TEXT,
  source_map_index INTEGER DEFAULT -1,
  timestamp TEXT NOT NULL
) STRICT;
CREATE INDEX dataset_event_time ON dataset_event (dataset_id, timestamp);

CREATE TABLE dataset_dag_run_queue (
  dataset_id INTEGER NOT NULL,
  target_dag_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (dataset_id, target_dag_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE dag_schedule_dataset_reference (
  dataset_id INTEGER NOT NULL,
  dag_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (dataset_id, dag_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_outlet_dataset_reference (
  dataset_id INTEGER NOT NULL,
  dag_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (dataset_id, dag_id, task_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE dagrun_dataset_event (
  dag_run_id INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  PRIMARY KEY (dag_run_id, event_id)
) STRICT, WITHOUT ROWID;

-- The change log.

CREATE TABLE change_log (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  table_name TEXT NOT NULL,
  op TEXT NOT NULL,
  dag_id TEXT,
  run_id TEXT,
  task_id TEXT,
  map_index INTEGER,
  pool TEXT,
  state TEXT
) STRICT;

CREATE TABLE change_feed (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL
) STRICT;
INSERT INTO change_feed (id, position) VALUES (1, 0);

CREATE TRIGGER dag_inserted AFTER INSERT ON dag BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'insert', NEW.dag_id);
END;
CREATE TRIGGER dag_updated
AFTER UPDATE OF fileloc, is_paused, is_active, next_dagrun, next_dagrun_data_interval_start,
  next_dagrun_data_interval_end, next_dagrun_create_after ON dag
WHEN NEW.fileloc IS NOT OLD.fileloc OR NEW.is_paused IS NOT OLD.is_paused
  OR NEW.is_active IS NOT OLD.is_active OR NEW.next_dagrun IS NOT OLD.next_dagrun
  OR NEW.next_dagrun_data_interval_start IS NOT OLD.next_dagrun_data_interval_start
  OR NEW.next_dagrun_data_interval_end IS NOT OLD.next_dagrun_data_interval_end
  OR NEW.next_dagrun_create_after IS NOT OLD.next_dagrun_create_after
BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', NEW.dag_id);
END;
CREATE TRIGGER dag_renamed AFTER UPDATE OF dag_id ON dag WHEN NEW.dag_id <> OLD.dag_id BEGIN
  INSERT INTO change_log (table_name, op, dag_id)
  VALUES ('dag', 'delete', OLD.dag_id), ('dag', 'insert', NEW.dag_id);
END;
CREATE TRIGGER dag_deleted AFTER DELETE ON dag BEGIN
  DELETE FROM dag_tag WHERE dag_id = OLD.dag_id;
  DELETE FROM serialized_dag WHERE dag_id = OLD.dag_id;
  DELETE FROM dataset_dag_run_queue WHERE target_dag_id = OLD.dag_id;
  DELETE FROM dag_schedule_dataset_reference WHERE dag_id = OLD.dag_id;
  DELETE FROM task_outlet_dataset_reference WHERE dag_id = OLD.dag_id;
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'delete', OLD.dag_id);
END;

-- A new version of a DAG is a change of the DAG.
CREATE TRIGGER serialized_dag_inserted AFTER INSERT ON serialized_dag WHEN NEW.is_latest = 1 BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', NEW.dag_id);
END;
CREATE TRIGGER serialized_dag_updated
AFTER UPDATE OF data, dag_hash, is_latest ON serialized_dag WHEN NEW.is_latest = 1
BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', NEW.dag_id);
END;
CREATE TRIGGER serialized_dag_deleted AFTER DELETE ON serialized_dag
WHEN OLD.is_latest = 1 AND EXISTS (SELECT 1 FROM dag WHERE dag_id = OLD.dag_id)
BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', OLD.dag_id);
END;

CREATE TRIGGER dag_run_inserted AFTER INSERT ON dag_run BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, state)
  VALUES ('dag_run', 'insert', NEW.dag_id, NEW.run_id, NEW.state);
END;
CREATE TRIGGER dag_run_updated
AFTER UPDATE OF state, run_type, execution_date, data_interval_start, data_interval_end, queued_at,
  start_date, end_date, external_trigger, conf ON dag_run
WHEN NEW.state IS NOT OLD.state OR NEW.run_type IS NOT OLD.run_type
  OR NEW.execution_date IS NOT OLD.execution_date
  OR NEW.data_interval_start IS NOT OLD.data_interval_start
  OR NEW.data_interval_end IS NOT OLD.data_interval_end OR NEW.queued_at IS NOT OLD.queued_at
  OR NEW.start_date IS NOT OLD.start_date OR NEW.end_date IS NOT OLD.end_date
  OR NEW.external_trigger IS NOT OLD.external_trigger OR NEW.conf IS NOT OLD.conf
BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, state)
  VALUES ('dag_run', 'update', NEW.dag_id, NEW.run_id, NEW.state);
END;
CREATE TRIGGER dag_run_renamed AFTER UPDATE OF dag_id, run_id ON dag_run
WHEN NEW.dag_id <> OLD.dag_id OR NEW.run_id <> OLD.run_id
BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, state)
  VALUES ('dag_run', 'delete', OLD.dag_id, OLD.run_id, NULL),
         ('dag_run', 'insert', NEW.dag_id, NEW.run_id, NEW.state);
END;
CREATE TRIGGER dag_run_deleted AFTER DELETE ON dag_run BEGIN
  DELETE FROM task_instance WHERE dag_id = OLD.dag_id AND run_id = OLD.run_id;
  DELETE FROM task_fail WHERE dag_id = OLD.dag_id AND run_id = OLD.run_id;
  DELETE FROM task_reschedule WHERE dag_id = OLD.dag_id AND run_id = OLD.run_id;
  DELETE FROM xcom WHERE dag_id = OLD.dag_id AND run_id = OLD.run_id;
  DELETE FROM dagrun_dataset_event WHERE dag_run_id = OLD.id;
  INSERT INTO change_log (table_name, op, dag_id, run_id)
  VALUES ('dag_run', 'delete', OLD.dag_id, OLD.run_id);
END;

-- Task instances that are inserted without a state are not logged: whoever inserts them knows, and
-- a run of 100,000 tasks is created without 100,000 entries.
CREATE TRIGGER task_instance_inserted AFTER INSERT ON task_instance WHEN NEW.state IS NOT NULL BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, task_id, map_index, state)
  VALUES ('task_instance', 'insert', NEW.dag_id, NEW.run_id, NEW.task_id, NEW.map_index, NEW.state);
END;
CREATE TRIGGER task_instance_updated
AFTER UPDATE OF state, try_number, max_tries, external_executor_id, start_date, end_date
  ON task_instance
WHEN NEW.state IS NOT OLD.state OR NEW.try_number IS NOT OLD.try_number
  OR NEW.max_tries IS NOT OLD.max_tries
  OR NEW.external_executor_id IS NOT OLD.external_executor_id
  OR NEW.start_date IS NOT OLD.start_date OR NEW.end_date IS NOT OLD.end_date
BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, task_id, map_index, state)
  VALUES ('task_instance', 'update', NEW.dag_id, NEW.run_id, NEW.task_id, NEW.map_index, NEW.state);
END;
CREATE TRIGGER task_instance_renamed
AFTER UPDATE OF dag_id, run_id, task_id, map_index ON task_instance
WHEN NEW.dag_id <> OLD.dag_id OR NEW.run_id <> OLD.run_id OR NEW.task_id <> OLD.task_id
  OR NEW.map_index <> OLD.map_index
BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, task_id, map_index, state)
  VALUES ('task_instance', 'delete', OLD.dag_id, OLD.run_id, OLD.task_id, OLD.map_index, NULL),
         ('task_instance', 'insert', NEW.dag_id, NEW.run_id, NEW.task_id, NEW.map_index, NEW.state);
END;
-- The end of a whole run is one entry, that of the run.
CREATE TRIGGER task_instance_deleted AFTER DELETE ON task_instance
WHEN EXISTS (SELECT 1 FROM dag_run WHERE dag_id = OLD.dag_id AND run_id = OLD.run_id)
BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, task_id, map_index)
  VALUES ('task_instance', 'delete', OLD.dag_id, OLD.run_id, OLD.task_id, OLD.map_index);
END;

CREATE TRIGGER slot_pool_inserted AFTER INSERT ON slot_pool BEGIN
  INSERT INTO change_log (table_name, op, pool) VALUES ('slot_pool', 'insert', NEW.pool);
END;
CREATE TRIGGER slot_pool_updated AFTER UPDATE OF slots ON slot_pool
WHEN NEW.slots IS NOT OLD.slots
BEGIN
  INSERT INTO change_log (table_name, op, pool) VALUES ('slot_pool', 'update', NEW.pool);
END;
CREATE TRIGGER slot_pool_renamed AFTER UPDATE OF pool ON slot_pool WHEN NEW.pool <> OLD.pool BEGIN
  INSERT INTO change_log (table_name, op, pool)
  VALUES ('slot_pool', 'delete', OLD.pool), ('slot_pool', 'insert', NEW.pool);
END;
CREATE TRIGGER slot_pool_deleted AFTER DELETE ON slot_pool BEGIN
  INSERT INTO change_log (table_name, op, pool) VALUES ('slot_pool', 'delete', OLD.pool);
END;
