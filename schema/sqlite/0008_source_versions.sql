-- The source of each DAG file as it was imported, the newest 50 versions of it: what a run of the past
-- ran can be read.

CREATE TABLE dag_code_version (
  fileloc TEXT NOT NULL,
  last_updated TEXT NOT NULL,
  source_code TEXT NOT NULL,
  PRIMARY KEY (fileloc, last_updated)
) STRICT;
INSERT INTO dag_code_version (fileloc, last_updated, source_code)
  SELECT fileloc, last_updated, source_code FROM dag_code;

CREATE TRIGGER dag_code_inserted AFTER INSERT ON dag_code BEGIN
  INSERT INTO dag_code_version (fileloc, last_updated, source_code)
  VALUES (NEW.fileloc, NEW.last_updated, NEW.source_code)
  ON CONFLICT (fileloc, last_updated) DO UPDATE SET source_code = excluded.source_code;
END;
CREATE TRIGGER dag_code_updated AFTER UPDATE ON dag_code BEGIN
  INSERT INTO dag_code_version (fileloc, last_updated, source_code)
  VALUES (NEW.fileloc, NEW.last_updated, NEW.source_code)
  ON CONFLICT (fileloc, last_updated) DO UPDATE SET source_code = excluded.source_code;
  DELETE FROM dag_code_version WHERE fileloc = NEW.fileloc AND last_updated <= (
    SELECT last_updated FROM dag_code_version WHERE fileloc = NEW.fileloc
    ORDER BY last_updated DESC LIMIT 1 OFFSET 50);
  -- The body of a function may be another without the DAG being another.
  INSERT INTO change_log (table_name, op, dag_id)
    SELECT 'dag', 'update', dag_id FROM dag WHERE fileloc = NEW.fileloc;
END;
