// How words name runs and task instances.
#include <set>

#include "player.h"

namespace beeflow::scenario {
namespace {

// Cuts "[INDEX]" off the end of `task_id`; -1 where there is none.
Result<int> CutIndex(std::string* task_id) {
  const size_t bracket = task_id->find('[');
  if (bracket == std::string::npos) return -1;
  const std::string text = task_id->substr(bracket + 1);
  const auto index =
      text.ends_with(']') ? ParseInteger(text.substr(0, text.size() - 1)) : std::nullopt;
  if (!index || *index < 0) return Invalid("'" + *task_id + "': write TASK[INDEX]");
  task_id->resize(bracket);
  return static_cast<int>(*index);
}

}  // namespace

std::string Player::Target::name() const {
  return map_index < 0 ? task_id : task_id + "[" + std::to_string(map_index) + "]";
}

const TaskRecord* Player::Target::record() const {
  for (const TaskRecord& task : run.tasks) {
    if (task.task_id == task_id && task.map_index == map_index) return &task;
  }
  return nullptr;
}

Result<RunSnapshot> Player::FindRun(const std::string& dag_id, const std::string& name) {
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<RunSnapshot> runs, world_->store()->Runs(dag_id));
  if (name.empty() && runs.size() == 1) return runs[0];
  if (name.empty()) {
    return Invalid("DAG " + dag_id + " has " + std::to_string(runs.size()) +
                   " runs; name one, by its id or logical date");
  }
  const auto date = ParseTime(name);
  for (RunSnapshot& run : runs) {
    const bool on_date = date.ok() && run.run.logical_date == *date;
    if (run.run.key.run_id == name || on_date) return std::move(run);
  }
  return NotFound("DAG " + dag_id + " has no run " + name);
}

Result<RunSnapshot> Player::RunNamed(const std::string& word) {
  const size_t slash = word.find('/');
  if (slash == std::string::npos) return FindRun(dag_id_, word);
  return FindRun(word.substr(0, slash), word.substr(slash + 1));
}

Result<Player::Target> Player::TaskNamed(const std::string& word) {
  const size_t at = word.find('@');
  const std::string run_name = at == std::string::npos ? "" : word.substr(at + 1);
  std::string task_id = word.substr(0, at);
  std::string dag_id = dag_id_;
  if (const size_t slash = task_id.find('/'); slash != std::string::npos) {
    dag_id = task_id.substr(0, slash);
    task_id = task_id.substr(slash + 1);
  }
  BEEFLOW_ASSIGN_OR_RETURN(const int map_index, CutIndex(&task_id));
  BEEFLOW_ASSIGN_OR_RETURN(RunSnapshot run, FindRun(dag_id, run_name));
  return Target{std::move(run), std::move(task_id), map_index};
}

Result<std::vector<Player::Target>> Player::TasksNamed(const Words& words) {
  std::vector<Target> targets;
  for (const std::string& word : words) {
    BEEFLOW_ASSIGN_OR_RETURN(Target target, TaskNamed(word));
    std::set<int> instances;
    for (const TaskRecord& task : target.run.tasks) {
      if (task.task_id == target.task_id) instances.insert(task.map_index);
    }
    // The row without index is the task's, whatever is left of instances that it had once.
    const bool is_one = instances.empty() || instances.contains(-1);
    if (target.map_index >= 0 || is_one) instances = {target.map_index};
    for (const int index : instances) targets.push_back({target.run, target.task_id, index});
  }
  if (targets.empty()) return Invalid("name at least one task");
  return targets;
}

Result<std::shared_ptr<const Dag>> Player::ModelOf(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, world_->store()->Dag(dag_id));
  if (!dag || !dag->dag) return NotFound("there is no DAG " + dag_id);
  return dag->dag;
}

}  // namespace beeflow::scenario
