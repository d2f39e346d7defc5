// The SQL that reads and changes the metadata database, in the words that SQLite and PostgreSQL
// share. Parameters are $1, $2, ... and first appear in that order, which is how SQLite numbers
// them; store/sqlite/queries_test.cc checks it, and that no statement reads through the history.
#pragma once

#include <string_view>

namespace beeflow::sql {

// Column lists, in the order in which the readers of rows expect them.
#define BEEFLOW_TASK_COLUMNS                                                         \
  "t.dag_id, t.run_id, t.task_id, t.map_index, t.state, t.try_number, t.max_tries, " \
  "t.external_executor_id, t.start_date, t.end_date, t.next_method, t.next_kwargs, " \
  "t.trigger_timeout, "                                                              \
  "CASE WHEN t.trigger_id IS NOT NULL THEN"                                          \
  " (SELECT g.classpath FROM trigger g WHERE g.id = t.trigger_id) END, "             \
  "CASE WHEN t.trigger_id IS NOT NULL THEN"                                          \
  " (SELECT g.kwargs FROM trigger g WHERE g.id = t.trigger_id) END, "                \
  "CASE WHEN t.state IN ('up_for_reschedule', 'scheduled', 'queued') THEN"           \
  " (SELECT max(s.reschedule_date) FROM task_reschedule s WHERE s.dag_id = t.dag_id" \
  " AND s.run_id = t.run_id AND s.task_id = t.task_id AND s.map_index = t.map_index" \
  " AND s.try_number = t.try_number) END, "                                          \
  "CASE WHEN t.state IN ('up_for_reschedule', 'scheduled', 'queued') THEN"           \
  " (SELECT count(*) FROM task_reschedule s WHERE s.dag_id = t.dag_id"               \
  " AND s.run_id = t.run_id AND s.task_id = t.task_id AND s.map_index = t.map_index" \
  " AND s.try_number = t.try_number) END"
#define BEEFLOW_RUN_COLUMNS                                                             \
  "r.id, r.dag_id, r.run_id, r.state, r.run_type, r.execution_date, "                   \
  "r.data_interval_start, r.data_interval_end, r.queued_at, r.start_date, r.end_date, " \
  "r.external_trigger, r.conf, r.backfill_id, "                                         \
  "CASE WHEN r.backfill_id IS NOT NULL THEN"                                            \
  " (SELECT b.sort_ordinal FROM backfill_dag_run b"                                     \
  " WHERE b.backfill_id = r.backfill_id AND b.dag_run_id = r.id) END"
#define BEEFLOW_DAG_COLUMNS                                                    \
  "d.dag_id, d.fileloc, d.is_paused, d.is_active, s.dag_hash, d.next_dagrun, " \
  "d.next_dagrun_data_interval_start, d.next_dagrun_data_interval_end, "       \
  "d.next_dagrun_create_after, b.id, b.is_paused, b.max_active_runs"
#define BEEFLOW_DAG_JOIN                                                          \
  " FROM dag d LEFT JOIN serialized_dag s ON s.dag_id = d.dag_id AND s.is_latest" \
  " LEFT JOIN backfill b ON b.dag_id = d.dag_id AND b.completed_at IS NULL "
#define BEEFLOW_TASK_KEY "dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4"

// The change feed.

inline constexpr std::string_view kFeedPosition = "SELECT position FROM change_feed WHERE id = 1";
inline constexpr std::string_view kSetFeedPosition =
    "UPDATE change_feed SET position = $1 WHERE id = 1";
inline constexpr std::string_view kFeedEnd = "SELECT max(sequence) FROM change_log";
inline constexpr std::string_view kHasChanges =
    "SELECT EXISTS (SELECT 1 FROM change_log"
    " WHERE sequence > (SELECT position FROM change_feed WHERE id = 1))";
// The log's entry, then the task instance that it names, as it is now.
inline constexpr std::string_view kChanges =
    "SELECT c.sequence, c.table_name, c.dag_id, c.run_id, c.task_id, c.map_index, "
    "c.pool, " BEEFLOW_TASK_COLUMNS
    " FROM change_log c LEFT JOIN task_instance t ON c.table_name = 'task_instance'"
    " AND t.dag_id = c.dag_id AND t.run_id = c.run_id AND t.task_id = c.task_id"
    " AND t.map_index = c.map_index"
    " WHERE c.sequence > $1 ORDER BY c.sequence LIMIT $2";
inline constexpr std::string_view kOldestChange = "SELECT min(sequence) FROM change_log";
inline constexpr std::string_view kTrimChanges = "DELETE FROM change_log WHERE sequence < $1";

// DAGs.

inline constexpr std::string_view kDagRecord =
    "SELECT " BEEFLOW_DAG_COLUMNS BEEFLOW_DAG_JOIN "WHERE d.dag_id = $1";
inline constexpr std::string_view kAllDagIds =
    "SELECT dag_id FROM serialized_dag WHERE is_latest ORDER BY dag_id";
inline constexpr std::string_view kSerializedDag =
    "SELECT dag_hash, data FROM serialized_dag WHERE dag_id = $1 AND is_latest";
// The first condition on run_type is that of the index, the second narrows it.
inline constexpr std::string_view kLastAutomatedInterval =
    "SELECT data_interval_start, data_interval_end FROM dag_run"
    " WHERE dag_id = $1 AND run_type <> 'manual' AND run_type IN ('scheduled', 'backfill')"
    " ORDER BY execution_date DESC LIMIT 1";
inline constexpr std::string_view kSetNextRun =
    "UPDATE dag SET next_dagrun = $1, next_dagrun_data_interval_start = $2,"
    " next_dagrun_data_interval_end = $3, next_dagrun_create_after = $4 WHERE dag_id = $5";

// DAG files.

inline constexpr std::string_view kDagFile = "SELECT fileloc, is_active FROM dag WHERE dag_id = $1";
inline constexpr std::string_view kDagsOfFile = "SELECT dag_id FROM dag WHERE fileloc = $1";
inline constexpr std::string_view kInsertDag =
    "INSERT INTO dag (dag_id, is_paused, fileloc) VALUES ($1, $2, $3)";
inline constexpr std::string_view kUpdateDag =
    "UPDATE dag SET fileloc = $1, is_active = TRUE, has_import_errors = FALSE, last_parsed_time = "
    "$2,"
    " owners = $3, description = $4, schedule_interval = $5, max_active_tasks = $6,"
    " max_active_runs = $7, dag_display_name = $8, has_task_concurrency_limits = $9"
    " WHERE dag_id = $10";
inline constexpr std::string_view kTouchDag =
    "UPDATE dag SET fileloc = $1, is_active = TRUE, has_import_errors = FALSE, last_parsed_time = "
    "$2"
    " WHERE dag_id = $3";
inline constexpr std::string_view kDeactivateDag =
    "UPDATE dag SET is_active = FALSE WHERE dag_id = $1";
inline constexpr std::string_view kDeactivateFile =
    "UPDATE dag SET is_active = FALSE, has_import_errors = FALSE WHERE fileloc = $1";
inline constexpr std::string_view kMarkImportErrors =
    "UPDATE dag SET has_import_errors = $1 WHERE fileloc = $2";
inline constexpr std::string_view kRetireVersion =
    "UPDATE serialized_dag SET is_latest = FALSE WHERE dag_id = $1 AND is_latest";
// A version that comes back is the newest again.
inline constexpr std::string_view kInsertVersion =
    "INSERT INTO serialized_dag (dag_id, fileloc, data, last_updated, dag_hash, is_latest)"
    " VALUES ($1, $2, $3, $4, $5, TRUE) ON CONFLICT (dag_id, dag_hash) DO UPDATE SET"
    " fileloc = excluded.fileloc, data = excluded.data, last_updated = excluded.last_updated,"
    " is_latest = TRUE";
inline constexpr std::string_view kDeleteTags = "DELETE FROM dag_tag WHERE dag_id = $1";
inline constexpr std::string_view kInsertTag =
    "INSERT INTO dag_tag (dag_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING";
inline constexpr std::string_view kSetCode =
    "INSERT INTO dag_code (fileloc, last_updated, source_code) VALUES ($1, $2, $3)"
    " ON CONFLICT (fileloc) DO UPDATE SET last_updated = excluded.last_updated,"
    " source_code = excluded.source_code WHERE dag_code.source_code <> excluded.source_code";
inline constexpr std::string_view kSetImportError =
    "INSERT INTO import_error (timestamp, filename, stacktrace) VALUES ($1, $2, $3)"
    " ON CONFLICT (filename) DO UPDATE SET timestamp = excluded.timestamp,"
    " stacktrace = excluded.stacktrace";
inline constexpr std::string_view kDeleteImportError =
    "DELETE FROM import_error WHERE filename = $1";

// DAG runs.

inline constexpr std::string_view kRun =
    "SELECT " BEEFLOW_RUN_COLUMNS " FROM dag_run r WHERE r.dag_id = $1 AND r.run_id = $2";
inline constexpr std::string_view kRunExists =
    "SELECT 1 FROM dag_run WHERE dag_id = $1 AND run_id = $2";
inline constexpr std::string_view kPreviousRun =
    "SELECT " BEEFLOW_RUN_COLUMNS
    " FROM dag_run r WHERE r.dag_id = $1 AND r.execution_date < $2"
    " ORDER BY r.execution_date DESC LIMIT 1";
inline constexpr std::string_view kPreviousScheduledRun =
    "SELECT " BEEFLOW_RUN_COLUMNS
    " FROM dag_run r WHERE r.dag_id = $1 AND r.execution_date < $2"
    " AND r.run_type <> 'manual'"
    " ORDER BY r.execution_date DESC LIMIT 1";
// CROSS JOIN keeps SQLite from starting at dag_run. The first condition on t.state is that of the
// index, the second narrows it.
inline constexpr std::string_view kActiveRuns =
    "SELECT " BEEFLOW_RUN_COLUMNS
    " FROM dag_run r WHERE r.id IN"
    " (SELECT id FROM dag_run WHERE state IN ('queued', 'running')"
    " UNION SELECT q.id FROM task_instance t CROSS JOIN dag_run q"
    " ON q.dag_id = t.dag_id AND q.run_id = t.run_id"
    " WHERE t.state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred')"
    " AND t.state <> 'scheduled') ORDER BY r.id";
inline constexpr std::string_view kCreateRun =
    "INSERT INTO dag_run (dag_id, run_id, state, run_type, execution_date, data_interval_start,"
    " data_interval_end, queued_at, external_trigger, conf, updated_at, backfill_id, dag_hash)"
    " VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, $10, $11,"
    " (SELECT dag_hash FROM serialized_dag WHERE dag_id = $12 AND is_latest))"
    " ON CONFLICT DO NOTHING";
inline constexpr std::string_view kChangeRun =
    "UPDATE dag_run SET state = $1, start_date = COALESCE($2, start_date),"
    " end_date = COALESCE($3, end_date), updated_at = COALESCE($4, updated_at)"
    " WHERE dag_id = $5 AND run_id = $6 AND state = $7";
// A run that is active again has no end, and one that waits again has not begun.
inline constexpr std::string_view kReopenRun =
    "UPDATE dag_run SET state = $1, start_date = $2, end_date = $3,"
    " updated_at = COALESCE($4, updated_at)"
    " WHERE dag_id = $5 AND run_id = $6 AND state = $7";

// Only where none of its runs goes on.
inline constexpr std::string_view kCompleteBackfill =
    "UPDATE backfill SET completed_at = $1, updated_at = $2"
    " WHERE id = $3 AND completed_at IS NULL AND NOT EXISTS (SELECT 1 FROM dag_run r"
    " WHERE r.backfill_id = $3 AND r.dag_id = $4 AND r.state IN ('queued', 'running'))";

// Task instances.

inline constexpr std::string_view kTasksOfRun =
    "SELECT " BEEFLOW_TASK_COLUMNS " FROM task_instance t WHERE t.dag_id = $1 AND t.run_id = $2";
inline constexpr std::string_view kCreateTask =
    "INSERT INTO task_instance (dag_id, run_id, task_id, map_index, try_number, max_tries, pool,"
    " pool_slots, queue, priority_weight, operator)"
    " VALUES ($1, $2, $3, -1, 0, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
// An instance of a mapped task.
inline constexpr std::string_view kCreateInstance =
    "INSERT INTO task_instance (dag_id, run_id, task_id, map_index, try_number, max_tries, pool,"
    " pool_slots, queue, priority_weight, operator)"
    " VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
inline constexpr std::string_view kDeleteUnmapped =
    "DELETE FROM task_instance WHERE dag_id = $1 AND run_id = $2 AND task_id = $3"
    " AND map_index = -1 AND state IS NULL";
inline constexpr std::string_view kMapLength =
    "SELECT CASE WHEN $1 AND EXISTS (SELECT 1 FROM task_instance WHERE dag_id = $2"
    " AND run_id = $3 AND task_id = $4 AND map_index >= 0)"
    " THEN (SELECT count(*) FROM xcom WHERE dag_id = $2 AND run_id = $3 AND task_id = $4"
    " AND map_index >= 0 AND key = 'return_value')"
    " ELSE (SELECT length FROM task_map WHERE dag_id = $2 AND run_id = $3 AND task_id = $4"
    " AND map_index = -1) END";
inline constexpr std::string_view kSetMapLength =
    "INSERT INTO task_map (dag_id, run_id, task_id, map_index, length) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (dag_id, run_id, task_id, map_index) DO UPDATE SET length = excluded.length";
inline constexpr std::string_view kSetRenderedMapIndex =
    "UPDATE task_instance SET rendered_map_index = $1"
    " WHERE dag_id = $2 AND run_id = $3 AND task_id = $4 AND map_index = $5";
inline constexpr std::string_view kClearMapLength = "DELETE FROM task_map WHERE " BEEFLOW_TASK_KEY;
inline constexpr std::string_view kTaskStart =
    "SELECT start_date FROM task_instance WHERE " BEEFLOW_TASK_KEY;
#define BEEFLOW_TASK_GUARD                                                     \
  " WHERE dag_id = $11 AND run_id = $12 AND task_id = $13 AND map_index = $14" \
  " AND state IS NOT DISTINCT FROM $15 AND try_number = $16"                   \
  " AND external_executor_id IS NOT DISTINCT FROM $17"
// Parameters that are NULL leave their column as it is.
inline constexpr std::string_view kChangeTask =
    "UPDATE task_instance SET state = $1, try_number = $2, external_executor_id = $3,"
    " start_date = COALESCE($4, start_date), end_date = COALESCE($5, end_date),"
    " duration = COALESCE($6, duration), max_tries = COALESCE($7, max_tries),"
    " hostname = COALESCE($8, hostname), pid = COALESCE($9, pid),"
    " updated_at = COALESCE($10, updated_at),"
    " next_method = CASE WHEN $1 IN ('deferred', 'scheduled') THEN next_method END,"
    " next_kwargs = CASE WHEN $1 IN ('deferred', 'scheduled') THEN next_kwargs END,"
    " trigger_id = CASE WHEN $1 = 'deferred' THEN trigger_id END,"
    " trigger_timeout = CASE WHEN $1 = 'deferred' THEN trigger_timeout END" BEEFLOW_TASK_GUARD;
// A try that begins has no end yet: the one before may have left one.
inline constexpr std::string_view kBeginTask =
    "UPDATE task_instance SET state = $1, try_number = $2, external_executor_id = $3,"
    " start_date = COALESCE($4, start_date), end_date = $5, duration = $6,"
    " max_tries = COALESCE($7, max_tries), hostname = COALESCE($8, hostname),"
    " pid = COALESCE($9, pid), updated_at = COALESCE($10, updated_at),"
    " unixname = COALESCE(unixname, '')" BEEFLOW_TASK_GUARD;
// Queueing takes over what the DAG says now.
inline constexpr std::string_view kQueueTask =
    "UPDATE task_instance SET state = $1, try_number = $2, external_executor_id = $3,"
    " start_date = COALESCE($4, start_date), end_date = COALESCE($5, end_date),"
    " duration = COALESCE($6, duration), max_tries = COALESCE($7, max_tries),"
    " hostname = COALESCE($8, hostname), pid = COALESCE($9, pid),"
    " updated_at = COALESCE($10, updated_at), queued_dttm = COALESCE($11, queued_dttm),"
    " pool = COALESCE($12, pool), pool_slots = COALESCE($13, pool_slots),"
    " queue = COALESCE($14, queue), priority_weight = COALESCE($15, priority_weight),"
    " operator = COALESCE($16, operator)"
    " WHERE dag_id = $17 AND run_id = $18 AND task_id = $19 AND map_index = $20"
    " AND state IS NOT DISTINCT FROM $21 AND try_number = $22"
    " AND external_executor_id IS NOT DISTINCT FROM $23";
// Deferral and reschedules.
inline constexpr std::string_view kAddTrigger =
    "INSERT INTO trigger (classpath, kwargs, created_date) VALUES ($1, $2, $3) RETURNING id";
inline constexpr std::string_view kDeferTask =
    "UPDATE task_instance SET trigger_id = $1, trigger_timeout = $2, next_method = $3,"
    " next_kwargs = $4 WHERE dag_id = $5 AND run_id = $6 AND task_id = $7 AND map_index = $8";
inline constexpr std::string_view kNextKwargs =
    "SELECT next_kwargs FROM task_instance WHERE " BEEFLOW_TASK_KEY;
inline constexpr std::string_view kSetNextKwargs =
    "UPDATE task_instance SET next_kwargs = $1"
    " WHERE dag_id = $2 AND run_id = $3 AND task_id = $4 AND map_index = $5";
inline constexpr std::string_view kAddReschedule =
    "INSERT INTO task_reschedule (task_id, dag_id, run_id, map_index, try_number, start_date,"
    " end_date, duration, reschedule_date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
inline constexpr std::string_view kAddTaskFail =
    "INSERT INTO task_fail (task_id, dag_id, run_id, map_index, start_date, end_date, duration)"
    " SELECT task_id, dag_id, run_id, map_index, start_date, end_date,"
    " CAST(duration AS INTEGER) FROM task_instance WHERE " BEEFLOW_TASK_KEY;
// What an attempt took. Of one that was lost only its row knows when it began ($10: it had begun).
inline constexpr std::string_view kAddAttempt =
    "INSERT INTO attempt (dag_id, run_id, task_id, map_index, try_number, attempt_id, state,"
    " start_type, start_date, end_date, queue_seconds, start_seconds, memory_bytes, cpu_seconds,"
    " environment, hostname, exit_code, exit_signal, reason)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, COALESCE($9, (SELECT start_date FROM task_instance"
    " WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4 AND $10)),"
    " $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
    " ON CONFLICT DO NOTHING";
// The same of an attempt that its task instance has gone on without.
inline constexpr std::string_view kRecordAttempt =
    "INSERT INTO attempt (dag_id, run_id, task_id, map_index, try_number, attempt_id, state,"
    " start_type, start_date, end_date, queue_seconds, start_seconds, memory_bytes, cpu_seconds,"
    " environment, hostname, exit_code, exit_signal, reason)"
    " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19"
    " FROM dag_run WHERE dag_id = $1 AND run_id = $2 AND NOT EXISTS (SELECT 1 FROM attempt"
    " WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND map_index = $4 AND attempt_id = $6)"
    " ON CONFLICT DO NOTHING";

// SLAs.

inline constexpr std::string_view kMissSla =
    "INSERT INTO sla_miss (task_id, dag_id, execution_date, timestamp)"
    " SELECT $1, dag_id, execution_date, $2 FROM dag_run WHERE dag_id = $3 AND run_id = $4"
    " ON CONFLICT DO NOTHING";
inline constexpr std::string_view kNoteSlaTold =
    "UPDATE sla_miss SET email_sent = $1, notification_sent = $2 WHERE dag_id = $3"
    " AND execution_date = (SELECT execution_date FROM dag_run WHERE dag_id = $4 AND run_id = $5)"
    " AND task_id = $6";

// Datasets.

inline constexpr std::string_view kEnsureDataset =
    "INSERT INTO dataset (uri, created_at, updated_at) VALUES ($1, $2, $3)"
    " ON CONFLICT (uri) DO NOTHING";
inline constexpr std::string_view kDeleteDatasetSchedule =
    "DELETE FROM dag_schedule_dataset_reference WHERE dag_id = $1";
inline constexpr std::string_view kAddDatasetSchedule =
    "INSERT INTO dag_schedule_dataset_reference (dataset_id, dag_id, created_at, updated_at)"
    " SELECT id, $1, $2, $3 FROM dataset WHERE uri = $4";
inline constexpr std::string_view kDeleteOutlets =
    "DELETE FROM task_outlet_dataset_reference WHERE dag_id = $1";
inline constexpr std::string_view kAddOutlet =
    "INSERT INTO task_outlet_dataset_reference (dataset_id, dag_id, task_id, created_at,"
    " updated_at) SELECT id, $1, $2, $3, $4 FROM dataset WHERE uri = $5 ON CONFLICT DO NOTHING";
inline constexpr std::string_view kAddDatasetEvent =
    "INSERT INTO dataset_event (dataset_id, extra, source_task_id, source_dag_id, source_run_id,"
    " source_map_index, timestamp) SELECT id, $1, $2, $3, $4, $5, $6 FROM dataset WHERE uri = $7"
    " RETURNING id";
inline constexpr std::string_view kEnsureAlias =
    "INSERT INTO dataset_alias (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
inline constexpr std::string_view kAddAliasEvent =
    "INSERT INTO dataset_alias_dataset_event (alias_id, event_id)"
    " SELECT id, $1 FROM dataset_alias WHERE name = $2";
// As in Airflow, DAGs that are paused at the time do not notice.
inline constexpr std::string_view kQueueDatasetRuns =
    "INSERT INTO dataset_dag_run_queue (dataset_id, target_dag_id, created_at)"
    " SELECT r.dataset_id, r.dag_id, $1 FROM dataset s"
    " JOIN dag_schedule_dataset_reference r ON r.dataset_id = s.id"
    " JOIN dag d ON d.dag_id = r.dag_id"
    " WHERE s.uri = $2 AND d.is_active AND NOT d.is_paused ON CONFLICT DO NOTHING";
inline constexpr std::string_view kUpdatedDatasets =
    "SELECT s.uri, q.created_at FROM dataset_dag_run_queue q JOIN dataset s ON s.id = q.dataset_id"
    " WHERE q.target_dag_id = $1 ORDER BY s.uri";
inline constexpr std::string_view kClearUpdatedDatasets =
    "DELETE FROM dataset_dag_run_queue WHERE target_dag_id = $1";
// The events since the last run by datasets led to this run: those of its datasets, and those that
// were written by way of its aliases.
#define BEEFLOW_USE_EVENTS                                  \
  "INSERT INTO dagrun_dataset_event (dag_run_id, event_id)" \
  " SELECT r.id, e.id FROM dag_run r"                       \
  " JOIN dag_schedule_dataset_reference f ON f.dag_id = r.dag_id"
#define BEEFLOW_SINCE_THE_LAST_RUN                                                           \
  " WHERE r.dag_id = $1 AND r.run_id = $2 AND e.timestamp <= $3 AND e.timestamp > COALESCE(" \
  "(SELECT max(p.execution_date) FROM dag_run p WHERE p.dag_id = $4"                         \
  " AND p.run_type = 'dataset_triggered' AND p.run_id <> $5), '0001-01-01') ON CONFLICT DO " \
  "NOTHING"
inline constexpr std::string_view kUseDatasetEvents = BEEFLOW_USE_EVENTS
    " JOIN dataset_event e ON e.dataset_id = f.dataset_id" BEEFLOW_SINCE_THE_LAST_RUN;
inline constexpr std::string_view kUseAliasEvents = BEEFLOW_USE_EVENTS
    " JOIN dataset s ON s.id = f.dataset_id AND substr(s.uri, 1, 6) = 'alias:'"
    " JOIN dataset_alias a ON a.name = substr(s.uri, 7)"
    " JOIN dataset_alias_dataset_event l ON l.alias_id = a.id"
    " JOIN dataset_event e ON e.id = l.event_id" BEEFLOW_SINCE_THE_LAST_RUN;

// XComs, pools, audit log.

inline constexpr std::string_view kXCom =
    "SELECT value FROM xcom WHERE " BEEFLOW_TASK_KEY " AND key = $5";
inline constexpr std::string_view kSetXCom =
    "INSERT INTO xcom (dag_run_id, dag_id, run_id, task_id, map_index, key, value, timestamp)"
    " SELECT id, dag_id, run_id, $1, $2, $3, $4, $5 FROM dag_run WHERE dag_id = $6 AND run_id = $7"
    " ON CONFLICT (dag_id, run_id, task_id, map_index, key) DO UPDATE SET value = excluded.value,"
    " timestamp = excluded.timestamp";
inline constexpr std::string_view kClearXComs = "DELETE FROM xcom WHERE " BEEFLOW_TASK_KEY;
inline constexpr std::string_view kPool = "SELECT pool, slots FROM slot_pool WHERE pool = $1";
inline constexpr std::string_view kAllPools = "SELECT pool, slots FROM slot_pool ORDER BY pool";
inline constexpr std::string_view kAddLog =
    "INSERT INTO log (dttm, dag_id, task_id, map_index, event, run_id, owner, extra)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

// Every statement of the Store, for the test of their plans.
inline constexpr std::string_view kStoreStatements[] = {kFeedPosition,
                                                        kSetFeedPosition,
                                                        kFeedEnd,
                                                        kHasChanges,
                                                        kChanges,
                                                        kOldestChange,
                                                        kTrimChanges,
                                                        kDagRecord,
                                                        kAllDagIds,
                                                        kSerializedDag,
                                                        kLastAutomatedInterval,
                                                        kSetNextRun,
                                                        kDagFile,
                                                        kDagsOfFile,
                                                        kInsertDag,
                                                        kUpdateDag,
                                                        kTouchDag,
                                                        kDeactivateDag,
                                                        kDeactivateFile,
                                                        kMarkImportErrors,
                                                        kRetireVersion,
                                                        kInsertVersion,
                                                        kDeleteTags,
                                                        kInsertTag,
                                                        kSetCode,
                                                        kSetImportError,
                                                        kDeleteImportError,
                                                        kRun,
                                                        kRunExists,
                                                        kPreviousRun,
                                                        kPreviousScheduledRun,
                                                        kActiveRuns,
                                                        kCreateRun,
                                                        kChangeRun,
                                                        kReopenRun,
                                                        kCompleteBackfill,
                                                        kTasksOfRun,
                                                        kCreateTask,
                                                        kCreateInstance,
                                                        kDeleteUnmapped,
                                                        kMapLength,
                                                        kSetMapLength,
                                                        kSetRenderedMapIndex,
                                                        kClearMapLength,
                                                        kTaskStart,
                                                        kChangeTask,
                                                        kBeginTask,
                                                        kQueueTask,
                                                        kAddTrigger,
                                                        kDeferTask,
                                                        kNextKwargs,
                                                        kSetNextKwargs,
                                                        kAddReschedule,
                                                        kAddTaskFail,
                                                        kAddAttempt,
                                                        kRecordAttempt,
                                                        kMissSla,
                                                        kNoteSlaTold,
                                                        kEnsureDataset,
                                                        kDeleteDatasetSchedule,
                                                        kAddDatasetSchedule,
                                                        kDeleteOutlets,
                                                        kAddOutlet,
                                                        kAddDatasetEvent,
                                                        kEnsureAlias,
                                                        kAddAliasEvent,
                                                        kQueueDatasetRuns,
                                                        kUpdatedDatasets,
                                                        kClearUpdatedDatasets,
                                                        kXCom,
                                                        kSetXCom,
                                                        kClearXComs,
                                                        kPool,
                                                        kAllPools,
                                                        kAddLog};

}  // namespace beeflow::sql
