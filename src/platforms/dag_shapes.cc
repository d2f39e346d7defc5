#include "platforms/dag_shapes.h"

namespace beeflow {
namespace {

Json TaskJson(const std::string& id, const std::string& command) {
  return {{"task_id", id},
          {"operator", "BashOperator"},
          {"downstream", Json::array()},
          {"run", {{"kind", "bash"}, {"command", command}}}};
}

std::string Sleep(double seconds) { return "sleep " + Json(seconds).dump(); }

ParsedFile FileWith(const std::string& dag_id, const std::string& cron, Json tasks) {
  const Json dag = {{"version", 1},
                    {"dag_id", dag_id},
                    {"start_date", "2021-01-01T00:00:00+00:00"},
                    {"catchup", false},
                    {"max_active_runs", 1},
                    {"max_active_tasks", 200},
                    {"schedule", {{"kind", "cron"}, {"expression", cron}, {"timezone", "UTC"}}},
                    {"tasks", std::move(tasks)}};
  return ParsedFileFromJson("/dags/" + dag_id + ".py", {{"dags", Json::array({dag})}});
}

}  // namespace

ParsedFile ParallelDag(const std::string& dag_id, int tasks, double seconds,
                       const std::string& cron, bool in_containers) {
  Json list = Json::array({TaskJson("run_before_loop", "echo 1")});
  for (int i = 0; i < tasks; ++i) {
    Json task = TaskJson("runme_" + std::to_string(i), Sleep(seconds));
    if (in_containers) task["queue"] = "container";
    list[0]["downstream"].push_back(task["task_id"]);
    list.push_back(std::move(task));
  }
  return FileWith(dag_id, cron, std::move(list));
}

ParsedFile ChainDag(const std::string& dag_id, int tasks, double seconds, const std::string& cron,
                    bool in_containers) {
  Json list = Json::array();
  for (int i = 0; i < tasks; ++i) {
    list.push_back(TaskJson("runme_" + std::to_string(i), Sleep(seconds)));
    if (in_containers) list.back()["queue"] = "container";
    if (i > 0) list[static_cast<size_t>(i) - 1]["downstream"].push_back(list.back()["task_id"]);
  }
  return FileWith(dag_id, cron, std::move(list));
}

Result<ParsedFile> TraceDag(const Json& trace, const std::string& job, const std::string& cron) {
  for (const Json& dag : trace.value("dags", Json::array())) {
    if (dag.value("job", "") != job) continue;
    Json list = Json::array();
    for (const Json& task : dag.value("tasks", Json::array())) {
      list.push_back(TaskJson(task.value("task_id", ""), Sleep(task.value("seconds", 0.0))));
    }
    for (const Json& edge : dag.value("edges", Json::array())) {
      for (Json& task : list) {
        if (task["task_id"] == edge.at(0)) task["downstream"].push_back(edge.at(1));
      }
    }
    return FileWith("alibaba_" + job, cron, std::move(list));
  }
  return NotFound("the trace has no job " + job);
}

}  // namespace beeflow
