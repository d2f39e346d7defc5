#include "lab/airflow_export.h"

#include "lab/airflow_rows.h"

namespace beeflow {
namespace {

// The tries of a task instance; Airflow before 2.10 does not list them.
std::string TriesPath(const RunKey& run, const Json& instance) {
  std::string path =
      RunPath(run) + "/taskInstances/" + EncodeUrlPart(instance.value("task_id", ""));
  const int64_t map_index = instance.value("map_index", int64_t{-1});
  if (map_index >= 0) path += "/" + std::to_string(map_index);
  return path + "/tries";
}

}  // namespace

Result<Json> AirflowExport::Instances(const RunKey& run) {
  return api_.GetAll(RunPath(run) + "/taskInstances", "task_instances");
}

Status AirflowExport::Export(const std::string& table, const Visit& visit) {
  BEEFLOW_ASSIGN_OR_RETURN(const Row header, AirflowHeader(table));
  BEEFLOW_RETURN_IF_ERROR(visit(header));
  if (table == "taskinstance") return ExportInstances(visit);
  if (table == "taskfail") return ExportFails(visit);
  if (table == "dagtask") return ExportTasks(visit);
  if (table != "dagrun") return Ok();
  for (const Json& run : runs_) BEEFLOW_RETURN_IF_ERROR(visit(DagRunRow(run)));
  return Ok();
}

Status AirflowExport::ExportInstances(const Visit& visit) {
  for (const Json& run : runs_) {
    BEEFLOW_ASSIGN_OR_RETURN(const RunRecord record, ReadAirflowRun(run));
    BEEFLOW_ASSIGN_OR_RETURN(const Json instances, Instances(record.key));
    for (const Json& instance : instances) {
      BEEFLOW_RETURN_IF_ERROR(visit(TaskInstanceRow(instance, record.key.run_id)));
    }
  }
  return Ok();
}

Status AirflowExport::ExportFails(const Visit& visit) {
  for (const Json& run : runs_) {
    BEEFLOW_ASSIGN_OR_RETURN(const RunRecord record, ReadAirflowRun(run));
    BEEFLOW_ASSIGN_OR_RETURN(const Json instances, Instances(record.key));
    for (const Json& instance : instances) {
      const bool failed = instance.value("state", Json()) == "failed";
      if (!failed && instance.value("try_number", Json(0)) <= 1) continue;
      const auto tries = api_.GetAll(TriesPath(record.key, instance), "task_instances");
      if (!tries.ok() && tries.error().code != ErrorCode::kNotFound) return tries.error();
      if (!tries.ok()) continue;
      for (const Json& attempt : *tries) {
        const Json state = attempt.value("state", Json());
        if (state != "failed" && state != "up_for_retry") continue;
        BEEFLOW_RETURN_IF_ERROR(visit(TaskFailRow(attempt, record.key.run_id)));
      }
    }
  }
  return Ok();
}

Status AirflowExport::ExportTasks(const Visit& visit) {
  for (const std::string& dag_id : dag_ids_) {
    BEEFLOW_ASSIGN_OR_RETURN(const Json answer, api_.Get(DagPath(dag_id) + "/tasks"));
    for (const Row& row : DagTaskRows(dag_id, answer.value("tasks", Json::array()))) {
      BEEFLOW_RETURN_IF_ERROR(visit(row));
    }
  }
  return Ok();
}

}  // namespace beeflow
