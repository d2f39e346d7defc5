// The SQL of the History, as sql/queries.h is that of the Store. The queries of lists are put
// together from these parts and a condition.
#pragma once

#include <string_view>

#include "store/sql/catalog_queries.h"

namespace beeflow::sql {

#define BEEFLOW_RUN_ENTRY "SELECT " BEEFLOW_RUN_COLUMNS ", r.last_scheduling_decision, n.content"
#define BEEFLOW_RUN_NOTE " LEFT JOIN dag_run_note n ON n.dag_run_id = r.id"
#define BEEFLOW_TASK_ENTRY                                                                    \
  "SELECT " BEEFLOW_TASK_INFO_COLUMNS                                                         \
  ", r.execution_date, n.content, g.id, g.classpath, g.kwargs, g.created_date, m.email_sent," \
  " m.notification_sent, m.timestamp, m.description"
// What belongs to a task instance `t` of the run `r`.
#define BEEFLOW_TASK_ENTRY_JOINS                                                         \
  " LEFT JOIN task_instance_note n ON n.dag_id = t.dag_id AND n.run_id = t.run_id"       \
  " AND n.task_id = t.task_id AND n.map_index = t.map_index"                             \
  " LEFT JOIN trigger g ON g.id = t.trigger_id"                                          \
  " LEFT JOIN sla_miss m ON m.dag_id = t.dag_id AND m.execution_date = r.execution_date" \
  " AND m.task_id = t.task_id"
#define BEEFLOW_RUN_OF_TASK " CROSS JOIN dag_run r ON r.dag_id = t.dag_id AND r.run_id = t.run_id"

inline constexpr std::string_view kRunEntry =
    BEEFLOW_RUN_ENTRY " FROM dag_run r" BEEFLOW_RUN_NOTE " WHERE r.dag_id = $1 AND r.run_id = $2";
inline constexpr std::string_view kTaskEntry =
    BEEFLOW_TASK_ENTRY " FROM task_instance t" BEEFLOW_RUN_OF_TASK BEEFLOW_TASK_ENTRY_JOINS
                       " WHERE t.dag_id = $1 AND t.run_id = $2 AND t.task_id = $3"
                       " AND t.map_index = $4";
inline constexpr std::string_view kAttemptsOfTask =
    "SELECT " BEEFLOW_ATTEMPT_COLUMNS " FROM attempt WHERE " BEEFLOW_TASK_KEY
    " ORDER BY try_number, end_date";
inline constexpr std::string_view kXComEntry =
    "SELECT x.dag_id, x.run_id, x.task_id, x.map_index, x.key, r.execution_date, x.timestamp,"
    " x.value FROM xcom x CROSS JOIN dag_run r ON r.dag_id = x.dag_id AND r.run_id = x.run_id"
    " WHERE x.dag_id = $1 AND x.run_id = $2 AND x.task_id = $3 AND x.map_index = $4"
    " AND x.key = $5";
inline constexpr std::string_view kUpstreamDatasetEvents =
    "SELECT e.id, e.dataset_id, d.uri, e.extra, e.source_dag_id, e.source_run_id,"
    " e.source_task_id, e.source_map_index, e.timestamp"
    " FROM dag_run r CROSS JOIN dagrun_dataset_event l ON l.dag_run_id = r.id"
    " CROSS JOIN dataset_event e ON e.id = l.event_id"
    " CROSS JOIN dataset d ON d.id = e.dataset_id"
    " WHERE r.dag_id = $1 AND r.run_id = $2 ORDER BY e.timestamp, e.id";
inline constexpr std::string_view kRunsOfDatasetEvent =
    "SELECT " BEEFLOW_RUN_COLUMNS
    " FROM dagrun_dataset_event l CROSS JOIN dag_run r ON r.id = l.dag_run_id"
    " WHERE l.event_id = $1 ORDER BY r.id";

// Every whole statement of the History, for the test of their parameters.
inline constexpr std::string_view kHistoryStatements[] = {
    kRunEntry,          kTaskEntry, kAttemptsOfTask, kXComEntry, kUpstreamDatasetEvents,
    kRunsOfDatasetEvent};

}  // namespace beeflow::sql
