// "rule TRIGGER_RULE STATE STATE -> VERDICT": what becomes of a task with two upstream tasks that
// are in the given states. Lines that follow each other share one DAG.
#include <array>
#include <string_view>

#include "dag_text.h"
#include "player.h"

namespace beeflow::scenario {
namespace {

struct Case {
  const Line* line;
  std::string rule;
  std::array<std::string, 2> states;
  std::string verdict;

  std::string Task(std::string_view role) const {
    return std::string(role) + "_" + std::to_string(line->number);
  }
  std::string Upstream(size_t i) const { return Task(i == 0 ? "first" : "second"); }
};

Result<Case> ReadCase(const Line& line) {
  const auto& words = line.words;
  if (words.size() != 6 || words[4] != "->") {
    return Invalid("line " + std::to_string(line.number) +
                   ": write: rule TRIGGER_RULE STATE STATE -> VERDICT");
  }
  return Case{&line, words[1], {words[2], words[3]}, words[5]};
}

// One that is to be upstream_failed has a task before it, which fails.
Json DagOf(const std::vector<Case>& cases) {
  Json tasks = Json::array();
  for (const Case& c : cases) {
    for (size_t i = 0; i < 2; ++i) {
      const std::string up = c.Upstream(i);
      tasks.push_back({{"task_id", up}, {"downstream", {c.Task("task")}}});
      if (c.states[i] != "upstream_failed") continue;
      tasks.push_back({{"task_id", "before_" + up}, {"downstream", {up}}});
    }
    tasks.push_back({{"task_id", c.Task("task")}, {"trigger_rule", c.rule}});
  }
  return {{"dag_id", "rules"}, {"max_active_tasks", 100'000}, {"tasks", tasks}};
}

std::string StateFor(const std::string& verdict) {
  if (verdict == "runs") return "queued";
  return verdict == "waits" ? "none" : verdict;
}

}  // namespace

Status Player::PlayRules(const std::vector<Line>& lines) {
  std::vector<Case> cases;
  for (const Line& line : lines) {
    BEEFLOW_ASSIGN_OR_RETURN(Case c, ReadCase(line));
    cases.push_back(std::move(c));
  }
  BEEFLOW_ASSIGN_OR_RETURN(ParsedFile file, FileWithDag(DagOf(cases)));
  dag_id_ = "rules";
  started_ = true;
  BEEFLOW_RETURN_IF_ERROR(Do({"pool", "default_pool", "-1"}));
  world_->control()->AddFile(std::move(file));
  BEEFLOW_RETURN_IF_ERROR(world_->Settle());
  BEEFLOW_RETURN_IF_ERROR(Do({"trigger", "run_id=table"}));
  for (const Case& c : cases) {
    for (size_t i = 0; i < 2; ++i) {
      const bool by_failure = c.states[i] == "upstream_failed";
      const std::string task = (by_failure ? "before_" : "") + c.Upstream(i);
      BEEFLOW_RETURN_IF_ERROR(Do({"report", task, by_failure ? "failed" : c.states[i]}));
    }
  }
  if (restarts_) BEEFLOW_RETURN_IF_ERROR(world_->Restart());
  for (const Case& c : cases) {
    const auto status = ExpectTasks(Arguments({c.Task("task"), StateFor(c.verdict)}));
    if (status.ok()) continue;
    return Invalid("line " + std::to_string(c.line->number) + ": " + c.line->text + "\n    " +
                   status.error().message);
  }
  return Ok();
}

}  // namespace beeflow::scenario
