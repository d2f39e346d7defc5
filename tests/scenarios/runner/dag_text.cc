#include "dag_text.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace beeflow::scenario {
namespace {

enum class Kind { kText, kInteger, kBoolean, kSpan };
using Kinds = std::map<std::string, Kind>;

const Kinds& DagKinds() {
  static const Kinds kinds = {
      {"start_date", Kind::kText},     {"end_date", Kind::kText},
      {"catchup", Kind::kBoolean},     {"max_active_runs", Kind::kInteger},
      {"fail_fast", Kind::kBoolean},   {"max_active_tasks", Kind::kInteger},
      {"dagrun_timeout", Kind::kSpan}, {"is_paused_upon_creation", Kind::kBoolean},
      {"description", Kind::kText},
  };
  return kinds;
}

const Kinds& TaskKinds() {
  static const Kinds kinds = {
      {"trigger_rule", Kind::kText},
      {"retries", Kind::kInteger},
      {"retry_delay", Kind::kSpan},
      {"retry_exponential_backoff", Kind::kBoolean},
      {"max_retry_delay", Kind::kSpan},
      {"execution_timeout", Kind::kSpan},
      {"sla", Kind::kSpan},
      {"depends_on_past", Kind::kBoolean},
      {"wait_for_downstream", Kind::kBoolean},
      {"ignore_first_depends_on_past", Kind::kBoolean},
      {"start_date", Kind::kText},
      {"end_date", Kind::kText},
      {"pool", Kind::kText},
      {"pool_slots", Kind::kInteger},
      {"queue", Kind::kText},
      {"priority_weight", Kind::kInteger},
      {"weight_rule", Kind::kText},
      {"max_active_tis_per_dag", Kind::kInteger},
      {"max_active_tis_per_dagrun", Kind::kInteger},
      {"setup", Kind::kBoolean},
      {"teardown", Kind::kBoolean},
      {"on_failure_fail_dagrun", Kind::kBoolean},
      {"group", Kind::kText},
  };
  return kinds;
}

Result<Json> ValueOf(Kind kind, const std::string& name, const std::string& text) {
  if (kind == Kind::kText) return Json(text);
  if (kind == Kind::kInteger) {
    if (const auto number = ParseInteger(text)) return Json(*number);
  } else if (kind == Kind::kSpan) {
    if (const auto span = ParseDuration(text)) return Json(ToSeconds(*span));
  } else if (text == "true" || text == "false") {
    return Json(text == "true");
  }
  return Invalid("option " + name + " cannot be '" + text + "'");
}

// Copies the known options, and the flags among the plain words, into `json`.
Status CopyOptions(const Kinds& kinds, Arguments* arguments, Json* json) {
  for (const auto& [name, kind] : kinds) {
    if (const auto text = arguments->Take(name)) {
      BEEFLOW_ASSIGN_OR_RETURN((*json)[name], ValueOf(kind, name, *text));
    } else if (kind == Kind::kBoolean && arguments->TakeFlag(name)) {
      (*json)[name] = true;
    }
  }
  return arguments->CheckAllTaken();
}

// "@daily", "0 6 * * *", "once", "continuous", "none", "6h" (a span), "2months".
Json ScheduleJson(const std::string& text, const std::string& zone) {
  for (const std::string name : {"none", "once", "continuous"}) {
    if (text == name || text == "@" + name) return {{"kind", name}};
  }
  if (const size_t end = text.find("months"); end != std::string::npos) {
    const auto months = ParseInteger(std::string_view(text).substr(0, end));
    return {{"kind", "delta"}, {"seconds", 0}, {"months", months.value_or(0)}};
  }
  if (const auto span = ParseDuration(text)) {
    return {{"kind", "delta"}, {"seconds", ToSeconds(*span)}};
  }
  return {{"kind", "cron"}, {"expression", text}, {"timezone", zone}};
}

// "3": so many; "a": as many as a returned; "a+b", "a&b": concatenated, zipped; "a,2": the product.
Json MapJson(const std::string& text) {
  Json lengths = Json::array();
  for (const std::string& factor : SplitAt(text, ',')) {
    const bool zip = factor.find('&') != std::string::npos;
    Json parts = Json::array();
    for (const std::string& part : SplitAt(factor, zip ? '&' : '+')) {
      const auto literal = ParseInteger(part);
      parts.push_back(literal ? Json{{"literal", *literal}} : Json{{"task", part}});
    }
    if (parts.size() == 1) {
      lengths.push_back(parts[0]);
    } else {
      lengths.push_back({{zip ? "zip" : "concat", parts}});
    }
  }
  return lengths;
}

// The tasks in the order in which the lines first name them.
class TaskList {
 public:
  Json& Find(const std::string& id) {
    const auto known = std::find_if(tasks_.begin(), tasks_.end(),
                                    [&](const Json& t) { return t["task_id"] == id; });
    if (known != tasks_.end()) return *known;
    tasks_.push_back({{"task_id", id}, {"downstream", Json::array()}});
    return tasks_.back();
  }
  Json ToJson() const { return tasks_; }

 private:
  std::vector<Json> tasks_;
};

// "a b >> c >> d": each of a group comes before each of the next.
void AddChain(const std::vector<std::string>& words, TaskList* tasks) {
  std::vector<std::string> before;
  std::vector<std::string> group;
  for (const std::string& word : words) {
    if (word == ">>") {
      before = std::exchange(group, {});
      continue;
    }
    tasks->Find(word);
    for (const std::string& up : before) tasks->Find(up)["downstream"].push_back(word);
    group.push_back(word);
  }
}

Status AddTasks(const Line& line, TaskList* tasks) {
  if (std::find(line.words.begin(), line.words.end(), ">>") != line.words.end()) {
    AddChain(line.words, tasks);
    return Ok();
  }
  Arguments arguments(line.words);
  Json options = Json::object();
  if (arguments.TakeFlag("empty")) options["run"] = {{"kind", "empty"}};
  if (const auto map = arguments.Take("map")) options["map"] = MapJson(*map);
  BEEFLOW_RETURN_IF_ERROR(CopyOptions(TaskKinds(), &arguments, &options));
  if (options.contains("teardown") && !options.contains("trigger_rule")) {
    options["trigger_rule"] = "all_done_setup_success";
  }
  for (const std::string& id : arguments.plain()) tasks->Find(id).update(options);
  return Ok();
}

// "group g map=a parent=h"
Status AddGroup(const Line& line, Json* groups) {
  Arguments arguments(line.words, 1);
  if (arguments.plain().size() != 1) return Invalid("write: group NAME [map=...] [parent=GROUP]");
  Json group = {{"group_id", arguments.plain()[0]}};
  if (const auto map = arguments.Take("map")) group["map"] = MapJson(*map);
  if (const auto parent = arguments.Take("parent")) group["parent"] = *parent;
  BEEFLOW_RETURN_IF_ERROR(arguments.CheckAllTaken());
  groups->push_back(std::move(group));
  return Ok();
}

Error At(const Line& line, const Error& error) {
  return Invalid("line " + std::to_string(line.number) + ": " + error.message);
}

}  // namespace

std::string FileOf(const std::string& dag_id) { return "/dags/" + dag_id + ".py"; }

Result<Json> DagJson(const Line& head, const std::vector<Line>& body) {
  Arguments arguments(head.words, 1);
  Json dag = {{"version", 1}, {"callbacks", {"sla_miss"}}};
  const std::string zone = arguments.Take("timezone").value_or("UTC");
  dag["schedule"] = ScheduleJson(arguments.Take("schedule").value_or("none"), zone);
  if (arguments.TakeFlag("paused")) dag["is_paused_upon_creation"] = true;
  if (auto status = CopyOptions(DagKinds(), &arguments, &dag); !status.ok()) {
    return At(head, status.error());
  }
  if (arguments.plain().size() != 1) return At(head, Invalid("write: dag NAME OPTION=VALUE..."));
  dag["dag_id"] = arguments.plain()[0];
  TaskList tasks;
  dag["task_groups"] = Json::array();
  for (const Line& line : body) {
    const bool is_group = line.words[0] == "group";
    const auto status = is_group ? AddGroup(line, &dag["task_groups"]) : AddTasks(line, &tasks);
    if (!status.ok()) return At(line, status.error());
  }
  dag["tasks"] = tasks.ToJson();
  return dag;
}

Result<ParsedFile> FileWithDag(const Json& dag) {
  const Json result = {{"dags", Json::array({dag})}};
  ParsedFile file = ParsedFileFromJson(FileOf(dag["dag_id"].get<std::string>()), result);
  if (file.error) return Invalid(file.error->message);
  return file;
}

}  // namespace beeflow::scenario
