-- Migration 11: backfills, with Airflow 3's tables and columns. Their runs have a limit of their own on
-- how many run at once, and are the last to say when the backfill is completed.

CREATE TABLE backfill (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dag_id TEXT NOT NULL,
  from_date TEXT NOT NULL,
  to_date TEXT NOT NULL,
  dag_run_conf TEXT NOT NULL DEFAULT '{}',
  is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
  reprocess_behavior TEXT NOT NULL DEFAULT 'none'
    CHECK (reprocess_behavior IN ('none', 'failed', 'completed')),
  max_active_runs INTEGER NOT NULL DEFAULT 10 CHECK (max_active_runs > 0),
  created_at TEXT NOT NULL,
  completed_at TEXT,
  updated_at TEXT NOT NULL,
  triggering_user_name TEXT
) STRICT;
CREATE INDEX backfill_dag ON backfill (dag_id);
-- A DAG has one backfill at a time.
CREATE UNIQUE INDEX backfill_active ON backfill (dag_id) WHERE completed_at IS NULL;

-- The intervals of a backfill. `exception_reason` says why one has no run of it.
CREATE TABLE backfill_dag_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  backfill_id INTEGER NOT NULL,
  dag_run_id INTEGER,
  exception_reason TEXT,
  logical_date TEXT NOT NULL,
  sort_ordinal INTEGER NOT NULL CHECK (sort_ordinal > 0),
  UNIQUE (backfill_id, dag_run_id)
) STRICT;
CREATE INDEX backfill_dag_run_run ON backfill_dag_run (dag_run_id) WHERE dag_run_id IS NOT NULL;

-- The latest backfill that the run is a part of.
ALTER TABLE dag_run ADD COLUMN backfill_id INTEGER;
CREATE INDEX dag_run_backfill ON dag_run (backfill_id) WHERE backfill_id IS NOT NULL;

CREATE TRIGGER dag_takes_backfills_along AFTER DELETE ON dag BEGIN
  DELETE FROM backfill WHERE dag_id = OLD.dag_id;
END;
CREATE TRIGGER backfill_takes_intervals_along AFTER DELETE ON backfill BEGIN
  DELETE FROM backfill_dag_run WHERE backfill_id = OLD.id;
END;
CREATE TRIGGER dag_run_leaves_backfills AFTER DELETE ON dag_run BEGIN
  UPDATE backfill_dag_run SET dag_run_id = NULL WHERE dag_run_id = OLD.id;
END;

-- A change of the backfill that is going on is one of its DAG.
CREATE TRIGGER backfill_inserted AFTER INSERT ON backfill
WHEN NEW.completed_at IS NULL
BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', NEW.dag_id);
END;
CREATE TRIGGER backfill_updated
AFTER UPDATE OF dag_id, is_paused, max_active_runs, completed_at ON backfill
WHEN NEW.dag_id IS NOT OLD.dag_id OR NEW.is_paused IS NOT OLD.is_paused
  OR NEW.max_active_runs IS NOT OLD.max_active_runs OR NEW.completed_at IS NOT OLD.completed_at
BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', NEW.dag_id);
  INSERT INTO change_log (table_name, op, dag_id)
    SELECT 'dag', 'update', OLD.dag_id WHERE OLD.dag_id <> NEW.dag_id;
END;
CREATE TRIGGER backfill_deleted AFTER DELETE ON backfill
WHEN EXISTS (SELECT 1 FROM dag WHERE dag_id = OLD.dag_id)
BEGIN
  INSERT INTO change_log (table_name, op, dag_id) VALUES ('dag', 'update', OLD.dag_id);
END;
-- Another backfill, or another place in it, is a change of the run.
CREATE TRIGGER dag_run_joined_backfill AFTER UPDATE OF backfill_id ON dag_run
WHEN NEW.backfill_id IS NOT OLD.backfill_id
BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, state)
  VALUES ('dag_run', 'update', NEW.dag_id, NEW.run_id, NEW.state);
END;
CREATE TRIGGER backfill_dag_run_moved AFTER UPDATE OF sort_ordinal ON backfill_dag_run
WHEN NEW.sort_ordinal <> OLD.sort_ordinal
BEGIN
  INSERT INTO change_log (table_name, op, dag_id, run_id, state)
    SELECT 'dag_run', 'update', dag_id, run_id, state FROM dag_run WHERE id = NEW.dag_run_id;
END;

-- As in Airflow 3: viewers see backfills, operators and administrators make them.
INSERT INTO ab_view_menu (name) SELECT 'Backfills'
  WHERE NOT EXISTS (SELECT 1 FROM ab_view_menu WHERE name = 'Backfills');
INSERT INTO ab_permission_view (permission_id, view_menu_id)
  SELECT p.id, v.id FROM ab_permission p, ab_view_menu v
  WHERE p.name IN ('can_read', 'can_create', 'can_edit', 'can_delete') AND v.name = 'Backfills'
    AND NOT EXISTS (SELECT 1 FROM ab_permission_view e
                    WHERE e.permission_id = p.id AND e.view_menu_id = v.id);
INSERT INTO ab_permission_view_role (permission_view_id, role_id)
  SELECT pv.id, r.id FROM ab_permission_view pv
  JOIN ab_permission p ON p.id = pv.permission_id
  JOIN ab_view_menu v ON v.id = pv.view_menu_id
  JOIN ab_role r ON r.name IN ('Op', 'Admin')
    OR (p.name = 'can_read' AND r.name IN ('Viewer', 'User'))
  WHERE v.name = 'Backfills'
    AND NOT EXISTS (SELECT 1 FROM ab_permission_view_role e
                    WHERE e.permission_view_id = pv.id AND e.role_id = r.id);
