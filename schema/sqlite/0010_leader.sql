-- Migration 10: which control process is the latest, as in PostgreSQL's schema: each one raises the
-- epoch at its start, and workers elsewhere obey the highest that they have heard.

CREATE TABLE leader (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL
);
INSERT INTO leader (id, epoch) VALUES (1, 0);
