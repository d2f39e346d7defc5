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
