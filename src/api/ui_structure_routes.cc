// What the UI shows of a DAG as its file defines it: tasks, groups, params, and when it will run.
#include <map>
#include <set>
#include <utility>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/query_reader.h"
#include "api/source_access.h"
#include "dag/dataset_condition.h"
#include "timetable/timetable.h"

namespace beeflow {
namespace {

constexpr int kMany = INT32_MAX;

Json OrNull(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

// The name without that of the group which comes before it, as Airflow shows it.
std::string LabelOf(const std::string& task_id, const std::optional<std::string>& group) {
  const bool has_prefix =
      group && task_id.size() > group->size() + 1 && task_id.rfind(*group + ".", 0) == 0;
  return has_prefix ? task_id.substr(group->size() + 1) : task_id;
}

Json NamesOf(const Json& datasets) {
  Json names = Json::array();
  if (!datasets.is_array()) return names;
  for (const Json& dataset : datasets) {
    if (const std::string name = DatasetName(dataset); !name.empty()) names.push_back(name);
  }
  return names;
}

// One serialized DAG on its way to the page.
class Structure {
 public:
  explicit Structure(const Json& dag) : in_(dag, "the DAG") {}

  Result<Json> Read(const DagInfo& info) {
    Json groups = Groups();
    Json tasks = Tasks();
    const Json& schedule = in_.Raw("schedule");
    Json out = {{"dag_id", info.record.dag_id},
                {"dag_hash", info.record.dag_hash},
                {"description", info.description},
                {"doc_md", OrNull(in_.OptionalString("doc_md"))},
                {"schedule", info.schedule.empty() ? "None" : info.schedule},
                {"timezone", JsonReader(schedule, "schedule").String("timezone", "UTC")},
                {"start_date", ToJson(in_.OptionalTime("start_date"))},
                {"end_date", ToJson(in_.OptionalTime("end_date"))},
                {"catchup", in_.Boolean("catchup", true)},
                {"max_active_runs", info.max_active_runs},
                {"max_active_tasks", info.max_active_tasks},
                {"dagrun_timeout_seconds", in_.Raw("dagrun_timeout")},
                {"tags", info.tags},
                {"owners", info.owners},
                {"file", info.record.file},
                {"is_paused", info.record.is_paused},
                {"params", Params()},
                {"tasks", std::move(tasks)},
                {"groups", std::move(groups)}};
    BEEFLOW_RETURN_IF_ERROR(in_.status());
    return out;
  }

 private:
  Json Params() const {
    const Json& values = in_.Raw("params");
    const Json& schemas = in_.Raw("params_schema");
    Json params = Json::object();
    const auto add = [&](const std::string& name) {
      const bool has_schema = schemas.is_object() && schemas.contains(name);
      Json schema = has_schema ? schemas[name] : Json::object();
      Json description = schema.is_object() ? schema.value("description", Json()) : Json();
      if (schema.is_object()) schema.erase("description");
      const bool has_value = values.is_object() && values.contains(name);
      params[name] = {{"value", has_value ? values[name] : Json()},
                      {"description", std::move(description)},
                      {"schema", std::move(schema)}};
    };
    for (const Json* names : {&values, &schemas}) {
      if (!names->is_object()) continue;
      for (const auto& [name, ignored] : names->items()) add(name);
    }
    return params;
  }

  Json Groups() {
    Json groups = Json::array();
    for (const Json& json : List("task_groups")) {
      JsonReader in(json, "a task group");
      const std::string id = in.String("group_id");
      const auto parent = in.OptionalString("parent");
      const bool is_mapped = !in.Raw("map").is_null() || (parent && mapped_.contains(*parent));
      if (is_mapped) mapped_.insert(id);  // parents come before their children
      groups.push_back({{"group_id", id},
                        {"label", in.String("label", id)},
                        {"parent", OrNull(parent)},
                        {"tooltip", in.String("tooltip")},
                        {"is_mapped", is_mapped}});
    }
    return groups;
  }

  Json Tasks() {
    Json tasks = Json::array();
    for (const Json& json : List("tasks")) {
      JsonReader in(json, "a task");
      const std::string id = in.String("task_id");
      const auto group = in.OptionalString("group");
      tasks.push_back(
          {{"task_id", id},
           {"label", in.String("display_name", LabelOf(id, group))},
           {"operator", in.String("operator", "BaseOperator")},
           {"group", OrNull(group)},
           {"downstream", in.Strings("downstream")},
           {"trigger_rule", in.String("trigger_rule", "all_success")},
           {"is_mapped", !in.Raw("map").is_null() || (group && mapped_.contains(*group))},
           {"is_setup", in.Boolean("setup", false)},
           {"is_teardown", in.Boolean("teardown", false)},
           {"queue", in.String("queue", "default")},
           {"pool", in.String("pool", "default_pool")},
           {"pool_slots", in.Integer("pool_slots", 1, 1, kMany)},
           {"priority_weight", in.Integer("priority_weight", 1, INT32_MIN, kMany)},
           {"retries", in.Integer("retries", 0, 0, kMany)},
           {"owner", in.String("owner", "airflow")},
           {"doc_md", OrNull(in.OptionalString("doc_md"))},
           {"ui_color", in.String("ui_color", "#fff")},
           {"ui_fgcolor", in.String("ui_fgcolor", "#000")},
           {"outlets", NamesOf(in.Raw("outlets"))}});
    }
    return tasks;
  }

  const Json& List(const char* key) const {
    static const Json kNone = Json::array();
    const Json& list = in_.Raw(key);
    return list.is_array() ? list : kNone;
  }

  JsonReader in_;
  std::set<std::string> mapped_;  // groups
};

Result<Json> GetStructure(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  const std::string& dag_id = call.Field("dag_id");
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo info, catalog->Dag(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string text, catalog->SerializedDag(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const Json dag, ParseJson(text));
  return Structure(dag).Read(info);
}

// Logical dates of runs to come, by day: as far as the schedule alone decides, until the end of the
// year after this one.
std::map<std::string, int64_t> PlannedDays(const Dag& dag, const DagInfo& info, Time now) {
  constexpr int kRunsMax = 2'000;  // as Airflow
  std::map<std::string, int64_t> days;
  const DagRecord& record = info.record;
  if (!record.next_logical_date || !record.next_interval) return days;
  constexpr size_t kDay = 10;  // the length of "2026-01-31"
  const auto add = [&days](Time time) { ++days[FormatIso(time).substr(0, kDay)]; };
  add(*record.next_logical_date);
  const auto timetable = Timetable::FromJson(dag.schedule);
  if (!timetable.ok()) return days;
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year();
  const Time until = std::chrono::sys_days((year + std::chrono::years(2)) / 1 / 1);
  const Restriction bounds{dag.start_date, dag.end_date, dag.catchup};
  std::optional<DataInterval> last = record.next_interval;
  for (int i = 1; i < kRunsMax; ++i) {
    const auto next = timetable->Next(last, bounds, now);
    if (!next || next->logical_date >= until || next->interval == *last) break;
    add(next->logical_date);
    last = next->interval;
  }
  return days;
}

Result<Json> GetCalendar(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(Overview * overview, call.overview());
  const std::string& dag_id = call.Field("dag_id");
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo info, catalog->Dag(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<DayOfRuns> days, overview->Calendar(dag_id));
  Json list = Json::array();
  for (const DayOfRuns& day : days) list.push_back({{"date", day.date}, {"states", day.states}});
  Json planned = Json::array();
  // A version that cannot be read plans nothing; its days are there all the same.
  if (const auto model = catalog->Model(dag_id); model.ok() && info.record.is_active) {
    for (const auto& [date, count] : PlannedDays(**model, info, call.Now())) {
      planned.push_back({{"date", date}, {"count", count}});
    }
  }
  return Json{{"days", std::move(list)}, {"planned", std::move(planned)}};
}

Result<Json> ReadSourceVersion(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(Overview * overview, call.overview());
  QueryReader query(call.request());
  const std::optional<Time> since = query.OptionalTime("since");
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  const std::string& dag_id = call.Field("dag_id");
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo info, catalog->Dag(dag_id));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<Time> times, overview->SourceTimes(dag_id));
  if (times.empty()) return NotFound("the source of DAG " + dag_id + " is not known yet");
  BEEFLOW_ASSIGN_OR_RETURN(const std::string source,
                           overview->SourceSince(dag_id, since.value_or(times.front())));
  Json versions = Json::array();
  for (const Time time : times) versions.push_back(FormatIso(time));
  return Json{{"file", info.record.file},
              {"since", FormatIso(since.value_or(times.front()))},
              {"source", source},
              {"versions", std::move(versions)}};
}

HttpResponse GetSourceVersion(ApiCall& call) {
  if (auto refusal = RefuseSource(call, call.Field("dag_id"), Action::kRead)) return *refusal;
  const auto version = ReadSourceVersion(call);
  return version.ok() ? JsonResponse(*version) : ErrorResponse(version.error());
}

}  // namespace

void AddUiStructureRoutes(ApiRoutes* routes) {
  routes->AddJson({"GET",
                   "/api/v1/ui/dags/{dag_id}/structure",
                   "ui_structure",
                   "The tasks and groups of a DAG",
                   {{Action::kRead, resource::kDag}},
                   {},
                   "",
                   "UiStructure"},
                  GetStructure);
  routes->AddJson({"GET",
                   "/api/v1/ui/dags/{dag_id}/calendar",
                   "ui_calendar",
                   "How many runs a DAG had each day, and will have",
                   {{Action::kRead, resource::kDag}, {Action::kRead, resource::kDagRun}},
                   {},
                   "",
                   "UiCalendar"},
                  GetCalendar);
  routes->Add({"GET",
               "/api/v1/ui/dags/{dag_id}/source",
               "ui_source",
               "The source of a DAG's file, as it is or as it was",
               {{Action::kRead, resource::kDag}, {Action::kRead, resource::kDagCode}},
               {{"since", ParameterType::kTime, "The version since then; else the newest."}},
               "",
               "UiSource"},
              GetSourceVersion);
}

}  // namespace beeflow
