-- The tables of Airflow 2.9 that an import reads, with the types that they have on PostgreSQL
-- (https://airflow.apache.org/docs/apache-airflow/2.9.3/database-erd-ref.html), and a small history.
CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('686269002441');

CREATE TABLE dag (
  dag_id VARCHAR(250) PRIMARY KEY, root_dag_id VARCHAR(250), is_paused BOOLEAN, is_subdag BOOLEAN,
  is_active BOOLEAN, last_parsed_time TIMESTAMPTZ, last_pickled TIMESTAMPTZ,
  last_expired TIMESTAMPTZ, scheduler_lock BOOLEAN, pickle_id INTEGER, fileloc VARCHAR(2000),
  processor_subdir VARCHAR(2000), owners VARCHAR(2000), dag_display_name VARCHAR(2000),
  description TEXT, default_view VARCHAR(25), schedule_interval TEXT,
  timetable_description VARCHAR(1000), dataset_expression JSON, max_active_tasks INTEGER NOT NULL,
  max_active_runs INTEGER, max_consecutive_failed_dag_runs INTEGER NOT NULL,
  has_task_concurrency_limits BOOLEAN NOT NULL, has_import_errors BOOLEAN,
  next_dagrun TIMESTAMPTZ, next_dagrun_data_interval_start TIMESTAMPTZ,
  next_dagrun_data_interval_end TIMESTAMPTZ, next_dagrun_create_after TIMESTAMPTZ);
INSERT INTO dag (dag_id, is_paused, is_active, fileloc, owners, max_active_tasks,
                 max_consecutive_failed_dag_runs, has_task_concurrency_limits)
VALUES ('etl', TRUE, TRUE, '/opt/airflow/dags/etl.py', 'ann', 16, 0, FALSE);

CREATE TABLE dag_run (
  id SERIAL PRIMARY KEY, dag_id VARCHAR(250) NOT NULL, queued_at TIMESTAMPTZ,
  execution_date TIMESTAMPTZ NOT NULL, start_date TIMESTAMPTZ, end_date TIMESTAMPTZ,
  state VARCHAR(50), run_id VARCHAR(250) NOT NULL, creating_job_id INTEGER,
  external_trigger BOOLEAN, run_type VARCHAR(50) NOT NULL, conf BYTEA,
  data_interval_start TIMESTAMPTZ, data_interval_end TIMESTAMPTZ,
  last_scheduling_decision TIMESTAMPTZ, dag_hash VARCHAR(32), log_template_id INTEGER,
  updated_at TIMESTAMPTZ, clear_number INTEGER NOT NULL DEFAULT 0);
-- The conf of Airflow is a pickle.
INSERT INTO dag_run (dag_id, queued_at, execution_date, start_date, end_date, state, run_id,
                     external_trigger, run_type, conf, data_interval_start, data_interval_end)
VALUES
  ('etl', '2024-03-02 00:00:00.1+00', '2024-03-01 00:00+00', '2024-03-02 00:00:01+00',
   '2024-03-02 00:05+00', 'success', 'scheduled__2024-03-01T00:00:00+00:00', FALSE, 'scheduled',
   '\x80057d942e', '2024-03-01 00:00+00', '2024-03-02 00:00+00'),
  ('etl', '2024-03-02 12:00+00', '2024-03-02 12:00+00', '2024-03-02 12:00:01+00', NULL, 'running',
   'manual__2024-03-02T12:00:00+00:00', TRUE, 'manual',
   '\x80047d948c03646179944b01732e', '2024-03-01 00:00+00', '2024-03-02 00:00+00');

CREATE TABLE task_instance (
  task_id VARCHAR(250) NOT NULL, dag_id VARCHAR(250) NOT NULL, run_id VARCHAR(250) NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1, start_date TIMESTAMPTZ, end_date TIMESTAMPTZ,
  duration DOUBLE PRECISION, state VARCHAR(20), try_number INTEGER, max_tries INTEGER DEFAULT -1,
  hostname VARCHAR(1000), unixname VARCHAR(1000), job_id INTEGER, pool VARCHAR(256) NOT NULL,
  pool_slots INTEGER NOT NULL, queue VARCHAR(256), priority_weight INTEGER,
  operator VARCHAR(1000), custom_operator_name VARCHAR(1000), queued_dttm TIMESTAMPTZ,
  queued_by_job_id INTEGER, pid INTEGER, executor_config BYTEA, updated_at TIMESTAMPTZ,
  rendered_map_index VARCHAR(250), external_executor_id VARCHAR(250), trigger_id INTEGER,
  trigger_timeout TIMESTAMP, next_method VARCHAR(1000), next_kwargs JSON,
  task_display_name VARCHAR(2000), PRIMARY KEY (dag_id, task_id, run_id, map_index));
INSERT INTO task_instance (task_id, dag_id, run_id, map_index, start_date, end_date, duration,
                           state, try_number, max_tries, hostname, unixname, pool, pool_slots,
                           queue, priority_weight, operator, pid, executor_config)
VALUES
  ('extract', 'etl', 'scheduled__2024-03-01T00:00:00+00:00', -1, '2024-03-02 00:00:02+00',
   '2024-03-02 00:00:12.5+00', 10.5, 'success', 1, 0, 'box', 'airflow', 'default_pool', 1,
   'default', 2, 'PythonOperator', 77, '\x80057d942e'),
  ('load', 'etl', 'scheduled__2024-03-01T00:00:00+00:00', 0, '2024-03-02 00:01+00',
   '2024-03-02 00:02+00', 60, 'success', 2, 3, 'box', 'airflow', 'narrow', 1, 'default', 1,
   'BashOperator', 78, '\x80057d942e'),
  ('extract', 'etl', 'manual__2024-03-02T12:00:00+00:00', -1, '2024-03-02 12:00:02+00', NULL, NULL,
   'running', 1, 0, 'box', 'airflow', 'default_pool', 1, 'default', 2, 'PythonOperator', 79,
   '\x80057d942e');

CREATE TABLE task_fail (
  id SERIAL PRIMARY KEY, task_id VARCHAR(250) NOT NULL, dag_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL, map_index INTEGER NOT NULL DEFAULT -1, start_date TIMESTAMPTZ,
  end_date TIMESTAMPTZ, duration INTEGER);
INSERT INTO task_fail (task_id, dag_id, run_id, map_index, start_date, end_date, duration)
VALUES ('load', 'etl', 'scheduled__2024-03-01T00:00:00+00:00', 0, '2024-03-02 00:00:20+00',
        '2024-03-02 00:00:30+00', 10);

CREATE TABLE task_map (
  dag_id VARCHAR(250) NOT NULL, task_id VARCHAR(250) NOT NULL, run_id VARCHAR(250) NOT NULL,
  map_index INTEGER NOT NULL, length INTEGER NOT NULL, keys JSON,
  PRIMARY KEY (dag_id, task_id, run_id, map_index));
INSERT INTO task_map VALUES ('etl', 'extract', 'scheduled__2024-03-01T00:00:00+00:00', -1, 1, NULL);

-- The value of one is JSON, that of the other a pickle.
CREATE TABLE xcom (
  dag_run_id INTEGER NOT NULL, task_id VARCHAR(250) NOT NULL, map_index INTEGER NOT NULL DEFAULT -1,
  key VARCHAR(512) NOT NULL, dag_id VARCHAR(250) NOT NULL, run_id VARCHAR(250) NOT NULL,
  value BYTEA, timestamp TIMESTAMPTZ NOT NULL, PRIMARY KEY (dag_run_id, task_id, map_index, key));
INSERT INTO xcom VALUES
  (1, 'extract', -1, 'return_value', 'etl', 'scheduled__2024-03-01T00:00:00+00:00',
   convert_to('["a"]', 'UTF8'), '2024-03-02 00:00:12+00'),
  (1, 'extract', -1, 'pickled', 'etl', 'scheduled__2024-03-01T00:00:00+00:00', '\x80057d942e',
   '2024-03-02 00:00:12+00');

CREATE TABLE dag_run_note (
  user_id INTEGER, dag_run_id INTEGER PRIMARY KEY, content VARCHAR(1000),
  created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL);
INSERT INTO dag_run_note VALUES (1, 1, 'a good day', '2024-03-02 01:00+00', '2024-03-02 01:00+00');
CREATE TABLE task_instance_note (
  user_id INTEGER, task_id VARCHAR(250) NOT NULL, dag_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL, map_index INTEGER NOT NULL, content VARCHAR(1000),
  created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (task_id, dag_id, run_id, map_index));
INSERT INTO task_instance_note VALUES
  (1, 'load', 'etl', 'scheduled__2024-03-01T00:00:00+00:00', 0, 'slow',
   '2024-03-02 01:00+00', '2024-03-02 01:00+00');

CREATE TABLE sla_miss (
  task_id VARCHAR(250) NOT NULL, dag_id VARCHAR(250) NOT NULL, execution_date TIMESTAMPTZ NOT NULL,
  email_sent BOOLEAN, timestamp TIMESTAMPTZ, description TEXT, notification_sent BOOLEAN,
  PRIMARY KEY (task_id, dag_id, execution_date));
INSERT INTO sla_miss VALUES ('load', 'etl', '2024-03-01 00:00+00', TRUE, '2024-03-02 00:03+00',
                             NULL, TRUE);

CREATE TABLE log (
  id SERIAL PRIMARY KEY, dttm TIMESTAMPTZ, dag_id VARCHAR(250), task_id VARCHAR(250),
  map_index INTEGER, event VARCHAR(60), execution_date TIMESTAMPTZ, run_id VARCHAR(250),
  owner VARCHAR(500), owner_display_name VARCHAR(500), extra TEXT);
INSERT INTO log (dttm, dag_id, event, owner) VALUES ('2024-03-02 11:59+00', 'etl', 'trigger', 'ann');

CREATE TABLE slot_pool (
  id SERIAL PRIMARY KEY, pool VARCHAR(256) UNIQUE, slots INTEGER, description TEXT,
  include_deferred BOOLEAN NOT NULL);
INSERT INTO slot_pool (pool, slots, description, include_deferred)
VALUES ('default_pool', 128, 'Default pool', FALSE), ('narrow', 3, 'for the database', TRUE);

CREATE TABLE variable (
  id SERIAL PRIMARY KEY, key VARCHAR(250) UNIQUE, val TEXT, description TEXT,
  is_encrypted BOOLEAN);
CREATE TABLE connection (
  id SERIAL PRIMARY KEY, conn_id VARCHAR(250) UNIQUE NOT NULL, conn_type VARCHAR(500) NOT NULL,
  description TEXT, host VARCHAR(500), schema VARCHAR(500), login TEXT, password TEXT,
  port INTEGER, is_encrypted BOOLEAN, is_extra_encrypted BOOLEAN, extra TEXT);
