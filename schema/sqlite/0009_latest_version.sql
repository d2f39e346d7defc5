-- Migration 9: the index of the newest versions in the words of the queries, which PostgreSQL, whose
-- is_latest is a boolean, understands too.

DROP INDEX serialized_dag_latest;
CREATE UNIQUE INDEX serialized_dag_latest ON serialized_dag (dag_id) WHERE is_latest;
