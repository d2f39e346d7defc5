// The SQL of backfills, which people and the API start and change; see sql/catalog_queries.h.
#pragma once

#include <string_view>

namespace beeflow::sql {

#define BEEFLOW_BACKFILL_COLUMNS                                                  \
  "id, dag_id, from_date, to_date, dag_run_conf, is_paused, reprocess_behavior, " \
  "max_active_runs, created_at, completed_at, updated_at, triggering_user_name"

inline constexpr std::string_view kBackfill =
    "SELECT " BEEFLOW_BACKFILL_COLUMNS " FROM backfill WHERE id = $1";
inline constexpr std::string_view kActiveBackfill =
    "SELECT id FROM backfill WHERE dag_id = $1 AND completed_at IS NULL";
inline constexpr std::string_view kBackfillRuns =
    "SELECT r.state, count(*) FROM backfill_dag_run b LEFT JOIN dag_run r"
    " ON r.id = b.dag_run_id AND r.backfill_id = b.backfill_id"
    " WHERE b.backfill_id = $1 GROUP BY r.state";
inline constexpr std::string_view kAddBackfill =
    "INSERT INTO backfill (dag_id, from_date, to_date, dag_run_conf, reprocess_behavior,"
    " max_active_runs, created_at, updated_at, triggering_user_name)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
inline constexpr std::string_view kRunsBetween =
    "SELECT run_id, execution_date, state FROM dag_run"
    " WHERE dag_id = $1 AND execution_date >= $2 AND execution_date <= $3";
// A run that has ended goes again as one of the backfill.
inline constexpr std::string_view kTakeRunAlong =
    "UPDATE dag_run SET state = 'queued', run_type = 'backfill', queued_at = $1, updated_at = $2,"
    " start_date = NULL, end_date = NULL, last_scheduling_decision = NULL, backfill_id = $3,"
    " conf = COALESCE($4, conf) WHERE dag_id = $5 AND run_id = $6";
inline constexpr std::string_view kAddBackfillRun =
    "INSERT INTO backfill_dag_run (backfill_id, logical_date, sort_ordinal, exception_reason,"
    " dag_run_id) VALUES ($1, $2, $3, NULL,"
    " (SELECT id FROM dag_run WHERE dag_id = $4 AND run_id = $5 AND backfill_id = $6))";
inline constexpr std::string_view kAddKeptInterval =
    "INSERT INTO backfill_dag_run (backfill_id, logical_date, sort_ordinal, exception_reason)"
    " VALUES ($1, $2, $3, $4)";
// Their run ids were taken.
inline constexpr std::string_view kMarkUnmadeRuns =
    "UPDATE backfill_dag_run SET exception_reason = 'unknown'"
    " WHERE backfill_id = $1 AND dag_run_id IS NULL AND exception_reason IS NULL";
inline constexpr std::string_view kPauseBackfill =
    "UPDATE backfill SET is_paused = $1, updated_at = $2 WHERE id = $3";
inline constexpr std::string_view kFailQueuedRuns =
    "UPDATE dag_run SET state = 'failed', end_date = $1, updated_at = $2"
    " WHERE backfill_id = $3 AND state = 'queued'";
inline constexpr std::string_view kCancelBackfill =
    "UPDATE backfill SET is_paused = TRUE, completed_at = $1, updated_at = $2 WHERE id = $3";

// Every statement, for the test of their parameters.
inline constexpr std::string_view kBackfillStatements[] = {
    kBackfill,       kActiveBackfill, kBackfillRuns,   kAddBackfill,
    kRunsBetween,    kTakeRunAlong,   kAddBackfillRun, kAddKeptInterval,
    kMarkUnmadeRuns, kPauseBackfill,  kFailQueuedRuns, kCancelBackfill};

}  // namespace beeflow::sql
