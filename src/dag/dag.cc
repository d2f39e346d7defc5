#include "dag/dag.h"

#include <algorithm>
#include <array>
#include <bit>

#include "dag/mapping.h"

namespace beeflow {
namespace {

struct RuleName {
  TriggerRule rule;
  std::string_view name;
};

// The first name of a rule is the one that is written.
constexpr std::array kRuleNames = {
    RuleName{TriggerRule::kAllSuccess, "all_success"},
    RuleName{TriggerRule::kAllFailed, "all_failed"},
    RuleName{TriggerRule::kAllDone, "all_done"},
    RuleName{TriggerRule::kAllSkipped, "all_skipped"},
    RuleName{TriggerRule::kOneSuccess, "one_success"},
    RuleName{TriggerRule::kOneFailed, "one_failed"},
    RuleName{TriggerRule::kOneDone, "one_done"},
    RuleName{TriggerRule::kNoneFailed, "none_failed"},
    RuleName{TriggerRule::kNoneFailedMinOneSuccess, "none_failed_min_one_success"},
    RuleName{TriggerRule::kNoneFailedMinOneSuccess, "none_failed_or_skipped"},
    RuleName{TriggerRule::kNoneSkipped, "none_skipped"},
    RuleName{TriggerRule::kAlways, "always"},
    RuleName{TriggerRule::kAlways, "dummy"},
    RuleName{TriggerRule::kAllDoneSetupSuccess, "all_done_setup_success"},
};

constexpr int64_t kMaxInt = 2147483647;

void ReadScheduling(JsonReader* in, Task* task) {
  const std::string rule = in->String("trigger_rule", "all_success");
  if (const auto parsed = ParseTriggerRule(rule)) {
    task->trigger_rule = *parsed;
  } else {
    in->Fail("unknown trigger_rule '" + rule + "'");
  }
  task->retries = static_cast<int>(in->Integer("retries", 0, 0, kMaxInt));
  task->retry_delay = in->OptionalSeconds("retry_delay").value_or(Seconds(300));
  task->retry_exponential_backoff = in->Boolean("retry_exponential_backoff", false);
  task->max_retry_delay = in->OptionalSeconds("max_retry_delay");
  task->execution_timeout = in->OptionalSeconds("execution_timeout");
  task->sla = in->OptionalSeconds("sla");
  task->depends_on_past = in->Boolean("depends_on_past", false);
  task->wait_for_downstream = in->Boolean("wait_for_downstream", false);
  // Airflow: wait_for_downstream implies depends_on_past.
  task->depends_on_past = task->depends_on_past || task->wait_for_downstream;
  task->ignore_first_depends_on_past = in->Boolean("ignore_first_depends_on_past", true);
  task->start_date = in->OptionalTime("start_date");
  task->end_date = in->OptionalTime("end_date");
}

std::optional<int> ToInt(const std::optional<int64_t>& value) {
  return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

void ReadLimits(JsonReader* in, Task* task) {
  task->pool = in->String("pool", "default_pool");
  task->pool_slots = static_cast<int>(in->Integer("pool_slots", 1, 1, kMaxInt));
  task->queue = in->String("queue", "default");
  task->priority_weight = static_cast<int>(in->Integer("priority_weight", 1, -kMaxInt, kMaxInt));
  task->max_active_tis_per_dag = ToInt(in->OptionalInteger("max_active_tis_per_dag", 1, kMaxInt));
  task->max_active_tis_per_dagrun =
      ToInt(in->OptionalInteger("max_active_tis_per_dagrun", 1, kMaxInt));
}

void ReadRun(JsonReader* in, Task* task) {
  const Json& run = in->Raw("run");
  if (run.is_null()) {
    task->run = R"({"kind":"python"})";
    return;
  }
  const std::string kind = run.is_object() ? run.value("kind", "") : "";
  if (kind == "empty") {
    task->run_kind = RunKind::kEmpty;
  } else if (kind == "bash") {
    task->run_kind = RunKind::kBash;
  } else if (kind == "bash_template") {
    task->run_kind = RunKind::kBashTemplate;
  } else if (kind != "python" && kind != "container" && kind != "container_template") {
    in->Fail("unknown kind of run '" + kind + "'");
  }
  task->run = DumpJson(run);
}

void ReadOutlets(const Json& list, Task* task) {
  if (!list.is_array()) return;
  for (const Json& item : list) {
    std::string name = DatasetName(item);
    if (name.empty()) continue;
    const Json extra = item.value("extra", Json());
    const bool has_extra = extra.is_object() && !extra.empty();
    task->outlets.push_back({std::move(name), has_extra ? DumpJson(extra) : ""});
  }
}

struct ParsedTask {
  Task task;
  std::vector<std::string> downstream;
  WeightRule weight_rule = WeightRule::kDownstream;
};

Result<ParsedTask> ReadTask(const Json& json, const std::string& dag_id) {
  const std::string id = json.is_object() && json.contains("task_id") && json["task_id"].is_string()
                             ? json["task_id"].get<std::string>()
                             : "";
  BEEFLOW_RETURN_IF_ERROR(CheckId("DAG " + dag_id + ": task id", id));
  JsonReader in(json, "DAG " + dag_id + ", task " + id);
  ParsedTask parsed;
  Task& task = parsed.task;
  task.id = id;
  task.operator_name = in.String("operator", "BaseOperator");
  task.owner = in.String("owner", "airflow");
  task.do_xcom_push = in.Boolean("do_xcom_push", true);
  const Json& config = in.Raw("executor_config");
  if (config.is_object() && !config.empty()) task.executor_config = DumpJson(config);
  task.is_setup = in.Boolean("setup", false);
  task.is_teardown = in.Boolean("teardown", false);
  task.on_failure_fail_dagrun = in.Boolean("on_failure_fail_dagrun", false);
  ReadOutlets(in.Raw("outlets"), &task);
  ReadScheduling(&in, &task);
  ReadLimits(&in, &task);
  ReadRun(&in, &task);
  parsed.downstream = in.Strings("downstream");
  const std::string rule = in.String("weight_rule", "downstream");
  if (rule == "upstream") {
    parsed.weight_rule = WeightRule::kUpstream;
  } else if (rule == "absolute") {
    parsed.weight_rule = WeightRule::kAbsolute;
  } else if (rule != "downstream") {
    in.Fail("unknown weight_rule '" + rule + "'");
  }
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return parsed;
}

Status Connect(Dag* dag, const std::vector<std::vector<std::string>>& downstream) {
  for (TaskIndex from = 0; from < dag->tasks.size(); ++from) {
    for (const std::string& id : downstream[from]) {
      const auto to = dag->Find(id);
      if (!to) {
        return Invalid("DAG " + dag->id + ", task " + dag->tasks[from].id +
                       ": its downstream task '" + id + "' is not in the DAG");
      }
      dag->tasks[from].downstream.push_back(*to);
      dag->tasks[*to].upstream.push_back(from);
    }
  }
  for (Task& task : dag->tasks) {
    for (auto* list : {&task.upstream, &task.downstream}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
  }
  return Ok();
}

// As in Airflow, a teardown counts neither for the run nor as someone's downstream, unless it says
// so.
void FindLeaves(Dag* dag) {
  const auto counts = [](const Task& task) {
    return !task.is_teardown || task.on_failure_fail_dagrun;
  };
  for (Task& task : dag->tasks) {
    task.decides_run =
        counts(task) && std::none_of(task.downstream.begin(), task.downstream.end(),
                                     [&](TaskIndex next) { return counts(dag->tasks[next]); });
  }
}

// A setup is needed by what comes after it, up to its teardowns if it has any.
void FindScopes(Dag* dag) {
  for (TaskIndex setup = 0; setup < dag->tasks.size(); ++setup) {
    if (!dag->tasks[setup].is_setup) continue;
    std::vector<TaskIndex> teardowns;
    for (const TaskIndex next : dag->tasks[setup].downstream) {
      if (dag->tasks[next].is_teardown) teardowns.push_back(next);
    }
    const std::vector<TaskIndex> before = Closure(*dag, teardowns, true, false);
    for (const TaskIndex task : Closure(*dag, {setup}, false, true)) {
      const bool inside = teardowns.empty() ||
                          (std::binary_search(before.begin(), before.end(), task) &&
                           std::find(teardowns.begin(), teardowns.end(), task) == teardowns.end());
      if (task == setup || !inside) continue;
      dag->tasks[setup].scope.push_back(task);
      dag->tasks[task].setups.push_back(setup);
    }
  }
}

// Kahn's algorithm; shorter than the number of tasks where there is a cycle.
std::vector<TaskIndex> TopologicalOrder(const Dag& dag) {
  std::vector<uint32_t> open(dag.tasks.size());
  std::vector<TaskIndex> order;
  order.reserve(dag.tasks.size());
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    open[i] = static_cast<uint32_t>(dag.tasks[i].upstream.size());
    if (open[i] == 0) order.push_back(i);
  }
  for (size_t done = 0; done < order.size(); ++done) {
    for (const TaskIndex next : dag.tasks[order[done]].downstream) {
      if (--open[next] == 0) order.push_back(next);
    }
  }
  return order;
}

// For each task the sum of the weights of the tasks that it reaches by `edges`, itself included.
// 64 reachable tasks are followed at a time, one bit each, so the cost is n * edges / 64 where a
// search from every task would cost n * edges.
std::vector<int64_t> ReachableWeights(const Dag& dag, const std::vector<TaskIndex>& order,
                                      std::vector<TaskIndex> Task::*edges) {
  std::vector<int64_t> sums(dag.tasks.size(), 0);
  std::vector<uint64_t> reached(dag.tasks.size());
  for (size_t first = 0; first < order.size(); first += 64) {
    const size_t count = std::min<size_t>(64, order.size() - first);
    const int weight = dag.tasks[order[first]].priority_weight;
    bool same = true;
    std::fill(reached.begin(), reached.end(), 0);
    for (size_t bit = 0; bit < count; ++bit) {
      reached[order[first + bit]] = uint64_t{1} << bit;
      same = same && dag.tasks[order[first + bit]].priority_weight == weight;
    }
    for (const TaskIndex task : order) {  // `order` visits what a task points at before the task
      uint64_t bits = reached[task];
      for (const TaskIndex next : dag.tasks[task].*edges) bits |= reached[next];
      reached[task] = bits;
      if (same) {
        sums[task] += int64_t{weight} * std::popcount(bits);
        continue;
      }
      for (; bits != 0; bits &= bits - 1) {
        const auto bit = static_cast<size_t>(std::countr_zero(bits));
        sums[task] += dag.tasks[order[first + bit]].priority_weight;
      }
    }
  }
  return sums;
}

void SetTotalWeights(Dag* dag, const std::vector<WeightRule>& rules,
                     const std::vector<TaskIndex>& order) {
  const auto uses = [&](WeightRule rule) {
    return std::find(rules.begin(), rules.end(), rule) != rules.end();
  };
  std::vector<int64_t> down;
  std::vector<int64_t> up;
  if (uses(WeightRule::kDownstream)) {
    down = ReachableWeights(*dag, {order.rbegin(), order.rend()}, &Task::downstream);
  }
  if (uses(WeightRule::kUpstream)) up = ReachableWeights(*dag, order, &Task::upstream);
  for (TaskIndex i = 0; i < dag->tasks.size(); ++i) {
    Task& task = dag->tasks[i];
    task.total_priority_weight = rules[i] == WeightRule::kDownstream ? down[i]
                                 : rules[i] == WeightRule::kUpstream ? up[i]
                                                                     : task.priority_weight;
  }
}

Status ReadTasks(const Json& list, Dag* dag) {
  if (list.is_null()) return Ok();
  if (!list.is_array()) return Invalid("DAG " + dag->id + ": tasks must be a list");
  std::vector<std::vector<std::string>> downstream;
  std::vector<WeightRule> rules;
  dag->tasks.reserve(list.size());
  for (const Json& json : list) {
    BEEFLOW_ASSIGN_OR_RETURN(ParsedTask parsed, ReadTask(json, dag->id));
    const auto index = static_cast<TaskIndex>(dag->tasks.size());
    if (!dag->index.emplace(parsed.task.id, index).second) {
      return Invalid("DAG " + dag->id + ": task id '" + parsed.task.id + "' is used twice");
    }
    dag->uses_past = dag->uses_past || parsed.task.depends_on_past;
    dag->tasks.push_back(std::move(parsed.task));
    downstream.push_back(std::move(parsed.downstream));
    rules.push_back(parsed.weight_rule);
  }
  BEEFLOW_RETURN_IF_ERROR(Connect(dag, downstream));
  const std::vector<TaskIndex> order = TopologicalOrder(*dag);
  if (order.size() != dag->tasks.size()) {
    return Invalid("DAG " + dag->id + ": its tasks depend on each other in a cycle");
  }
  SetTotalWeights(dag, rules, order);
  return Ok();
}

Json ReadObject(JsonReader* in, const char* key) {
  const Json& value = in->Raw(key);
  if (!value.is_null() && !value.is_object()) in->Fail(std::string(key) + " must be an object");
  return value;
}

// Airflow checks SLAs where the timetable is periodic: time alone says when the next run is due.
bool IsPeriodic(const Json& schedule) {
  if (!schedule.is_object()) return false;
  const std::string kind = schedule.value("kind", "none");
  if (kind == "datasets_or_time") return IsPeriodic(schedule.value("schedule", Json()));
  if (kind == "custom") return schedule.value("periodic", true);
  return kind != "none" && kind != "once" && kind != "continuous" && kind != "datasets";
}

}  // namespace

std::optional<TriggerRule> ParseTriggerRule(std::string_view name) {
  for (const RuleName& entry : kRuleNames) {
    if (entry.name == name) return entry.rule;
  }
  return std::nullopt;
}

std::string_view ToString(TriggerRule rule) {
  for (const RuleName& entry : kRuleNames) {
    if (entry.rule == rule) return entry.name;
  }
  return "";
}

std::optional<TaskIndex> Dag::Find(const std::string& task_id) const {
  const auto it = index.find(task_id);
  return it == index.end() ? std::nullopt : std::optional<TaskIndex>(it->second);
}

Status CheckId(std::string_view what, std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || (static_cast<unsigned char>(c) >= 0x80);
  };
  if (!id.empty() && id.size() <= 250 && std::all_of(id.begin(), id.end(), allowed)) return Ok();
  return Invalid(std::string(what) + " '" + std::string(id.substr(0, 250)) +
                 "' is not valid; use letters, digits, '-', '_' and '.', at most 250 characters");
}

Result<std::shared_ptr<const Dag>> DagFromJson(const Json& json) {
  auto dag = std::make_shared<Dag>();
  dag->id = json.is_object() && json.contains("dag_id") && json["dag_id"].is_string()
                ? json["dag_id"].get<std::string>()
                : "";
  BEEFLOW_RETURN_IF_ERROR(CheckId("DAG id", dag->id));
  JsonReader in(json, "DAG " + dag->id);
  dag->schedule = in.Raw("schedule").is_null() ? Json{{"kind", "none"}} : in.Raw("schedule");
  if (dag->schedule.is_object() && dag->schedule.contains("condition")) {
    auto condition = DatasetCondition::FromJson(dag->schedule["condition"]);
    if (!condition.ok()) return Invalid("DAG " + dag->id + ": " + condition.error().message);
    dag->datasets = std::move(*condition);
  }
  dag->start_date = in.OptionalTime("start_date");
  dag->end_date = in.OptionalTime("end_date");
  dag->catchup = in.Boolean("catchup", true);
  dag->max_active_runs = static_cast<int>(in.Integer("max_active_runs", 16, 0, kMaxInt));
  dag->max_active_tasks = ToInt(in.OptionalInteger("max_active_tasks", 1, kMaxInt));
  dag->dagrun_timeout = in.OptionalSeconds("dagrun_timeout");
  dag->fail_fast = in.Boolean("fail_fast", false);
  dag->is_paused_upon_creation = in.OptionalBoolean("is_paused_upon_creation");
  dag->params = ReadObject(&in, "params");
  dag->params_schema = ReadObject(&in, "params_schema");
  dag->description = in.String("description");
  dag->tags = in.Strings("tags");
  dag->owners = in.Strings("owners");
  for (const std::string& kind : in.Strings("callbacks")) {
    dag->has_success_callback = dag->has_success_callback || kind == "success";
    dag->has_failure_callback = dag->has_failure_callback || kind == "failure";
    dag->tells_sla_miss = dag->tells_sla_miss || kind == "sla_miss";
  }
  BEEFLOW_RETURN_IF_ERROR(in.status());
  BEEFLOW_RETURN_IF_ERROR(ReadTasks(in.Raw("tasks"), dag.get()));
  dag->checks_sla = IsPeriodic(dag->schedule) &&
                    std::any_of(dag->tasks.begin(), dag->tasks.end(),
                                [](const Task& task) { return task.sla.has_value(); });
  FindLeaves(dag.get());
  FindScopes(dag.get());
  BEEFLOW_RETURN_IF_ERROR(ReadMapping(json, dag.get()));
  return std::shared_ptr<const Dag>(std::move(dag));
}

std::vector<TaskIndex> Closure(const Dag& dag, const std::vector<TaskIndex>& roots, bool upstream,
                               bool downstream) {
  std::vector<bool> in_closure(dag.tasks.size(), false);
  const auto visit = [&](std::vector<TaskIndex> Task::*edges) {
    std::vector<bool> seen(dag.tasks.size(), false);
    std::vector<TaskIndex> open = roots;
    while (!open.empty()) {
      const TaskIndex task = open.back();
      open.pop_back();
      if (seen[task]) continue;
      seen[task] = true;
      in_closure[task] = true;
      if (edges)
        open.insert(open.end(), (dag.tasks[task].*edges).begin(), (dag.tasks[task].*edges).end());
    }
  };
  visit(nullptr);
  if (upstream) visit(&Task::upstream);
  if (downstream) visit(&Task::downstream);
  std::vector<TaskIndex> out;
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    if (in_closure[i]) out.push_back(i);
  }
  return out;
}

std::vector<TaskIndex> SetupsAndTeardowns(const Dag& dag, const std::vector<TaskIndex>& tasks) {
  std::vector<bool> known(dag.tasks.size(), false);
  for (const TaskIndex task : tasks) known[task] = true;
  std::vector<TaskIndex> out;
  const auto add = [&](TaskIndex task) {
    if (!known[task]) out.push_back(task);
    known[task] = true;
  };
  for (const TaskIndex task : tasks) {
    for (const TaskIndex setup : dag.tasks[task].setups) {
      add(setup);
      for (const TaskIndex next : dag.tasks[setup].downstream) {
        if (dag.tasks[next].is_teardown) add(next);
      }
    }
  }
  return out;
}

}  // namespace beeflow
