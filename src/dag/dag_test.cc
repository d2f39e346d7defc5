#include "dag/dag.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"

namespace beeflow {
namespace {

Json TaskWith(const std::string& id, std::vector<std::string> downstream = {},
              Json fields = Json::object()) {
  fields["task_id"] = id;
  fields["downstream"] = downstream;
  return fields;
}

Json DagWith(Json tasks) { return {{"dag_id", "example"}, {"tasks", std::move(tasks)}}; }

std::string ErrorOf(const Json& json) {
  const auto dag = DagFromJson(json);
  return dag.ok() ? "" : dag.error().message;
}

TEST(DagFromJson, HasAirflowsDefaults) {
  const auto dag = DagFromJson(DagWith({TaskWith("a")})).value();
  EXPECT_TRUE(dag->catchup);
  EXPECT_EQ(dag->max_active_runs, 16);
  EXPECT_FALSE(dag->fail_fast);
  const Task& task = dag->tasks[0];
  EXPECT_EQ(task.trigger_rule, TriggerRule::kAllSuccess);
  EXPECT_EQ(task.retries, 0);
  EXPECT_EQ(task.retry_delay, std::chrono::minutes(5));
  EXPECT_EQ(task.pool, "default_pool");
  EXPECT_EQ(task.pool_slots, 1);
  EXPECT_EQ(task.queue, "default");
  EXPECT_TRUE(task.ignore_first_depends_on_past);
  EXPECT_EQ(task.run_kind, RunKind::kPython);
}

TEST(DagFromJson, ConnectsTasksBothWaysOnce) {
  const auto dag = DagFromJson(DagWith({TaskWith("a", {"b", "b"}), TaskWith("b")})).value();
  EXPECT_EQ(dag->tasks[0].downstream, std::vector<TaskIndex>{1});
  EXPECT_EQ(dag->tasks[1].upstream, std::vector<TaskIndex>{0});
  EXPECT_EQ(dag->Find("b"), std::optional<TaskIndex>(1));
  EXPECT_FALSE(dag->Find("c"));
}

TEST(DagFromJson, WaitForDownstreamImpliesDependsOnPast) {
  const auto dag = DagFromJson(DagWith({TaskWith("a", {}, {{"wait_for_downstream", true}})}));
  EXPECT_TRUE((*dag)->tasks[0].depends_on_past);
  EXPECT_TRUE((*dag)->uses_past);
}

TEST(SetupsAndTeardowns, AreThoseInWhoseScopeTheTasksAre) {
  const auto dag =
      DagFromJson(DagWith({TaskWith("s", {"w", "t"}, {{"setup", true}}), TaskWith("w", {"x"}),
                           TaskWith("x", {"t", "y"}), TaskWith("t", {"z"}, {{"teardown", true}}),
                           TaskWith("y"), TaskWith("z")}))
          .value();
  EXPECT_EQ(SetupsAndTeardowns(*dag, {*dag->Find("x")}), (std::vector<TaskIndex>{0, 3}));
  EXPECT_EQ(SetupsAndTeardowns(*dag, {0, *dag->Find("w")}), std::vector<TaskIndex>{3});
  EXPECT_TRUE(SetupsAndTeardowns(*dag, {*dag->Find("t")}).empty());
  EXPECT_TRUE(SetupsAndTeardowns(*dag, {*dag->Find("y"), *dag->Find("z")}).empty());
}

struct BadDag {
  const char* name;
  Json json;
  std::vector<std::string> words;  // that the message must have
};

class BadDagTest : public testing::TestWithParam<BadDag> {};

TEST_P(BadDagTest, IsRefusedWithItsPlace) {
  const std::string message = ErrorOf(GetParam().json);
  for (const std::string& word : GetParam().words) {
    EXPECT_NE(message.find(word), std::string::npos) << "no '" << word << "' in: " << message;
  }
}

std::vector<BadDag> BadDags() {
  const auto task = [](Json fields) { return DagWith({TaskWith("a", {}, std::move(fields))}); };
  return {
      {"NoObject", 7, {"DAG id", "not valid"}},
      {"NoId", {{"tasks", Json::array()}}, {"DAG id", "letters, digits"}},
      {"IdWithSpace", {{"dag_id", "a b"}}, {"DAG id 'a b'"}},
      {"TasksNoList", {{"dag_id", "example"}, {"tasks", 3}}, {"DAG example", "list"}},
      {"TaskIdWithSlash", DagWith({TaskWith("a/b")}), {"DAG example", "task id 'a/b'"}},
      {"TaskIdTooLong", DagWith({TaskWith(std::string(251, 'x'))}), {"DAG example", "250"}},
      {"SameIdTwice", DagWith({TaskWith("a"), TaskWith("a")}), {"DAG example", "'a'", "twice"}},
      {"UnknownDownstream", DagWith({TaskWith("a", {"z"})}), {"DAG example", "task a", "'z'"}},
      {"Cycle", DagWith({TaskWith("a", {"b"}), TaskWith("b", {"a"})}), {"DAG example", "cycle"}},
      {"OwnUpstream", DagWith({TaskWith("a", {"a"})}), {"DAG example", "cycle"}},
      {"TriggerRule", task({{"trigger_rule", "some"}}), {"DAG example", "task a", "'some'"}},
      {"WeightRule", task({{"weight_rule", "heavy"}}), {"DAG example", "task a", "'heavy'"}},
      {"NegativeRetries", task({{"retries", -1}}), {"DAG example", "task a", "retries"}},
      {"NoPoolSlots", task({{"pool_slots", 0}}), {"DAG example", "task a", "pool_slots"}},
      {"TextForNumber", task({{"retries", "two"}}), {"DAG example", "task a", "retries"}},
      {"NegativeDelay", task({{"retry_delay", -5}}), {"DAG example", "task a", "retry_delay"}},
      {"BadDate", task({{"start_date", "soon"}}), {"DAG example", "task a", "start_date"}},
      {"KindOfRun", task({{"run", {{"kind", "perl"}}}}), {"DAG example", "task a", "'perl'"}},
      {"MaxActiveRuns", {{"dag_id", "example"}, {"max_active_runs", -1}}, {"max_active_runs"}},
  };
}

std::string NameOf(const testing::TestParamInfo<BadDag>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Cases, BadDagTest, testing::ValuesIn(BadDags()), NameOf);

TEST(TriggerRuleNames, AreReadAsTheyAreWritten) {
  for (const char* name :
       {"all_success", "all_failed", "all_done", "all_skipped", "one_success", "one_failed",
        "one_done", "none_failed", "none_failed_min_one_success", "none_skipped", "always"}) {
    ASSERT_TRUE(ParseTriggerRule(name)) << name;
    EXPECT_EQ(ToString(*ParseTriggerRule(name)), name);
  }
  EXPECT_EQ(ParseTriggerRule("dummy"), TriggerRule::kAlways);
  EXPECT_EQ(ParseTriggerRule("none_failed_or_skipped"), TriggerRule::kNoneFailedMinOneSuccess);
  EXPECT_FALSE(ParseTriggerRule(""));
}

// Edges go from lower to higher index, so that there is no cycle; tasks are listed in any order.
Json RandomDag(uint64_t seed, const std::string& weight_rule) {
  Random chance(seed);
  const size_t count = 1 + chance.Below(100);
  const uint64_t density = 1 + chance.Below(20);
  Json tasks = Json::array();
  for (size_t i = 0; i < count; ++i) {
    std::vector<std::string> downstream;
    for (size_t j = i + 1; j < count; ++j) {
      if (chance.OneIn(density)) downstream.push_back("t" + std::to_string(j));
    }
    const auto weight = static_cast<int64_t>(chance.Below(7)) - 1;
    tasks.push_back(TaskWith("t" + std::to_string(i), downstream,
                             {{"weight_rule", weight_rule}, {"priority_weight", weight}}));
  }
  for (size_t i = count; i > 1; --i) std::swap(tasks[i - 1], tasks[chance.Below(i)]);
  return DagWith(tasks);
}

std::set<TaskIndex> Reached(const Dag& dag, TaskIndex from, bool downstream) {
  std::set<TaskIndex> reached;
  std::vector<TaskIndex> open = {from};
  while (!open.empty()) {
    const TaskIndex task = open.back();
    open.pop_back();
    if (!reached.insert(task).second) continue;
    for (const TaskIndex next :
         downstream ? dag.tasks[task].downstream : dag.tasks[task].upstream) {
      open.push_back(next);
    }
  }
  return reached;
}

class RandomDagTest : public testing::TestWithParam<uint64_t> {};

TEST_P(RandomDagTest, WeighsEachTaskByAllThatItReaches) {
  for (const bool downstream : {true, false}) {
    const auto dag =
        DagFromJson(RandomDag(GetParam(), downstream ? "downstream" : "upstream")).value();
    for (TaskIndex i = 0; i < dag->tasks.size(); ++i) {
      int64_t sum = 0;
      for (const TaskIndex t : Reached(*dag, i, downstream)) sum += dag->tasks[t].priority_weight;
      EXPECT_EQ(dag->tasks[i].total_priority_weight, sum) << dag->tasks[i].id;
    }
  }
}

TEST_P(RandomDagTest, TakesAbsoluteWeightsAsTheyAre) {
  const auto dag = DagFromJson(RandomDag(GetParam(), "absolute")).value();
  for (const Task& task : dag->tasks) {
    EXPECT_EQ(task.total_priority_weight, task.priority_weight) << task.id;
  }
}

TEST_P(RandomDagTest, ClosesOverWhatIsReached) {
  const auto dag = DagFromJson(RandomDag(GetParam(), "absolute")).value();
  Random chance(GetParam());
  const auto root = static_cast<TaskIndex>(chance.Below(dag->tasks.size()));
  const std::set<TaskIndex> down = Reached(*dag, root, true);
  std::set<TaskIndex> both = Reached(*dag, root, false);
  both.insert(down.begin(), down.end());
  const auto as_set = [](const std::vector<TaskIndex>& list) {
    EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
    return std::set<TaskIndex>(list.begin(), list.end());
  };
  EXPECT_EQ(as_set(Closure(*dag, {root}, false, true)), down);
  EXPECT_EQ(as_set(Closure(*dag, {root}, true, true)), both);
  EXPECT_EQ(Closure(*dag, {root}, false, false), std::vector<TaskIndex>{root});
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDagTest, testing::Range<uint64_t>(1, 16));

}  // namespace
}  // namespace beeflow
