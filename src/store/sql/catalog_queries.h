// The SQL of the Catalog, as sql/queries.h is that of the Store. These run on connections of their
// own, at the pace of people.
#pragma once

#include <string_view>

#include "store/sql/queries.h"

namespace beeflow::sql {

#define BEEFLOW_TASK_INFO_COLUMNS                                                            \
  BEEFLOW_TASK_COLUMNS                                                                       \
  ", t.duration, t.operator, t.pool, t.pool_slots, t.queue, t.priority_weight, t.hostname, " \
  "t.unixname, t.pid, t.queued_dttm, t.rendered_map_index"
#define BEEFLOW_DAG_INFO_COLUMNS                                                            \
  BEEFLOW_DAG_COLUMNS                                                                       \
  ", d.description, d.owners, d.schedule_interval, d.max_active_tasks, d.max_active_runs, " \
  "d.has_import_errors, d.last_parsed_time, d.dag_display_name, d.has_task_concurrency_limits"

#define BEEFLOW_ATTEMPT_COLUMNS                                                                    \
  "task_id, map_index, try_number, attempt_id, state, start_date, end_date, start_type,"           \
  " environment, queue_seconds, start_seconds, cpu_seconds, memory_bytes, exit_code, exit_signal," \
  " reason"

inline constexpr std::string_view kDagInfos =
    "SELECT " BEEFLOW_DAG_INFO_COLUMNS BEEFLOW_DAG_JOIN "WHERE d.is_active >= $1 ORDER BY d.dag_id";
inline constexpr std::string_view kDagInfo =
    "SELECT " BEEFLOW_DAG_INFO_COLUMNS BEEFLOW_DAG_JOIN "WHERE d.dag_id = $1";
inline constexpr std::string_view kDagTags =
    "SELECT name FROM dag_tag WHERE dag_id = $1 ORDER BY name";
inline constexpr std::string_view kDagSource =
    "SELECT c.source_code FROM dag d JOIN dag_code c ON c.fileloc = d.fileloc WHERE d.dag_id = $1";
inline constexpr std::string_view kTaskInfos =
    "SELECT " BEEFLOW_TASK_INFO_COLUMNS
    " FROM task_instance t WHERE t.dag_id = $1 AND t.run_id = $2 ORDER BY t.task_id, t.map_index";
inline constexpr std::string_view kTaskInfo =
    "SELECT " BEEFLOW_TASK_INFO_COLUMNS
    " FROM task_instance t WHERE t.dag_id = $1 AND t.run_id = $2 AND t.task_id = $3"
    " AND t.map_index = $4";
inline constexpr std::string_view kAttempts = "SELECT " BEEFLOW_ATTEMPT_COLUMNS
                                              " FROM attempt WHERE dag_id = $1 AND run_id = $2"
                                              " ORDER BY task_id, map_index, try_number, end_date";
inline constexpr std::string_view kImportErrors =
    "SELECT id, filename, stacktrace, timestamp FROM import_error ORDER BY filename";
inline constexpr std::string_view kPoolInfos =
    "SELECT pool, slots, description, include_deferred FROM slot_pool ORDER BY pool";
inline constexpr std::string_view kPoolUse =
    "SELECT pool, state, sum(pool_slots) FROM task_instance"
    " WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred')"
    " GROUP BY pool, state";
inline constexpr std::string_view kAuditLog =
    "SELECT id, dttm, dag_id, task_id, run_id, event, owner, extra FROM log"
    " ORDER BY id DESC LIMIT $1";
inline constexpr std::string_view kAuditLogOfDag =
    "SELECT id, dttm, dag_id, task_id, run_id, event, owner, extra FROM log WHERE dag_id = $1"
    " ORDER BY id DESC LIMIT $2";
inline constexpr std::string_view kXComs =
    "SELECT key, value FROM xcom WHERE " BEEFLOW_TASK_KEY " ORDER BY key";

inline constexpr std::string_view kSetPaused = "UPDATE dag SET is_paused = $1 WHERE dag_id = $2";
inline constexpr std::string_view kDagExists = "SELECT 1 FROM dag WHERE dag_id = $1";
inline constexpr std::string_view kRunningTask =
    "SELECT run_id, task_id FROM task_instance WHERE dag_id = $1"
    " AND state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred')"
    " AND state IN ('running', 'restarting') LIMIT 1";
inline constexpr std::string_view kDeleteRunsOfDag = "DELETE FROM dag_run WHERE dag_id = $1";
inline constexpr std::string_view kDeleteDag = "DELETE FROM dag WHERE dag_id = $1";
inline constexpr std::string_view kDeleteRun =
    "DELETE FROM dag_run WHERE dag_id = $1 AND run_id = $2";
inline constexpr std::string_view kMarkTask =
    "UPDATE task_instance SET state = $1, start_date = $2, end_date = $3, duration = $4,"
    " updated_at = $5 WHERE dag_id = $6 AND run_id = $7 AND task_id = $8 AND map_index = $9";
inline constexpr std::string_view kMarkRunQueued =
    "UPDATE dag_run SET state = 'queued', queued_at = $1, start_date = NULL, end_date = NULL,"
    " updated_at = $2 WHERE dag_id = $3 AND run_id = $4";
inline constexpr std::string_view kMarkRunEnded =
    "UPDATE dag_run SET state = $1, start_date = COALESCE(start_date, $2), end_date = $3,"
    " updated_at = $4 WHERE dag_id = $5 AND run_id = $6";
inline constexpr std::string_view kSetRunNote =
    "INSERT INTO dag_run_note (dag_run_id, content, created_at, updated_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (dag_run_id) DO UPDATE SET content = excluded.content,"
    " updated_at = excluded.updated_at";
inline constexpr std::string_view kSetTaskNote =
    "INSERT INTO task_instance_note (dag_id, run_id, task_id, map_index, content, created_at,"
    " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (dag_id, run_id, task_id, map_index) DO UPDATE SET content = excluded.content,"
    " updated_at = excluded.updated_at";
inline constexpr std::string_view kSetPool =
    "INSERT INTO slot_pool (pool, slots, description, include_deferred) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (pool) DO UPDATE SET slots = excluded.slots,"
    " description = excluded.description, include_deferred = excluded.include_deferred";
inline constexpr std::string_view kDeletePool = "DELETE FROM slot_pool WHERE pool = $1";

// Every statement of the Catalog, for the test of their parameters.
inline constexpr std::string_view kCatalogStatements[] = {
    kDagInfos,        kDagInfo,      kDagTags,    kDagSource,  kTaskInfos,
    kTaskInfo,        kImportErrors, kPoolInfos,  kPoolUse,    kAuditLog,
    kAuditLogOfDag,   kXComs,        kSetPaused,  kDagExists,  kRunningTask,
    kDeleteRunsOfDag, kDeleteDag,    kDeleteRun,  kMarkTask,   kMarkRunQueued,
    kMarkRunEnded,    kSetPool,      kDeletePool, kSetRunNote, kSetTaskNote};

}  // namespace beeflow::sql
