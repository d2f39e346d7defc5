// "rule TRIGGER_RULE STATE STATE -> VERDICT": what becomes of a task with two upstream task
// instances that are in the given states. Lines that follow each other share one DAG. The whole
// table is played for every way in which mapping may come in.
#include <array>
#include <string_view>

#include "dag_text.h"
#include "player.h"

namespace beeflow::scenario {

// Where mapping comes in.
enum class Player::RuleShape : uint8_t {
  kPlain,     // nowhere
  kUpstream,  // the two upstream instances are those of one mapped task
  kTask,      // the task that has the rule is mapped: its instances fare alike
  kGroup,     // all is in a mapped group: the other index neither helps nor hinders
};

struct Player::RuleCase {
  using Shape = RuleShape;

  const Line* line;
  std::string rule;
  std::array<std::string, 2> states;
  std::string verdict;

  std::string Task(std::string_view role) const {
    return std::string(role) + "_" + std::to_string(line->number);
  }
  bool IsMarked(size_t i) const { return states[i] == "upstream_failed"; }
  // The id of the upstream task in the given state, and the word for its instance.
  std::string Id(Shape shape, size_t i) const {
    return Task(shape == Shape::kUpstream || i == 0 ? "first" : "second");
  }
  std::string Instance(Shape shape, size_t i) const {
    if (shape == Shape::kUpstream) return Id(shape, i) + "[" + std::to_string(i) + "]";
    return Id(shape, i) + (shape == Shape::kGroup ? "[0]" : "");
  }
  // Other instances of the group: under this rule a task waits for nothing, so does that one.
  std::string Beside() const { return rule == "always" || rule == "dummy" ? "queued" : "none"; }
};

namespace {

// Of the DAGs, by shape.
constexpr std::array<std::string_view, 4> kNames = {"unmapped", "mapped_upstream", "mapped_task",
                                                    "mapped_group"};

template <typename Case>
Result<Case> ReadCase(const Line& line) {
  const auto& words = line.words;
  if (words.size() != 6 || words[4] != "->") {
    return Invalid("line " + std::to_string(line.number) +
                   ": write: rule TRIGGER_RULE STATE STATE -> VERDICT");
  }
  return Case{&line, words[1], {words[2], words[3]}, words[5]};
}

// Upstream instances have a task before them that makes them upstream_failed where that is asked
// for; both are in a group, so that it does so for one index alone.
template <typename Case>
Json DagOf(const std::string& name, const std::vector<Case>& cases, typename Case::Shape shape) {
  using Shape = typename Case::Shape;
  const Json two = Json::array({{{"literal", 2}}});
  Json tasks = Json::array();
  Json groups = Json::array();
  if (shape == Shape::kGroup) groups.push_back({{"group_id", "group"}, {"map", two}});
  for (const Case& c : cases) {
    const std::string group = shape == Shape::kGroup ? "group" : c.Task("group");
    if (shape == Shape::kUpstream) groups.push_back({{"group_id", group}, {"map", two}});
    const auto add = [&](Json task, bool in_group) {
      if (in_group) task["group"] = group;
      tasks.push_back(std::move(task));
    };
    const bool mapped = shape == Shape::kUpstream || shape == Shape::kGroup;
    for (size_t i = 0; i < (shape == Shape::kUpstream ? 1 : 2); ++i) {
      const std::string up = c.Id(shape, i);
      add({{"task_id", up}, {"downstream", {c.Task("task")}}}, mapped);
      add({{"task_id", "before_" + up}, {"downstream", {up}}}, mapped);
    }
    Json task = {{"task_id", c.Task("task")}, {"trigger_rule", c.rule}};
    if (shape == Shape::kTask) task["map"] = two;
    add(std::move(task), shape == Shape::kGroup);
  }
  return {
      {"dag_id", name}, {"max_active_tasks", 100'000}, {"tasks", tasks}, {"task_groups", groups}};
}

std::string StateFor(const std::string& verdict) {
  if (verdict == "runs") return "queued";
  return verdict == "waits" ? "none" : verdict;
}

}  // namespace

Status Player::PlayRules(const std::vector<Line>& lines) {
  std::vector<RuleCase> cases;
  for (const Line& line : lines) {
    BEEFLOW_ASSIGN_OR_RETURN(RuleCase c, ReadCase<RuleCase>(line));
    cases.push_back(std::move(c));
  }
  started_ = true;
  BEEFLOW_RETURN_IF_ERROR(Do({"pool", "default_pool", "-1"}));
  for (size_t shape = 0; shape < kNames.size(); ++shape) {
    BEEFLOW_RETURN_IF_ERROR(PlayTable(cases, static_cast<RuleShape>(shape)));
  }
  return Ok();
}

Status Player::PlayTable(const std::vector<RuleCase>& cases, RuleShape shape) {
  dag_id_ = std::string(kNames[static_cast<size_t>(shape)]);
  BEEFLOW_ASSIGN_OR_RETURN(ParsedFile file, FileWithDag(DagOf(dag_id_, cases, shape)));
  world_->control()->AddFile(std::move(file));
  BEEFLOW_RETURN_IF_ERROR(world_->Settle());
  BEEFLOW_RETURN_IF_ERROR(Do({"trigger", "run_id=table"}));
  for (const RuleCase& c : cases) {
    for (const size_t i : {0, 1}) {
      const std::string up = c.Instance(shape, i);
      BEEFLOW_RETURN_IF_ERROR(Do({"report", "before_" + up, c.IsMarked(i) ? "failed" : "success"}));
      if (!c.IsMarked(i)) BEEFLOW_RETURN_IF_ERROR(Do({"report", up, c.states[i]}));
    }
  }
  if (restarts_) BEEFLOW_RETURN_IF_ERROR(world_->Restart());
  for (const RuleCase& c : cases) {
    const bool in_group = shape == RuleShape::kGroup;
    auto status =
        ExpectTasks(Arguments({c.Task("task") + (in_group ? "[0]" : ""), StateFor(c.verdict)}));
    if (status.ok() && in_group)
      status = ExpectTasks(Arguments({c.Task("task") + "[1]", c.Beside()}));
    if (status.ok()) continue;
    return Invalid("line " + std::to_string(c.line->number) + ": " + c.line->text + " (" + dag_id_ +
                   ")\n    " + status.error().message);
  }
  return Ok();
}

}  // namespace beeflow::scenario
