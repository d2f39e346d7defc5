-- Airflow's table of missed SLAs.

CREATE TABLE sla_miss (
  task_id TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  execution_date TEXT NOT NULL,
  email_sent INTEGER NOT NULL DEFAULT 0 CHECK (email_sent IN (0, 1)),
  timestamp TEXT,
  description TEXT,
  notification_sent INTEGER NOT NULL DEFAULT 0 CHECK (notification_sent IN (0, 1)),
  PRIMARY KEY (dag_id, execution_date, task_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER dag_run_forgets_sla_misses AFTER DELETE ON dag_run BEGIN
  DELETE FROM sla_miss WHERE dag_id = OLD.dag_id AND execution_date = OLD.execution_date;
END;
