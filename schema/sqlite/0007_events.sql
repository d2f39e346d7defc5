-- What is shown to those who watch: how many attempts started in each minute of the last week, and
-- changes that only watchers ask for in the change log.

CREATE TABLE attempt_starts (
  minute TEXT NOT NULL,
  start_type TEXT NOT NULL,
  starts INTEGER NOT NULL,
  PRIMARY KEY (minute, start_type)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt_starts (minute, start_type, starts)
  SELECT substr(start_date, 1, 16), start_type, count(*) FROM attempt
  WHERE start_date IS NOT NULL AND start_type IS NOT NULL GROUP BY 1, 2;
CREATE TRIGGER attempt_counted AFTER INSERT ON attempt
WHEN NEW.start_date IS NOT NULL AND NEW.start_type IS NOT NULL
BEGIN
  INSERT INTO attempt_starts (minute, start_type, starts)
  VALUES (substr(NEW.start_date, 1, 16), NEW.start_type, 1)
  ON CONFLICT (minute, start_type) DO UPDATE SET starts = starts + 1;
END;
CREATE TRIGGER attempt_starts_forgotten AFTER INSERT ON attempt_starts BEGIN
  DELETE FROM attempt_starts
  WHERE minute < strftime('%Y-%m-%d %H:%M', NEW.minute || ':00', '-7 days');
END;

-- Of these the control loop wants to know nothing; their values are nobody's business here.
ALTER TABLE change_log ADD COLUMN name TEXT;

CREATE TRIGGER import_error_inserted AFTER INSERT ON import_error BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('import_error', 'insert', NEW.filename);
END;
CREATE TRIGGER import_error_updated AFTER UPDATE OF filename, stacktrace ON import_error
WHEN NEW.filename <> OLD.filename OR NEW.stacktrace <> OLD.stacktrace
BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('import_error', 'update', NEW.filename);
END;
CREATE TRIGGER import_error_deleted AFTER DELETE ON import_error BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('import_error', 'delete', OLD.filename);
END;

CREATE TRIGGER variable_inserted AFTER INSERT ON variable BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('variable', 'insert', NEW.key);
END;
CREATE TRIGGER variable_updated AFTER UPDATE ON variable BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('variable', 'update', NEW.key);
END;
CREATE TRIGGER variable_deleted AFTER DELETE ON variable BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('variable', 'delete', OLD.key);
END;

CREATE TRIGGER connection_inserted AFTER INSERT ON connection BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('connection', 'insert', NEW.conn_id);
END;
CREATE TRIGGER connection_updated AFTER UPDATE ON connection BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('connection', 'update', NEW.conn_id);
END;
CREATE TRIGGER connection_deleted AFTER DELETE ON connection BEGIN
  INSERT INTO change_log (table_name, op, name) VALUES ('connection', 'delete', OLD.conn_id);
END;

CREATE TRIGGER dataset_event_inserted AFTER INSERT ON dataset_event BEGIN
  INSERT INTO change_log (table_name, op, name)
  SELECT 'dataset_event', 'insert', uri FROM dataset WHERE id = NEW.dataset_id;
END;
