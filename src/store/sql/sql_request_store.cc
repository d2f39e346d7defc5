#include "store/sql/sql_request_store.h"

#include <utility>

#include "store/sql/request_queries.h"
#include "store/sql/rows.h"

namespace beeflow {
namespace {

using sql::Statement;

Result<std::optional<std::string>> FirstText(Result<Statement> rows) {
  if (!rows.ok()) return rows.error();
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows->Step());
  if (!row || rows->IsNull(0)) return std::optional<std::string>();
  return std::optional<std::string>(rows->String(0));
}

Result<std::optional<RunRecord>> FirstRun(Result<Statement> rows) {
  if (!rows.ok()) return rows.error();
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows->Step());
  if (!row) return std::optional<RunRecord>();
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, sql::ReadRun(*rows));
  return std::optional<RunRecord>(std::move(run));
}

// Columns of BEEFLOW_DATASET_EVENT.
Result<std::vector<DatasetEventInfo>> ReadEvents(Result<Statement> rows) {
  if (!rows.ok()) return rows.error();
  std::vector<DatasetEventInfo> events;
  const auto text = [&](int column) {
    return rows->IsNull(column) ? std::nullopt : std::optional<std::string>(rows->String(column));
  };
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows->Step());
    if (!row) return events;
    DatasetEventInfo event;
    event.uri = rows->String(0);
    event.extra = text(1).value_or("{}");
    event.timestamp = rows->OptionalTime(2).value_or(Time{});
    event.source_dag_id = text(3);
    event.source_task_id = text(4);
    event.source_run_id = text(5);
    event.source_map_index = rows->IsNull(6) ? -1 : static_cast<int>(rows->Integer(6));
    events.push_back(std::move(event));
  }
}

// A condition with its parameters in order.
class Condition {
 public:
  explicit Condition(const RunChoice& runs) {
    sql_ = " WHERE r.dag_id = ";
    AddParameter(runs.dag_id);
    if (runs.logical_dates) {
      AddList("r.execution_date", *runs.logical_dates);
    }
    if (runs.run_ids) AddList("r.run_id", *runs.run_ids);
    if (runs.states) {
      std::vector<std::string> states;
      for (const RunState state : *runs.states) states.emplace_back(ToString(state));
      AddList("r.state", states);
    }
  }

  template <typename T>
  void AddList(const std::string& column, const std::vector<T>& values) {
    sql_ += " AND " + column + " IN (";
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) sql_ += ", ";
      AddParameter(values[i]);
    }
    sql_ += ")";
  }

  Result<Statement> Query(sql::Database* database, std::string_view beginning,
                          const std::string& ending) const {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                             database->PrepareOnce(std::string(beginning) + sql_ + ending));
    for (const sql::Value& value : values_) rows.BindAlso(value);
    return rows;
  }

 private:
  void AddParameter(sql::Value value) {
    values_.push_back(std::move(value));
    sql_ += "$" + std::to_string(values_.size());
  }

  std::string sql_;
  std::vector<sql::Value> values_;
};

}  // namespace

SqlRequestStore::SqlRequestStore(std::unique_ptr<sql::Database> database,
                                 std::unique_ptr<SecretCipher> cipher)
    : catalog_(std::move(database)),
      cipher_(std::move(cipher)),
      database_(catalog_.database()),
      secrets_(database_, cipher_.get()) {}

Result<std::optional<std::string>> SqlRequestStore::XCom(const XComAddress& key) {
  if (key.key.empty()) {
    return FirstText(
        database_->Query(sql::kLastXCom, key.dag_id, key.run_id, key.task_id, key.map_index));
  }
  return FirstText(
      database_->Query(sql::kXCom, key.dag_id, key.run_id, key.task_id, key.map_index, key.key));
}

Result<std::vector<std::pair<int, std::string>>> SqlRequestStore::XComsOfTask(
    const XComAddress& key) {
  std::vector<std::pair<int, std::string>> values;
  BEEFLOW_ASSIGN_OR_RETURN(
      Statement rows,
      key.key.empty()
          ? database_->Query(sql::kAllXComsOfTask, key.dag_id, key.run_id, key.task_id)
          : database_->Query(sql::kXComsOfTask, key.dag_id, key.run_id, key.task_id, key.key));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return values;
    values.emplace_back(static_cast<int>(rows.Integer(0)), rows.String(1));
  }
}

Result<std::optional<std::string>> SqlRequestStore::PriorXCom(const XComAddress& key,
                                                              std::optional<Time> until) {
  if (until) {
    return FirstText(
        database_->Query(sql::kPriorXCom, key.task_id, key.map_index, key.key, key.dag_id, *until));
  }
  return FirstText(
      database_->Query(sql::kLatestXCom, key.task_id, key.map_index, key.key, key.dag_id));
}

Status SqlRequestStore::SetXCom(const XComAddress& key, const std::string& value, Time now) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows,
                           database_->Execute(sql::kSetXCom, key.task_id, key.map_index, key.key,
                                              value, now, key.dag_id, key.run_id));
  if (rows > 0) return Ok();
  return NotFound("DAG " + key.dag_id + " has no run " + key.run_id +
                  ", so nothing can be stored for its tasks");
}

Status SqlRequestStore::ClearXComs(const XComAddress& key) {
  const auto cleared = key.key.empty() ? database_->Execute(sql::kClearXComs, key.dag_id,
                                                            key.run_id, key.task_id, key.map_index)
                                       : database_->Execute(sql::kClearXCom, key.dag_id, key.run_id,
                                                            key.task_id, key.map_index, key.key);
  return cleared.ok() ? Ok() : Status(cleared.error());
}

Result<std::optional<RunRecord>> SqlRequestStore::RunAt(const std::string& dag_id,
                                                        Time logical_date) {
  return FirstRun(database_->Query(sql::kRunAt, dag_id, logical_date));
}

Result<std::optional<RunRecord>> SqlRequestStore::RunBefore(const std::string& dag_id,
                                                            Time logical_date,
                                                            std::optional<RunState> state) {
  if (!state) return FirstRun(database_->Query(sql::kPreviousRun, dag_id, logical_date));
  return FirstRun(
      database_->Query(sql::kPreviousRunInState, dag_id, logical_date, ToString(*state)));
}

Result<int64_t> SqlRequestStore::CountRuns(const RunChoice& runs) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                           Condition(runs).Query(database_, sql::kCountRunsOfDag, ""));
  BEEFLOW_RETURN_IF_ERROR(rows.Step());
  return rows.Integer(0);
}

Result<std::vector<TaskAtRun>> SqlRequestStore::TasksOf(
    const RunChoice& runs, const std::optional<std::vector<std::string>>& task_ids) {
  Condition condition(runs);
  if (task_ids) condition.AddList("t.task_id", *task_ids);
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                           condition.Query(database_, sql::kTasksOfRuns,
                                           " ORDER BY r.execution_date, t.task_id, t.map_index"));
  std::vector<TaskAtRun> tasks;
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return tasks;
    TaskAtRun task;
    task.logical_date = rows.OptionalTime(0).value_or(Time{});
    BEEFLOW_ASSIGN_OR_RETURN(task.task, sql::ReadTask(rows, 1));
    tasks.push_back(std::move(task));
  }
}

Result<std::vector<DatasetEventInfo>> SqlRequestStore::AliasEvents(const std::string& alias) {
  return ReadEvents(database_->Query(sql::kAliasEvents, alias));
}

Result<std::vector<DatasetEventInfo>> SqlRequestStore::DatasetEvents(const std::string& uri) {
  return ReadEvents(database_->Query(sql::kDatasetEvents, uri));
}

Result<std::vector<DatasetEventInfo>> SqlRequestStore::TriggeringEvents(const RunKey& run) {
  return ReadEvents(database_->Query(sql::kTriggeringEvents, run.dag_id, run.run_id));
}

}  // namespace beeflow
