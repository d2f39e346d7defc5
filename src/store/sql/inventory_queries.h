// The SQL of the Inventory. Lists have conditions and orders that vary, so their statements are
// composed where they are used, from the beginnings here.
#pragma once

#include <string_view>

#include "store/sql/queries.h"

namespace beeflow::sql {

#define BEEFLOW_DATASET_COLUMNS "d.id, d.uri, d.extra, d.created_at, d.updated_at"
inline constexpr std::string_view kDatasets = "SELECT " BEEFLOW_DATASET_COLUMNS " FROM dataset d";
inline constexpr std::string_view kDataset =
    "SELECT " BEEFLOW_DATASET_COLUMNS " FROM dataset d WHERE d.uri = $1";
inline constexpr std::string_view kDatasetConsumers =
    "SELECT dag_id, '', created_at, updated_at FROM dag_schedule_dataset_reference"
    " WHERE dataset_id = $1 ORDER BY dag_id";
inline constexpr std::string_view kDatasetProducers =
    "SELECT dag_id, task_id, created_at, updated_at FROM task_outlet_dataset_reference"
    " WHERE dataset_id = $1 ORDER BY dag_id, task_id";

inline constexpr std::string_view kRecordedEvents =
    "SELECT e.id, e.dataset_id, d.uri, e.extra, e.timestamp, e.source_dag_id, e.source_task_id,"
    " e.source_run_id, e.source_map_index"
    " FROM dataset_event e JOIN dataset d ON d.id = e.dataset_id";
inline constexpr std::string_view kRunsOfEvent =
    "SELECT " BEEFLOW_RUN_COLUMNS
    " FROM dagrun_dataset_event l JOIN dag_run r ON r.id = l.dag_run_id"
    " WHERE l.event_id = $1 ORDER BY r.id";

inline constexpr std::string_view kQueuedEvents =
    "SELECT q.target_dag_id, d.uri, q.created_at"
    " FROM dataset_dag_run_queue q JOIN dataset d ON d.id = q.dataset_id";
inline constexpr std::string_view kDeleteQueuedEvent =
    "DELETE FROM dataset_dag_run_queue WHERE target_dag_id = $1"
    " AND dataset_id = (SELECT id FROM dataset WHERE uri = $2)";

inline constexpr std::string_view kAuditLines =
    "SELECT l.id, l.dttm, l.dag_id, l.task_id, l.run_id, l.event, l.owner, l.extra, l.map_index"
    " FROM log l";

// Tasks that name no pool are in default_pool, which is always there.
inline constexpr std::string_view kMissingPools =
    "SELECT DISTINCT s.dag_id, json_extract(t.value, '$.pool'), s.last_updated"
    " FROM serialized_dag s JOIN dag d ON d.dag_id = s.dag_id AND d.is_active,"
    " json_each(s.data, '$.tasks') t"
    " WHERE s.is_latest AND json_extract(t.value, '$.pool') NOT IN (SELECT pool FROM slot_pool)"
    " ORDER BY s.dag_id, json_extract(t.value, '$.pool')";

inline constexpr std::string_view kPoolExists = "SELECT 1 FROM slot_pool WHERE pool = $1";
inline constexpr std::string_view kRenamePool = "UPDATE slot_pool SET pool = $1 WHERE pool = $2";

// Every statement of this file that has no more to be added, for the test of their parameters.
inline constexpr std::string_view kInventoryStatements[] = {
    kDatasets,       kDataset,      kDatasetConsumers, kDatasetProducers,
    kRecordedEvents, kRunsOfEvent,  kQueuedEvents,     kDeleteQueuedEvent,
    kAuditLines,     kMissingPools, kPoolExists,       kRenamePool};

}  // namespace beeflow::sql
