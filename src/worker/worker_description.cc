#include "worker/worker_description.h"

#include <unistd.h>

#include <map>
#include <string>
#include <utility>

#include "os/free_memory.h"

namespace beeflow {
namespace {

const char* KindOf(const RunningAttempt& attempt) {
  const AttemptKind kind = attempt.spec().kind;
  if (kind == AttemptKind::kContainer || kind == AttemptKind::kContainerTemplate) {
    return "container";
  }
  return kind == AttemptKind::kPython ? "python" : "direct";
}

Json TaskOf(const AttemptSpec& spec) {
  return {{"dag_id", spec.dag_id},
          {"run_id", spec.run_id},
          {"task_id", spec.task_id},
          {"map_index", spec.map_index}};
}

Json EnvironmentJson(const std::string& name, const EnvironmentState& state,
                     const std::map<std::string, Json>& tasks) {
  const std::string id = name + "/" + state.name;
  const auto task = tasks.find(id);
  const auto memory = ResidentBytes(state.pid);
  return {{"id", id},
          {"kind", state.has_triggers ? "trigger" : "python"},
          {"file", state.file},
          {"state", state.is_busy ? "busy" : "idle"},
          {"started_at", FormatIso(state.started)},
          {"attempts", state.jobs},
          {"memory_bytes", memory ? Json(*memory) : Json()},
          {"task", task == tasks.end() ? Json() : task->second}};
}

}  // namespace

Json DescribeWorker(const std::string& name, Time started, const EnvironmentPool& pool,
                    const AttemptRunner& runner) {
  std::map<std::string, int> running = {{"direct", 0}, {"python", 0}, {"container", 0}};
  std::map<std::string, Json> tasks;  // by environment
  runner.ForEachRunning([&](const RunningAttempt& attempt) {
    ++running[KindOf(attempt)];
    if (!attempt.environment().empty()) tasks[attempt.environment()] = TaskOf(attempt.spec());
  });
  Json environments = Json::array();
  for (const EnvironmentState& state : pool.List()) {
    environments.push_back(EnvironmentJson(name, state, tasks));
  }
  return {{"worker", {{"pid", getpid()}, {"started_at", FormatIso(started)}}},
          {"environments", std::move(environments)},
          {"running", running}};
}

}  // namespace beeflow
