-- Dynamic task mapping and deferral: Airflow's tables task_map and trigger. Datasets: what was updated
-- is a change of the DAGs that wait for it.

CREATE TABLE task_map (
  dag_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1,
  length INTEGER NOT NULL CHECK (length >= 0),
  keys TEXT,
  PRIMARY KEY (dag_id, run_id, task_id, map_index)
) STRICT, WITHOUT ROWID;

-- What a deferred task instance waits for. task_instance.trigger_id names it.
CREATE TABLE trigger (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  classpath TEXT NOT NULL,
  kwargs TEXT NOT NULL,
  created_date TEXT NOT NULL,
  triggerer_id INTEGER
) STRICT;

-- A trigger goes when nobody waits for it any more.
CREATE TRIGGER task_instance_not_deferred AFTER UPDATE OF trigger_id ON task_instance
WHEN OLD.trigger_id IS NOT NULL AND NEW.trigger_id IS NOT OLD.trigger_id
BEGIN
  DELETE FROM trigger WHERE id = OLD.trigger_id;
END;
CREATE TRIGGER task_instance_forgets_trigger AFTER DELETE ON task_instance
WHEN OLD.trigger_id IS NOT NULL
BEGIN
  DELETE FROM trigger WHERE id = OLD.trigger_id;
END;
CREATE TRIGGER dag_run_forgets_lengths AFTER DELETE ON dag_run BEGIN
  DELETE FROM task_map WHERE dag_id = OLD.dag_id AND run_id = OLD.run_id;
END;

-- Which events were written by way of an alias.
CREATE TABLE dataset_alias (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE dataset_alias_dataset_event (
  alias_id INTEGER NOT NULL,
  event_id INTEGER NOT NULL,
  PRIMARY KEY (alias_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX dataset_dag_run_queue_dag ON dataset_dag_run_queue (target_dag_id);
CREATE INDEX dag_schedule_dataset_reference_dag ON dag_schedule_dataset_reference (dag_id);
CREATE INDEX task_outlet_dataset_reference_dag ON task_outlet_dataset_reference (dag_id);
CREATE TRIGGER dataset_queued AFTER INSERT ON dataset_dag_run_queue BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', NEW.target_dag_id);
END;
CREATE TRIGGER dataset_used AFTER DELETE ON dataset_dag_run_queue
WHEN EXISTS (SELECT 1 FROM dag WHERE dag_id = OLD.target_dag_id)
BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', OLD.target_dag_id);
END;
