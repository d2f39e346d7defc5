// The SQL of the Overview, as sql/queries.h is that of the Store: each answers for all DAGs, or for
// all runs of one, at once.
#pragma once

#include <string_view>

#include "store/sql/catalog_queries.h"
#include "store/sql/database.h"
#include "store/sql/queries.h"

namespace beeflow::sql {

// All DAGs.

// Without the serialized version, which is long.
inline constexpr std::string_view kGlanceDags =
    "SELECT dag_id, fileloc, description, owners, schedule_interval, is_paused, is_active,"
    " has_import_errors, next_dagrun_create_after, next_dagrun,"
    " COALESCE(dag_display_name, dag_id) FROM dag ORDER BY dag_id";
inline constexpr std::string_view kGlanceTags =
    "SELECT dag_id, name FROM dag_tag ORDER BY dag_id, name";
// The newest of each DAG, found from the end of its index, so the length of the history is nothing
// to it.
inline constexpr std::string_view kGlanceRuns =
    "SELECT r.dag_id, r.run_id, r.state, r.run_type, r.execution_date, r.start_date, r.end_date"
    " FROM dag d JOIN dag_run r ON r.id IN (SELECT n.id FROM dag_run n WHERE n.dag_id = d.dag_id"
    " ORDER BY n.execution_date DESC LIMIT $1) ORDER BY r.dag_id, r.execution_date";
inline constexpr std::string_view kActiveRunStates =
    "SELECT dag_id, state, count(*) FROM dag_run WHERE state IN ('queued', 'running')"
    " GROUP BY dag_id, state";
inline constexpr std::string_view kActiveTaskStates =
    "SELECT r.dag_id, t.state, count(*) FROM dag_run r"
    " JOIN task_instance t ON t.dag_id = r.dag_id AND t.run_id = r.run_id"
    " WHERE r.state IN ('queued', 'running') GROUP BY r.dag_id, t.state";

// One DAG.

#define BEEFLOW_GRID_RUN_COLUMNS \
  BEEFLOW_RUN_COLUMNS            \
  ", r.dag_hash, (SELECT n.content FROM dag_run_note n WHERE n.dag_run_id = r.id)"
#define BEEFLOW_GRID_CELL_COLUMNS \
  "run_id, task_id, map_index, state, start_date, end_date, duration, try_number"
#define BEEFLOW_TRIES_COLUMNS                                                          \
  "task_id, map_index, state, try_number, max_tries, operator, queued_dttm, "          \
  "start_date, end_date, duration, pool, queue, hostname, pid, external_executor_id, " \
  "pool_slots, priority_weight, unixname, rendered_map_index, "                        \
  "(SELECT n.content FROM task_instance_note n WHERE n.dag_id = task_instance.dag_id"  \
  " AND n.run_id = task_instance.run_id AND n.task_id = task_instance.task_id"         \
  " AND n.map_index = task_instance.map_index)"

inline constexpr std::string_view kTriesOfRun =
    "SELECT " BEEFLOW_TRIES_COLUMNS
    " FROM task_instance WHERE dag_id = $1 AND run_id = $2 ORDER BY task_id, map_index";
inline constexpr std::string_view kTriesOfTask =
    "SELECT " BEEFLOW_TRIES_COLUMNS
    " FROM task_instance WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 ORDER BY map_index";
inline constexpr std::string_view kAttemptsOfRun =
    "SELECT " BEEFLOW_ATTEMPT_COLUMNS
    " FROM attempt WHERE dag_id = $1 AND run_id = $2"
    " ORDER BY task_id, map_index, try_number, end_date";
inline constexpr std::string_view kAttemptsOfAllIndices =
    "SELECT " BEEFLOW_ATTEMPT_COLUMNS
    " FROM attempt WHERE dag_id = $1 AND run_id = $2 AND task_id = $3"
    " ORDER BY map_index, try_number, end_date";
#define BEEFLOW_COUNT_BY_DAY \
  " AS day, state, count(*) FROM dag_run WHERE dag_id = $1 GROUP BY day, state ORDER BY day"
inline constexpr ByDialect kDaysOfRuns = {
    "SELECT substr(execution_date, 1, 10)" BEEFLOW_COUNT_BY_DAY,
    "SELECT to_char(execution_date AT TIME ZONE 'UTC', 'YYYY-MM-DD')" BEEFLOW_COUNT_BY_DAY};

inline constexpr std::string_view kSourceTimes =
    "SELECT v.last_updated FROM dag d JOIN dag_code_version v ON v.fileloc = d.fileloc"
    " WHERE d.dag_id = $1 ORDER BY v.last_updated DESC";
inline constexpr std::string_view kSourceAt =
    "SELECT v.source_code FROM dag d JOIN dag_code_version v ON v.fileloc = d.fileloc"
    " WHERE d.dag_id = $1 AND v.last_updated <= $2 ORDER BY v.last_updated DESC LIMIT 1";

// The change log, for those who watch.

inline constexpr std::string_view kLoggedRange =
    "SELECT (SELECT min(sequence) FROM change_log), (SELECT max(sequence) FROM change_log)";
// Each entry with the row that it names, as it is now.
#define BEEFLOW_LOGGED_CHANGES                                                                \
  "SELECT c.sequence, c.table_name, c.op, c.dag_id, c.run_id, c.task_id, c.map_index,"        \
  " COALESCE(c.pool, c.name), c.state, t.try_number, COALESCE(t.start_date, r.start_date),"   \
  " COALESCE(t.end_date, r.end_date), r.run_type, r.execution_date, d.is_paused, d.is_active" \
  " FROM change_log c"                                                                        \
  " LEFT JOIN task_instance t ON c.table_name = 'task_instance' AND t.dag_id = c.dag_id"      \
  " AND t.run_id = c.run_id AND t.task_id = c.task_id AND t.map_index = c.map_index"          \
  " LEFT JOIN dag_run r ON c.table_name = 'dag_run' AND r.dag_id = c.dag_id"                  \
  " AND r.run_id = c.run_id"                                                                  \
  " LEFT JOIN dag d ON c.table_name = 'dag' AND d.dag_id = c.dag_id "
inline constexpr std::string_view kLoggedChanges =
    BEEFLOW_LOGGED_CHANGES "WHERE c.sequence > $1 ORDER BY c.sequence LIMIT $2";
inline constexpr std::string_view kLoggedBetween =
    BEEFLOW_LOGGED_CHANGES "WHERE c.sequence >= $1 AND c.sequence <= $2 ORDER BY c.sequence";
inline constexpr std::string_view kBeforeFirstGap =
    "SELECT c.sequence FROM change_log c WHERE NOT EXISTS (SELECT 1 FROM change_log n"
    " WHERE n.sequence = c.sequence + 1) ORDER BY c.sequence LIMIT 1";
// Only on PostgreSQL: see its documentation, table 9.79.
inline constexpr std::string_view kRunningTransactions =
    "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
    " FROM pg_current_snapshot() s";

// Starts.

inline constexpr std::string_view kStartsSince =
    "SELECT minute, start_type, starts FROM attempt_starts WHERE minute >= $1 ORDER BY minute";

// Figures.

inline constexpr std::string_view kCountImportErrors = "SELECT count(*) FROM import_error";
inline constexpr std::string_view kCountUnreadChanges =
    "SELECT count(*) FROM change_log"
    " WHERE sequence > (SELECT position FROM change_feed WHERE id = 1)";
// On PostgreSQL, in bytes of the log that the server keeps for the feed.
inline constexpr std::string_view kSlotLag =
    "SELECT s.wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn)::bigint"
    " FROM pg_replication_slots s JOIN pg_database d ON d.datname = current_database()"
    " AND s.slot_name = 'beeflow_' || d.oid";
inline constexpr std::string_view kSumStarts =
    "SELECT start_type, sum(starts) FROM attempt_starts GROUP BY start_type";

// Search. $1 is a pattern of LIKE in small letters, in which a backslash takes away the meaning of
// the next character; short names come first, since the text is more of them.

inline constexpr std::string_view kSearchDags =
    "SELECT d.dag_id, d.dag_id, d.description FROM dag d WHERE d.is_active"
    " AND (lower(d.dag_id) LIKE $1 ESCAPE '\\' OR lower(d.description) LIKE $1 ESCAPE '\\' OR "
    "EXISTS"
    " (SELECT 1 FROM dag_tag g WHERE g.dag_id = d.dag_id AND lower(g.name) LIKE $1 ESCAPE '\\'))"
    " ORDER BY length(d.dag_id), d.dag_id";
// Of the newest runs only: what is older is found through its DAG.
inline constexpr std::string_view kSearchRuns =
    "SELECT run_id, dag_id, state FROM dag_run WHERE lower(run_id) LIKE $1 ESCAPE '\\'"
    " AND id > (SELECT max(id) FROM dag_run) - 100000 ORDER BY id DESC";
inline constexpr std::string_view kSearchPools =
    "SELECT pool, '', description FROM slot_pool WHERE lower(pool) LIKE $1 ESCAPE '\\'"
    " ORDER BY length(pool), pool";
inline constexpr std::string_view kSearchVariables =
    "SELECT key, '', description FROM variable WHERE lower(key) LIKE $1 ESCAPE '\\'"
    " ORDER BY length(key), key";
inline constexpr std::string_view kSearchConnections =
    "SELECT conn_id, '', conn_type FROM connection WHERE lower(conn_id) LIKE $1 ESCAPE '\\'"
    " ORDER BY length(conn_id), conn_id";
inline constexpr std::string_view kSearchDatasets =
    "SELECT uri, '', '' FROM dataset WHERE lower(uri) LIKE $1 ESCAPE '\\' ORDER BY length(uri), "
    "uri";

// Every statement of the Overview, for the test of their parameters.
inline constexpr std::string_view kOverviewStatements[] = {
    kGlanceDags,        kGlanceTags,        kGlanceRuns,
    kActiveRunStates,   kActiveTaskStates,  kTriesOfRun,
    kTriesOfTask,       kAttemptsOfRun,     kAttemptsOfAllIndices,
    kDaysOfRuns.sqlite, kCountImportErrors, kCountUnreadChanges,
    kSumStarts,         kLoggedRange,       kLoggedChanges,
    kLoggedBetween,     kBeforeFirstGap,    kStartsSince,
    kSearchDags,        kSearchRuns,        kSearchPools,
    kSearchVariables,   kSearchConnections, kSearchDatasets,
    kSourceTimes,       kSourceAt};

}  // namespace beeflow::sql
