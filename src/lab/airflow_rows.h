// What Airflow's REST API says of runs, task instances and tasks, as rows of the exported tables.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "ports/catalog.h"

namespace beeflow {

// The header of a table; kInvalid for a table that is not exported.
Result<ExportSource::Row> AirflowHeader(const std::string& table);

// A run as /dags/{dag_id}/dagRuns lists it. An unknown state counts as running.
Result<RunRecord> ReadAirflowRun(const Json& run);

// Rows in the order of AirflowHeader. What the API does not tell is absent.
ExportSource::Row DagRunRow(const Json& run);
ExportSource::Row TaskInstanceRow(const Json& instance, const std::string& run_id);
// A try that failed, as /taskInstances/{task_id}/tries lists it.
ExportSource::Row TaskFailRow(const Json& attempt, const std::string& run_id);
// All tasks of a DAG, as /dags/{dag_id}/tasks lists them.
std::vector<ExportSource::Row> DagTaskRows(const std::string& dag_id, const Json& tasks);

}  // namespace beeflow
