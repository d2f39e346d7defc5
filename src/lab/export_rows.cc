#include "lab/export_rows.h"

namespace beeflow {
namespace {

// Databases of Airflow have states of old times, too.
std::optional<TaskState> StateOf(const std::string& name) {
  if (name == "sensing") return TaskState::kRunning;
  if (name == "shutdown") return TaskState::kFailed;
  return ParseTaskState(name);
}

RunType TypeOf(const std::string& name, const std::string& run_id) {
  if (const auto type = ParseRunType(name)) return *type;
  if (name.starts_with("asset")) return RunType::kDatasetTriggered;
  if (const auto type = ParseRunType(run_id.substr(0, run_id.find("__")))) return *type;
  return RunType::kManual;
}

}  // namespace

Result<RunRows> RunRows::On(CsvTable* table) {
  RunRows rows;
  rows.table_ = table;
  BEEFLOW_ASSIGN_OR_RETURN(rows.dag_id_, table->Require({"dag_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.run_id_, table->Require({"run_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.state_, table->Require({"state", "_state"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.start_date_, table->Require({"start_date"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.end_date_, table->Require({"end_date"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.logical_date_,
                           table->Require({"logical_date", "execution_date", "run_after"}));
  rows.type_ = table->Find({"run_type"});
  rows.interval_start_ = table->Find({"data_interval_start"});
  rows.interval_end_ = table->Find({"data_interval_end"});
  rows.queued_at_ = table->Find({"queued_at"});
  rows.external_ = table->Find({"external_trigger"});
  rows.conf_ = table->Find({"conf"});
  return rows;
}

RunRecord RunRows::Read() const {
  RunRecord run;
  run.key = {table_->Id(dag_id_), table_->Id(run_id_)};
  if (const auto state = ParseRunState(table_->Text(state_))) {
    run.state = *state;
  } else {
    table_->Fail(state_, "the state of a run; it is queued, running, success or failed");
  }
  run.type = TypeOf(table_->Text(type_), run.key.run_id);
  run.queued_at = table_->OptionalTime(queued_at_);
  run.start_date = table_->OptionalTime(start_date_);
  run.end_date = table_->OptionalTime(end_date_);
  const auto first = run.queued_at ? run.queued_at : run.start_date;
  run.logical_date = table_->OptionalTime(logical_date_).value_or(first.value_or(Time()));
  const auto from = table_->OptionalTime(interval_start_);
  const auto to = table_->OptionalTime(interval_end_);
  if (from && to) run.interval = DataInterval{*from, *to};
  const std::string external = table_->Text(external_);
  run.external_trigger =
      external == "True" || external == "true" || external == "t" || external == "1";
  // Airflow's own is a pickle.
  const auto conf = ParseJson(table_->Text(conf_));
  if (conf.ok() && conf->is_object()) run.conf = table_->Text(conf_);
  return run;
}

Result<TaskRows> TaskRows::On(CsvTable* table) {
  TaskRows rows;
  rows.table_ = table;
  BEEFLOW_ASSIGN_OR_RETURN(rows.dag_id_, table->Require({"dag_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.run_id_, table->Require({"run_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.task_id_, table->Require({"task_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.state_, table->Require({"state", "_state"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.start_date_, table->Require({"start_date"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.end_date_, table->Require({"end_date"}));
  rows.map_index_ = table->Find({"map_index"});
  // Where both are there, the first is the stored one, and the second Airflow's count of the next.
  rows.try_number_ = table->Find({"_try_number", "try_number"});
  rows.max_tries_ = table->Find({"max_tries"});
  rows.duration_ = table->Find({"duration"});
  rows.operator_ = table->Find({"operator"});
  rows.pool_ = table->Find({"pool"});
  rows.pool_slots_ = table->Find({"pool_slots"});
  rows.queue_ = table->Find({"queue"});
  rows.priority_weight_ = table->Find({"priority_weight"});
  rows.hostname_ = table->Find({"hostname"});
  rows.unixname_ = table->Find({"unixname"});
  rows.pid_ = table->Find({"pid"});
  rows.queued_at_ = table->Find({"queued_dttm", "queued_when"});
  return rows;
}

TaskInfo TaskRows::Read() const {
  TaskInfo task;
  TaskRecord& record = task.record;
  record.run = {table_->Id(dag_id_), table_->Id(run_id_)};
  record.task_id = table_->Id(task_id_);
  record.map_index = static_cast<int>(table_->Integer(map_index_, -1));
  if (const auto state = StateOf(table_->Text(state_))) {
    record.state = *state;
  } else {
    table_->Fail(state_, "the state of a task instance; write one of Airflow's");
  }
  record.start_date = table_->OptionalTime(start_date_);
  record.end_date = table_->OptionalTime(end_date_);
  record.try_number = static_cast<int>(table_->Integer(try_number_, record.start_date ? 1 : 0));
  record.max_tries = static_cast<int>(table_->Integer(max_tries_, 0));
  task.duration = table_->OptionalNumber(duration_);
  if (!task.duration && record.start_date && record.end_date) {
    task.duration = ToSeconds(*record.end_date - *record.start_date);
  }
  task.operator_name = table_->Text(operator_);
  task.pool = table_->Text(pool_);
  task.pool_slots = static_cast<int>(table_->Integer(pool_slots_, 1));
  task.queue = table_->Text(queue_);
  task.priority_weight = table_->Integer(priority_weight_, 1);
  task.hostname = table_->Text(hostname_);
  task.unixname = table_->Text(unixname_);
  task.pid = table_->Integer(pid_, 0);
  task.queued_at = table_->OptionalTime(queued_at_);
  return task;
}

Result<AttemptRows> AttemptRows::On(CsvTable* table) {
  AttemptRows rows;
  rows.table_ = table;
  BEEFLOW_ASSIGN_OR_RETURN(rows.dag_id_, table->Require({"dag_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.run_id_, table->Require({"run_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.task_id_, table->Require({"task_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.try_number_, table->Require({"try_number"}));
  rows.map_index_ = table->Find({"map_index"});
  rows.attempt_id_ = table->Find({"attempt_id"});
  rows.state_ = table->Find({"state"});
  rows.start_type_ = table->Find({"start_type"});
  rows.start_date_ = table->Find({"start_date"});
  rows.end_date_ = table->Find({"end_date"});
  rows.queue_seconds_ = table->Find({"queue_seconds"});
  rows.start_seconds_ = table->Find({"start_seconds"});
  rows.memory_bytes_ = table->Find({"memory_bytes"});
  rows.cpu_seconds_ = table->Find({"cpu_seconds"});
  rows.environment_ = table->Find({"environment"});
  rows.exit_code_ = table->Find({"exit_code"});
  rows.exit_signal_ = table->Find({"exit_signal"});
  rows.reason_ = table->Find({"reason"});
  return rows;
}

RunKey AttemptRows::ReadRun() const { return {table_->Id(dag_id_), table_->Id(run_id_)}; }

AttemptInfo AttemptRows::Read() const {
  AttemptInfo attempt;
  attempt.task_id = table_->Id(task_id_);
  attempt.map_index = static_cast<int>(table_->Integer(map_index_, -1));
  attempt.try_number = static_cast<int>(table_->Integer(try_number_, 1));
  attempt.attempt_id = table_->Text(attempt_id_);
  attempt.state = table_->Text(state_);
  attempt.start_date = table_->OptionalTime(start_date_);
  attempt.end_date = table_->OptionalTime(end_date_);
  attempt.usage.start_type = table_->Text(start_type_);
  attempt.usage.environment = table_->Text(environment_);
  attempt.usage.queue_seconds = table_->OptionalNumber(queue_seconds_);
  attempt.usage.start_seconds = table_->OptionalNumber(start_seconds_);
  attempt.usage.cpu_seconds = table_->OptionalNumber(cpu_seconds_);
  attempt.usage.memory_bytes = table_->OptionalInteger(memory_bytes_);
  attempt.usage.exit_code = table_->OptionalInteger(exit_code_);
  attempt.usage.exit_signal = table_->OptionalInteger(exit_signal_);
  attempt.reason = table_->Text(reason_);
  return attempt;
}

Result<DagTaskRows> DagTaskRows::On(CsvTable* table) {
  DagTaskRows rows;
  rows.table_ = table;
  BEEFLOW_ASSIGN_OR_RETURN(rows.dag_id_, table->Require({"dag_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.task_id_, table->Require({"task_id"}));
  BEEFLOW_ASSIGN_OR_RETURN(rows.upstream_, table->Require({"upstream_task_ids"}));
  rows.operator_ = table->Find({"operator"});
  rows.queue_ = table->Find({"queue"});
  rows.pool_ = table->Find({"pool"});
  return rows;
}

DagTaskRow DagTaskRows::Read() const {
  return {table_->Id(dag_id_),  table_->Id(task_id_), table_->Text(operator_),
          table_->Text(queue_), table_->Text(pool_),  table_->Text(upstream_)};
}

}  // namespace beeflow
