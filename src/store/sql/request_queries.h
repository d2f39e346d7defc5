// The SQL of requests of running tasks. Lists of runs and tasks vary in length, so those statements
// are composed where they are used, from the beginnings here.
#pragma once

#include <string_view>

#include "store/sql/queries.h"

namespace beeflow::sql {

inline constexpr std::string_view kXComsOfTask =
    "SELECT map_index, value FROM xcom"
    " WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 AND key = $4 ORDER BY map_index";
// Under any key.
inline constexpr std::string_view kAllXComsOfTask =
    "SELECT map_index, value FROM xcom"
    " WHERE dag_id = $1 AND run_id = $2 AND task_id = $3 ORDER BY map_index, timestamp, key";
inline constexpr std::string_view kLastXCom =
    "SELECT value FROM xcom WHERE " BEEFLOW_TASK_KEY " ORDER BY timestamp DESC, key DESC LIMIT 1";
#define BEEFLOW_PRIOR_XCOM                                                          \
  "SELECT x.value FROM dag_run r CROSS JOIN xcom x ON x.dag_id = r.dag_id"          \
  " AND x.run_id = r.run_id AND x.task_id = $1 AND x.map_index = $2 AND x.key = $3" \
  " WHERE r.dag_id = $4"
inline constexpr std::string_view kLatestXCom =
    BEEFLOW_PRIOR_XCOM " ORDER BY r.execution_date DESC LIMIT 1";
inline constexpr std::string_view kPriorXCom =
    BEEFLOW_PRIOR_XCOM " AND r.execution_date <= $5 ORDER BY r.execution_date DESC LIMIT 1";
inline constexpr std::string_view kClearXCom =
    "DELETE FROM xcom WHERE " BEEFLOW_TASK_KEY " AND key = $5";

inline constexpr std::string_view kRunAt =
    "SELECT " BEEFLOW_RUN_COLUMNS " FROM dag_run r WHERE r.dag_id = $1 AND r.execution_date = $2";
inline constexpr std::string_view kPreviousRunInState =
    "SELECT " BEEFLOW_RUN_COLUMNS
    " FROM dag_run r WHERE r.dag_id = $1 AND r.execution_date < $2 AND r.state = $3"
    " ORDER BY r.execution_date DESC LIMIT 1";

// To be followed by conditions on r and t.
inline constexpr std::string_view kCountRunsOfDag = "SELECT count(*) FROM dag_run r";
inline constexpr std::string_view kTasksOfRuns =
    "SELECT r.execution_date, " BEEFLOW_TASK_COLUMNS
    " FROM dag_run r"
    " JOIN task_instance t ON t.dag_id = r.dag_id AND t.run_id = r.run_id";

#define BEEFLOW_DATASET_EVENT                                               \
  "SELECT d.uri, e.extra, e.timestamp, e.source_dag_id, e.source_task_id, " \
  "e.source_run_id, e.source_map_index FROM dataset_event e JOIN dataset d ON d.id = e.dataset_id"
inline constexpr std::string_view kDatasetEvents =
    BEEFLOW_DATASET_EVENT " WHERE d.uri = $1 ORDER BY e.timestamp, e.id";
inline constexpr std::string_view kAliasEvents = BEEFLOW_DATASET_EVENT
    " JOIN dataset_alias_dataset_event l ON l.event_id = e.id"
    " JOIN dataset_alias a ON a.id = l.alias_id WHERE a.name = $1 ORDER BY e.timestamp, e.id";
inline constexpr std::string_view kTriggeringEvents = BEEFLOW_DATASET_EVENT
    " JOIN dagrun_dataset_event l ON l.event_id = e.id JOIN dag_run r ON r.id = l.dag_run_id"
    " WHERE r.dag_id = $1 AND r.run_id = $2 ORDER BY e.timestamp, e.id";

// Every complete statement of this file, for the test of their parameters.
inline constexpr std::string_view kRequestStatements[] = {
    kXComsOfTask,   kAllXComsOfTask, kLastXCom,           kLatestXCom,     kPriorXCom,
    kClearXCom,     kRunAt,          kPreviousRunInState, kCountRunsOfDag, kTasksOfRuns,
    kDatasetEvents, kAliasEvents,    kTriggeringEvents};

}  // namespace beeflow::sql
