// Clearing in SqlCatalog: a few statements whatever the number of runs and task instances, since
// the control loop waits for them.
#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/json.h"
#include "ports/branch_skip.h"
#include "store/sql/catalog_queries.h"
#include "store/sql/for_each_row.h"
#include "store/sql/queries.h"
#include "store/sql/row_condition.h"
#include "store/sql/sql_catalog.h"

namespace beeflow {
namespace {

using sql::ForEachRow;
using sql::RowCondition;
using sql::Statement;
using Strings = std::vector<std::string>;

constexpr const char* kHasProcess = "state IN ('running', 'restarting')";
// Names an instance in a list of them; no id has a line break.
constexpr const char* kInstanceKey = "(run_id || '\n' || task_id || '\n' || map_index)";

std::string InstanceKey(const ClearedTask& task) {
  return task.run_id + '\n' + task.task_id + '\n' + std::to_string(task.map_index);
}

// Instances of some tasks, in all runs of a selection.
struct Part {
  Strings tasks{};                 // empty: all
  std::vector<int> map_indices{};  // empty: any
};

std::vector<Part> PartsOf(const ClearSelection& selection) {
  std::vector<Part> parts;
  if (!selection.tasks.empty() || selection.instances.empty()) {
    parts.push_back({selection.tasks, {}});
    if (selection.map_index) parts.back().map_indices = {*selection.map_index};
  }
  const std::unordered_set<std::string> whole(selection.tasks.begin(), selection.tasks.end());
  std::map<std::string, std::vector<int>> single;
  for (const auto& [task_id, map_index] : selection.instances) {
    if (!whole.contains(task_id)) single[task_id].push_back(map_index);
  }
  for (auto& [task_id, indices] : single) parts.push_back({{task_id}, std::move(indices)});
  return parts;
}

// The tasks of the part that `is_wanted`, of those that the DAG has.
template <typename Predicate>
Strings TasksOf(const Part& part, const Dag& dag, const Predicate& is_wanted) {
  Strings ids;
  const auto add = [&](const Task& task) {
    if (is_wanted(task)) ids.push_back(task.id);
  };
  if (part.tasks.empty()) std::for_each(dag.tasks.begin(), dag.tasks.end(), add);
  for (const std::string& id : part.tasks) {
    if (const auto index = dag.Find(id)) add(dag.tasks[*index]);
  }
  return ids;
}

bool IsAny(const Task& /*task*/) { return true; }

RowCondition InRuns(const ClearSelection& selection) {
  RowCondition condition;
  condition.Equals("dag_id", selection.dag_id);
  condition.IsAnyOf("run_id", selection.runs);
  return condition;
}

void AddIndices(const Part& part, RowCondition* condition) {
  if (part.map_indices.empty()) return;
  std::string list;
  for (const int index : part.map_indices)
    list += (list.empty() ? "" : ", ") + std::to_string(index);
  condition->Add("map_index IN (" + list + ")");
}

RowCondition InPart(const ClearSelection& selection, const Part& part) {
  RowCondition condition = InRuns(selection);
  if (!part.tasks.empty()) condition.IsAnyOf("task_id", part.tasks);
  AddIndices(part, &condition);
  return condition;
}

void AddStates(const ClearSelection& selection, RowCondition* condition) {
  if (selection.only_failed) condition->Add("state IN ('failed', 'upstream_failed')");
  if (selection.only_running) condition->Add("state = 'running'");
}

// Runs a statement that answers with run_id, task_id, map_index and state.
Status CollectTasks(sql::Database* database, const RowCondition& condition, const std::string& sql,
                    std::vector<ClearedTask>* tasks) {
  return ForEachRow(condition.Prepare(database, sql), [&](const Statement& row) {
    tasks->push_back({row.String(0), row.String(1), static_cast<int>(row.Integer(2)),
                      ParseTaskState(row.Text(3)).value_or(TaskState::kNone)});
    return Ok();
  });
}

Status Find(sql::Database* database, const RowCondition& condition,
            std::vector<ClearedTask>* tasks) {
  return CollectTasks(
      database, condition,
      "SELECT run_id, task_id, map_index, state FROM task_instance" + condition.sql(), tasks);
}

Status Update(sql::Database* database, const std::string& columns, const RowCondition& condition,
              std::vector<ClearedTask>* tasks) {
  return CollectTasks(database, condition,
                      "UPDATE task_instance SET " + columns + condition.sql() +
                          " RETURNING run_id, task_id, map_index, state",
                      tasks);
}

// Finds those that a branch which is not cleared along had skipped: they stay so. Only tasks behind
// one that is not cleared can be such.
class KeptSkips {
 public:
  KeptSkips(sql::Database* database, const Dag& dag) : database_(database), dag_(dag) {}

  Result<Strings> Keys(const ClearSelection& selection, const std::vector<Part>& parts) {
    Strings keys;
    if (selection.only_failed || selection.only_running) return keys;
    for (const Part& part : parts) {
      for (std::string& id : TasksOf(part, dag_, IsAny)) {
        cleared_.insert(std::move(id));
      }
    }
    for (const Part& part : parts) {
      const Part behind = {TasksOf(part, dag_, [&](const Task& task) { return IsBehind(task); }),
                           part.map_indices};
      if (!behind.tasks.empty()) BEEFLOW_RETURN_IF_ERROR(AddKeys(selection, behind, &keys));
    }
    return keys;
  }

 private:
  bool IsBehind(const Task& task) const {
    return std::any_of(task.upstream.begin(), task.upstream.end(), [&](TaskIndex upstream) {
      return !cleared_.contains(dag_.tasks[upstream].id);
    });
  }

  Status AddKeys(const ClearSelection& selection, const Part& part, Strings* keys) {
    RowCondition condition = InPart(selection, part);
    condition.Add("state = 'skipped'");
    std::vector<ClearedTask> skipped;
    BEEFLOW_RETURN_IF_ERROR(Find(database_, condition, &skipped));
    for (const ClearedTask& one : skipped) {
      TaskRecord task;
      task.run = {selection.dag_id, one.run_id};
      task.task_id = one.task_id;
      task.map_index = one.map_index;
      task.state = TaskState::kSkipped;
      const auto read = [&](const std::string& task_id, int map_index) {
        return Decision(task.run, task_id, map_index);
      };
      BEEFLOW_ASSIGN_OR_RETURN(const bool stays, StaysSkipped(task, dag_, cleared_, read));
      if (stays) keys->push_back(InstanceKey(one));
    }
    return Ok();
  }

  // Whom a branch had skipped. Many ask about the same one.
  Result<std::optional<std::string>> Decision(const RunKey& run, const std::string& task_id,
                                              int map_index) {
    const std::string key = InstanceKey({run.run_id, task_id, map_index, TaskState::kNone});
    const auto known = decisions_.find(key);
    if (known != decisions_.end()) return known->second;
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kXCom, run.dag_id, run.run_id,
                                                              task_id, map_index, kSkippedXCom));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    return decisions_[key] = row ? std::optional<std::string>(rows.String(0)) : std::nullopt;
  }

  sql::Database* database_;
  const Dag& dag_;
  std::unordered_set<std::string> cleared_;
  std::unordered_map<std::string, std::optional<std::string>> decisions_;
};

// One clearing, in a transaction.
class Clearing {
 public:
  Clearing(sql::Database* database, const ClearSelection& selection, const Dag* dag)
      : database_(database), selection_(selection), dag_(dag), parts_(PartsOf(selection)) {}

  Result<std::vector<ClearedTask>> Preview() {
    BEEFLOW_RETURN_IF_ERROR(FindKeptSkips());
    for (const Part& part : parts_) {
      BEEFLOW_RETURN_IF_ERROR(Find(database_, Wanted(part), &tasks_));
    }
    return std::move(tasks_);
  }

  Result<std::vector<ClearedTask>> Carry() {
    BEEFLOW_RETURN_IF_ERROR(FindKeptSkips());
    for (const Part& part : parts_) {
      if (!selection_.only_failed) BEEFLOW_RETURN_IF_ERROR(Restart(part));
      if (selection_.only_running) continue;
      BEEFLOW_RETURN_IF_ERROR(ClearWithRetries(part));
      BEEFLOW_RETURN_IF_ERROR(ForgetReschedules(part));
    }
    if (selection_.requeue_runs) BEEFLOW_RETURN_IF_ERROR(RequeueRuns());
    return std::move(tasks_);
  }

 private:
  Status FindKeptSkips() {
    if (!dag_) return Ok();
    BEEFLOW_ASSIGN_OR_RETURN(kept_, KeptSkips(database_, *dag_).Keys(selection_, parts_));
    return Ok();
  }

  RowCondition Wanted(const Part& part) const {
    RowCondition condition = InPart(selection_, part);
    AddStates(selection_, &condition);
    if (!kept_.empty()) condition.IsNoneOf(kInstanceKey, kept_);
    return condition;
  }

  // A process that runs must end first.
  Status Restart(const Part& part) {
    RowCondition condition = Wanted(part);
    condition.Add(kHasProcess);
    return Update(database_, "state = 'restarting'", condition, &tasks_);
  }

  Status Clear(const std::string& max_tries, RowCondition condition) {
    condition.Add(std::string("(state IS NULL OR NOT ") + kHasProcess + ")");
    return Update(database_,
                  "state = NULL, external_executor_id = NULL, trigger_id = NULL,"
                  " trigger_timeout = NULL, next_method = NULL, next_kwargs = NULL, max_tries = " +
                      max_tries,
                  condition, &tasks_);
  }

  // Whatever is cleared comes back with as many tries as it had: one statement for the tasks of
  // each number of retries, and one for tasks that the DAG no longer has.
  Status ClearWithRetries(const Part& part) {
    const std::vector<std::string> known = dag_ ? TasksOf(part, *dag_, IsAny) : Strings();
    std::map<int, Part> by_retries;
    for (const std::string& id : known) {
      by_retries[dag_->tasks[*dag_->Find(id)].retries].tasks.push_back(id);
    }
    for (auto& [retries, tasks] : by_retries) {
      tasks.map_indices = part.map_indices;
      BEEFLOW_RETURN_IF_ERROR(Clear("try_number + " + std::to_string(retries), Wanted(tasks)));
    }
    RowCondition gone = Wanted(part);
    gone.IsNoneOf("task_id", known);
    return Clear("CASE WHEN max_tries > try_number THEN max_tries ELSE try_number END", gone);
  }

  Status ForgetReschedules(const Part& part) {
    RowCondition condition = InPart(selection_, part);
    condition.Add(
        "EXISTS (SELECT 1 FROM task_instance t WHERE t.dag_id = task_reschedule.dag_id"
        " AND t.run_id = task_reschedule.run_id AND t.task_id = task_reschedule.task_id"
        " AND t.map_index = task_reschedule.map_index AND t.state IS NULL)");
    BEEFLOW_ASSIGN_OR_RETURN(
        Statement statement,
        condition.Prepare(database_, "DELETE FROM task_reschedule" + condition.sql()));
    BEEFLOW_RETURN_IF_ERROR(statement.RunBound());
    return Ok();
  }

  Status RequeueRuns() {
    std::unordered_set<std::string> concerned;
    for (const ClearedTask& task : tasks_) concerned.insert(task.run_id);
    if (concerned.empty()) return Ok();
    RowCondition condition;
    condition.Equals("dag_id", selection_.dag_id);
    condition.IsAnyOf("run_id", Strings(concerned.begin(), concerned.end()));
    condition.Add("state IN ('success', 'failed')");
    BEEFLOW_ASSIGN_OR_RETURN(
        Statement statement,
        condition.Prepare(database_,
                          "UPDATE dag_run SET state = 'queued', start_date = NULL,"
                          " end_date = NULL, last_scheduling_decision = NULL" +
                              condition.sql()));
    BEEFLOW_RETURN_IF_ERROR(statement.RunBound());
    return Ok();
  }

  sql::Database* database_;
  const ClearSelection& selection_;
  const Dag* dag_;  // null where it is gone
  const std::vector<Part> parts_;
  Strings kept_;  // keys of instances
  std::vector<ClearedTask> tasks_;
};

void SortAsShown(const ClearSelection& selection, const Dag* dag, std::vector<ClearedTask>* tasks) {
  std::unordered_map<std::string, size_t> places;
  for (const std::string& run_id : selection.runs) places.emplace(run_id, places.size());
  using Rank = std::pair<size_t, size_t>;
  const auto rank = [&](const ClearedTask& task) {
    const auto index = dag ? dag->Find(task.task_id) : std::nullopt;
    return Rank(places.at(task.run_id), index ? static_cast<size_t>(*index) : SIZE_MAX);
  };
  std::vector<std::pair<Rank, size_t>> order;
  order.reserve(tasks->size());
  for (const ClearedTask& task : *tasks) order.emplace_back(rank(task), order.size());
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const ClearedTask& one = (*tasks)[a.second];
    const ClearedTask& other = (*tasks)[b.second];
    return std::tie(one.task_id, one.map_index) < std::tie(other.task_id, other.map_index);
  });
  std::vector<ClearedTask> sorted;
  sorted.reserve(tasks->size());
  for (const auto& [place, at] : order) sorted.push_back(std::move((*tasks)[at]));
  *tasks = std::move(sorted);
}

}  // namespace

Result<std::vector<ClearedTask>> SqlCatalog::Clearable(const ClearSelection& selection) {
  BEEFLOW_ASSIGN_OR_RETURN(auto view, sql::TransactionScope::Read(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, models_.Load(database_.get(), selection.dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<ClearedTask> tasks,
                           Clearing(database_.get(), selection, dag.get()).Preview());
  SortAsShown(selection, dag.get(), &tasks);
  return tasks;
}

Result<std::vector<ClearedTask>> SqlCatalog::Clear(const ClearSelection& selection) {
  std::vector<ClearedTask> cleared;
  BEEFLOW_RETURN_IF_ERROR(Together([&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const auto dag, models_.Load(database_.get(), selection.dag_id));
    BEEFLOW_ASSIGN_OR_RETURN(cleared, Clearing(database_.get(), selection, dag.get()).Carry());
    return Ok();
  }));
  return cleared;
}

}  // namespace beeflow
