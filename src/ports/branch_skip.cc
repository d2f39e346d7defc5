#include "ports/branch_skip.h"

#include <algorithm>

#include "base/json.h"

namespace beeflow {
namespace {

bool Lists(const std::string& xcom, const std::string& task_id) {
  const auto value = ParseJson(xcom);
  if (!value.ok() || !value->is_object()) return false;
  const Json skipped = value->value("skipped", Json::array());
  return skipped.is_array() && std::find(skipped.begin(), skipped.end(), task_id) != skipped.end();
}

}  // namespace

Result<bool> StaysSkipped(const TaskRecord& task, const Dag& dag,
                          const std::unordered_set<std::string>& cleared, const ReadSkipped& read) {
  const auto index = dag.Find(task.task_id);
  if (task.state != TaskState::kSkipped || !index) return false;
  for (const TaskIndex up : dag.tasks[*index].upstream) {
    const std::string& upstream = dag.tasks[up].id;
    if (cleared.contains(upstream)) continue;
    BEEFLOW_ASSIGN_OR_RETURN(const auto xcom, read(upstream, -1));
    if (xcom && Lists(*xcom, task.task_id)) return true;
  }
  return false;
}

}  // namespace beeflow
