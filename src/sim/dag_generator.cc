#include "sim/dag_generator.h"

#include <algorithm>
#include <array>

namespace beeflow {
namespace {

constexpr std::array kOtherRules = {
    "all_failed", "all_done",    "all_skipped", "one_success",
    "one_failed", "one_done",    "none_failed", "none_failed_min_one_success",
    "always",     "none_skipped"};
constexpr std::array kWeightRules = {"downstream", "upstream", "absolute"};

bool Chance(Random* random, int thousandths) {
  return random->Below(1000) < static_cast<uint64_t>(thousandths);
}

// Each feature is off in half of the simulations, so that bugs of one are not hidden by another.
int Some(Random* random, int max) {
  return random->OneIn(2) ? 0 : static_cast<int>(random->Below(static_cast<uint64_t>(max) + 1));
}

int Between(Random* random, int low, int high) {
  return low + static_cast<int>(random->Below(static_cast<uint64_t>(high - low + 1)));
}

Json RandomTask(Random* random, const DagProfile& profile, const std::string& id, Time now) {
  Json task = {{"task_id", id}};
  if (Chance(random, profile.other_rules)) {
    task["trigger_rule"] = kOtherRules[random->Below(kOtherRules.size())];
  }
  if (Chance(random, profile.empty)) {
    task["run"] = {{"kind", "empty"}};
  } else {
    task["run"] = {{"kind", "bash"}, {"command", "true"}};
  }
  if (Chance(random, profile.retries)) task["retries"] = Between(random, 1, 3);
  task["retry_delay"] = Between(random, 0, 120);
  if (Chance(random, profile.backoff)) task["retry_exponential_backoff"] = true;
  if (Chance(random, profile.small_pool)) {
    task["pool"] = kSmallPool;
    task["pool_slots"] = Between(random, 1, 3);
  } else if (Chance(random, profile.missing_pool)) {
    task["pool"] = kMissingPool;
  }
  if (Chance(random, profile.sla)) task["sla"] = Between(random, 0, 7200);
  task["priority_weight"] = Between(random, 1, 3);
  task["weight_rule"] = kWeightRules[random->Below(kWeightRules.size())];
  if (Chance(random, profile.tis_limit)) task["max_active_tis_per_dag"] = Between(random, 1, 2);
  if (Chance(random, profile.own_dates)) {
    const char* field = random->OneIn(2) ? "start_date" : "end_date";
    task[field] = FormatIso(now + std::chrono::hours(24 * Between(random, -4, 2)));
  }
  return task;
}

// Adds edges to a list of tasks; edges go from earlier to later tasks only.
void Connect(Random* random, Json* tasks) {
  const size_t n = tasks->size();
  for (Json& task : *tasks) task["downstream"] = Json::array();
  const auto edge = [&](size_t from, size_t to) {
    (*tasks)[from]["downstream"].push_back((*tasks)[to]["task_id"]);
  };
  switch (random->Below(5)) {
    case 0:  // a chain
      for (size_t i = 1; i < n; ++i) edge(i - 1, i);
      return;
    case 1:  // a fan out and in
      for (size_t i = 1; i + 1 < n; ++i) {
        edge(0, i);
        edge(i, n - 1);
      }
      return;
    case 2:  // diamonds in a row
      for (size_t i = 0; i + 3 < n; i += 3) {
        edge(i, i + 1);
        edge(i, i + 2);
        edge(i + 1, i + 3);
        edge(i + 2, i + 3);
      }
      return;
    case 3:  // nothing depends on anything
      return;
    default:
      for (size_t i = 1; i < n; ++i) {
        const auto upstreams = random->Below(4);
        for (uint64_t k = 0; k < upstreams; ++k) edge(random->Below(i), i);
      }
  }
}

// Over so many items, or as many as the task with that id returned.
Json RandomLength(Random* random, const std::string& source) {
  Json literal = {{"literal", random->Below(4)}};
  if (source.empty() || random->OneIn(4)) return literal;
  Json returned = {{"task", source}};
  switch (random->Below(6)) {
    case 0:
      return {{"concat", {returned, literal}}};
    case 1:
      return {{"zip", {returned, literal}}, {"longest", random->OneIn(2)}};
    default:
      return returned;
  }
}

// The place of a task before that at `end`; `end` where there is none to be mapped over.
size_t SourceBefore(Random* random, const Json& tasks, size_t end) {
  const size_t source = end == 0 ? end : random->Below(end);
  return source < end && tasks[source]["run"]["kind"] == "empty" ? end : source;
}

void AddEdge(Json* from, const Json& to) {
  Json& downstream = (*from)["downstream"];
  const Json& id = to["task_id"];
  if (std::find(downstream.begin(), downstream.end(), id) == downstream.end()) {
    downstream.push_back(id);
  }
}

// Maps some tasks, and the tasks of a group, each over what comes before it.
void SetMaps(Random* random, const DagProfile& profile, Json* dag) {
  Json& tasks = (*dag)["tasks"];
  const size_t n = tasks.size();
  const auto length_at = [&](size_t place, size_t source) {
    const bool found = source < place;
    return Json::array(
        {RandomLength(random, found ? tasks[source]["task_id"].get<std::string>() : "")});
  };
  for (size_t i = 0; i < n; ++i) {
    tasks[i].erase("map");
    tasks[i].erase("group");
    if (!Chance(random, profile.mapped)) continue;
    const size_t source = SourceBefore(random, tasks, i);
    tasks[i]["map"] = length_at(i, source);
    if (source < i) AddEdge(&tasks[source], tasks[i]);
  }
  dag->erase("task_groups");
  if (n == 0 || !Chance(random, profile.groups)) return;
  const size_t first = random->Below(n);
  const size_t last = std::min(n, first + 1 + random->Below(4));
  const size_t source = SourceBefore(random, tasks, first);
  const Json group = {{"group_id", "g"}, {"map", length_at(first, source)}};
  (*dag)["task_groups"] = Json::array({group});
  for (size_t i = first; i < last; ++i) {
    tasks[i].erase("map");
    tasks[i]["group"] = "g";
    if (source < first) AddEdge(&tasks[source], tasks[i]);
  }
}

void SetPast(Random* random, Json* dag) {
  for (Json& task : (*dag)["tasks"]) {
    if (random->OneIn(3)) task["depends_on_past"] = true;
    if (random->OneIn(6)) task["wait_for_downstream"] = true;
    if (random->OneIn(4)) task["ignore_first_depends_on_past"] = false;
  }
}

void SetSchedule(Random* random, Json* dag, Time now) {
  const auto day = std::chrono::hours(24);
  (*dag)["start_date"] = FormatIso(now - day * Between(random, 1, 5));
  (*dag)["end_date"] = FormatIso(now + day * Between(random, 0, 2));
  (*dag)["catchup"] = !random->OneIn(3);
  switch (random->Below(4)) {
    case 0:
      (*dag)["schedule"] = {{"kind", "once"}};
      return;
    case 1:
      (*dag)["schedule"] = {{"kind", "delta"}, {"seconds", 3600 * Between(random, 18, 48)}};
      return;
    default:
      (*dag)["schedule"] = {{"kind", "cron"}, {"expression", "0 6 * * *"}, {"timezone", "UTC"}};
  }
}

ParsedFile FileOf(const std::string& path, const Json& dag) {
  return ParsedFileFromJson(path, Json{{"dags", Json::array({dag})}, {"code", "# simulated"}});
}

std::string TaskId(uint64_t number) { return "t" + std::to_string(number); }

}  // namespace

DagProfile RandomProfile(Random* random) {
  DagProfile out;
  out.tasks_max = random->OneIn(8) ? 40 : Between(random, 1, 10);
  out.other_rules = Some(random, 600);
  out.empty = Some(random, 600);
  out.retries = Some(random, 800);
  out.backoff = Some(random, 500);
  out.small_pool = Some(random, 500);
  out.missing_pool = Some(random, 200);
  out.past = Some(random, 800);
  out.tis_limit = Some(random, 400);
  out.own_dates = random->OneIn(4) ? Some(random, 150) : 0;
  out.scheduled = Some(random, 1000);
  out.timeout = random->OneIn(3) ? Some(random, 500) : 0;
  out.fail_fast = random->OneIn(3) ? Some(random, 500) : 0;
  out.sla = Some(random, 600);
  out.mapped = Some(random, 500);
  out.groups = Some(random, 600);
  out.run_limit = Some(random, 800);
  out.task_limit = Some(random, 800);
  return out;
}

ParsedFile RandomDagFile(Random* random, const DagProfile& profile, const std::string& dag_id,
                         Time now) {
  Json dag = {{"version", 1}, {"dag_id", dag_id}};
  dag["tasks"] = Json::array();
  const int tasks = random->OneIn(30) ? 0 : Between(random, 1, profile.tasks_max);
  for (int i = 0; i < tasks; ++i) {
    dag["tasks"].push_back(RandomTask(random, profile, TaskId(static_cast<uint64_t>(i)), now));
  }
  Connect(random, &dag["tasks"]);
  SetMaps(random, profile, &dag);
  if (Chance(random, profile.past)) SetPast(random, &dag);
  if (Chance(random, profile.scheduled)) SetSchedule(random, &dag, now);
  if (Chance(random, profile.timeout)) dag["dagrun_timeout"] = Between(random, 10, 600);
  if (Chance(random, profile.fail_fast)) dag["fail_fast"] = true;
  if (Chance(random, profile.run_limit)) dag["max_active_runs"] = Between(random, 1, 3);
  if (Chance(random, profile.task_limit)) dag["max_active_tasks"] = Between(random, 1, 4);
  return FileOf("/dags/" + dag_id + ".py", dag);
}

ParsedFile RandomEdit(Random* random, const DagProfile& profile, const ParsedFile& file, Time now) {
  Json dag = *ParseJson(file.dags.front().data);
  Json& tasks = dag["tasks"];
  const auto edits = 1 + random->Below(3);
  for (uint64_t i = 0; i < edits; ++i) {
    const auto kind = random->Below(4);
    if (kind == 0 || tasks.empty()) {
      // Sometimes under the id of a task that was there before.
      const std::string id = TaskId(random->Below(60));
      const bool taken = std::any_of(tasks.begin(), tasks.end(),
                                     [&](const Json& task) { return task["task_id"] == id; });
      if (!taken) tasks.push_back(RandomTask(random, profile, id, now));
    } else if (kind == 1) {
      tasks.erase(random->Below(tasks.size()));
    } else if (kind == 2) {
      Json& task = tasks[random->Below(tasks.size())];
      task = RandomTask(random, profile, task["task_id"], now);
    } else {
      std::swap(tasks[random->Below(tasks.size())], tasks[random->Below(tasks.size())]);
    }
  }
  Connect(random, &tasks);
  SetMaps(random, profile, &dag);
  if (random->OneIn(4)) dag["max_active_runs"] = Between(random, 1, 4);
  if (random->OneIn(4)) dag["max_active_tasks"] = Between(random, 1, 4);
  return FileOf(file.path, dag);
}

}  // namespace beeflow
