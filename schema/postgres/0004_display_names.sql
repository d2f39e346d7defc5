-- Migration 4: what people see in the place of ids, as schema/sqlite/0012_display_names.sql.

ALTER TABLE dag ADD COLUMN dag_display_name TEXT COLLATE "C";
ALTER TABLE dag ADD COLUMN has_task_concurrency_limits BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE task_instance ADD COLUMN rendered_map_index TEXT COLLATE "C";
