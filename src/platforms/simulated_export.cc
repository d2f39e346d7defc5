#include "platforms/simulated_export.h"

#include <fmt/core.h>

namespace beeflow {
namespace {

using Cell = std::optional<std::string>;

Cell TimeCell(const std::optional<Time>& time) {
  return time ? Cell(FormatSqlWithZone(*time)) : std::nullopt;
}

Cell NumberCell(const std::optional<double>& number) {
  return number ? Cell(fmt::format("{:.6f}", *number)) : std::nullopt;
}

Cell TextCell(std::string_view text) {
  return text.empty() ? std::nullopt : Cell(std::string(text));
}

std::string UpstreamOf(const Dag& dag, const Task& task) {
  std::string out;
  for (const TaskIndex upstream : task.upstream) {
    out += (out.empty() ? "" : " ") + dag.tasks[upstream].id;
  }
  return out;
}

}  // namespace

Status SimulatedExport::Export(const std::string& table, const Visit& visit) {
  if (table == "dagrun") return ExportRuns(visit);
  if (table == "taskinstance") return ExportTasks(visit);
  if (table == "attempt") return ExportAttempts(visit);
  if (table == "dagtask") return ExportDagTasks(visit);
  if (table != "taskfail") return Invalid("table '" + table + "' is not simulated");
  return visit(
      {"id", "task_id", "dag_id", "run_id", "map_index", "start_date", "end_date", "duration"});
}

Status SimulatedExport::ExportRuns(const Visit& visit) const {
  BEEFLOW_RETURN_IF_ERROR(visit({"id", "dag_id", "queued_at", "execution_date", "start_date",
                                 "end_date", "state", "_state", "run_id", "external_trigger",
                                 "run_type", "conf", "data_interval_start", "data_interval_end"}));
  for (const ExportedRun& exported : results_.runs) {
    const RunRecord& run = exported.run;
    const std::string state(ToString(run.state));
    const auto& interval = run.interval;
    BEEFLOW_RETURN_IF_ERROR(visit(
        {std::to_string(run.id), run.key.dag_id, TimeCell(run.queued_at),
         TimeCell(run.logical_date), TimeCell(run.start_date), TimeCell(run.end_date), state, state,
         run.key.run_id, run.external_trigger ? "True" : "False", std::string(ToString(run.type)),
         run.conf, interval ? TimeCell(interval->start) : std::nullopt,
         interval ? TimeCell(interval->end) : std::nullopt}));
  }
  return Ok();
}

Status SimulatedExport::ExportTasks(const Visit& visit) const {
  BEEFLOW_RETURN_IF_ERROR(
      visit({"task_id", "dag_id", "run_id", "map_index", "start_date", "end_date", "duration",
             "state", "try_number", "_try_number", "max_tries", "hostname", "pool", "pool_slots",
             "queue", "priority_weight", "operator", "queued_dttm"}));
  for (const ExportedRun& exported : results_.runs) {
    for (const TaskInfo& task : exported.tasks) {
      const TaskRecord& row = task.record;
      const std::string tries = std::to_string(row.try_number);
      BEEFLOW_RETURN_IF_ERROR(visit(
          {row.task_id, row.run.dag_id, row.run.run_id, std::to_string(row.map_index),
           TimeCell(row.start_date), TimeCell(row.end_date), NumberCell(task.duration),
           TextCell(ToString(row.state)), tries, tries, std::to_string(row.max_tries),
           TextCell(task.hostname), task.pool, std::to_string(task.pool_slots), task.queue,
           std::to_string(task.priority_weight), task.operator_name, TimeCell(task.queued_at)}));
    }
  }
  return Ok();
}

Status SimulatedExport::ExportAttempts(const Visit& visit) const {
  BEEFLOW_RETURN_IF_ERROR(visit({"dag_id", "run_id", "task_id", "map_index", "try_number",
                                 "attempt_id", "state", "start_type", "start_date", "end_date",
                                 "queue_seconds", "start_seconds", "memory_bytes", "cpu_seconds",
                                 "environment", "hostname", "exit_code", "exit_signal", "reason"}));
  for (const ExportedRun& exported : results_.runs) {
    const RunKey& run = exported.run.key;
    for (const AttemptInfo& attempt : exported.attempts) {
      const AttemptUsage& usage = attempt.usage;
      BEEFLOW_RETURN_IF_ERROR(visit(
          {run.dag_id, run.run_id, attempt.task_id, std::to_string(attempt.map_index),
           std::to_string(attempt.try_number), attempt.attempt_id, attempt.state,
           TextCell(usage.start_type), TimeCell(attempt.start_date), TimeCell(attempt.end_date),
           NumberCell(usage.queue_seconds), std::nullopt, std::nullopt, std::nullopt,
           TextCell(usage.environment), TextCell(usage.environment), std::nullopt, std::nullopt,
           TextCell(attempt.reason)}));
    }
  }
  return Ok();
}

Status SimulatedExport::ExportDagTasks(const Visit& visit) const {
  BEEFLOW_RETURN_IF_ERROR(
      visit({"dag_id", "task_id", "operator", "queue", "pool", "upstream_task_ids"}));
  for (const auto& [dag_id, dag] : results_.dags) {
    for (const Task& task : dag->tasks) {
      BEEFLOW_RETURN_IF_ERROR(visit({dag_id, task.id, task.operator_name, task.queue, task.pool,
                                     TextCell(UpstreamOf(*dag, task))}));
    }
  }
  return Ok();
}

}  // namespace beeflow
