-- Migration 12: what people see in the place of ids, in Airflow's columns: the name of a DAG, and
-- that of an instance of a mapped task, which its task makes by map_index_template.

ALTER TABLE dag ADD COLUMN dag_display_name TEXT;
ALTER TABLE dag ADD COLUMN has_task_concurrency_limits INTEGER NOT NULL DEFAULT 0
  CHECK (has_task_concurrency_limits IN (0, 1));
ALTER TABLE task_instance ADD COLUMN rendered_map_index TEXT;
