// eventLogs: the audit log
#include <charconv>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_reader.h"

namespace beeflow {
namespace {

Json OrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json LineToJson(const AuditLine& line) {
  const AuditEntry& entry = line.entry;
  return {{"event_log_id", entry.id},
          {"when", FormatIso(entry.when)},
          {"dag_id", OrNull(entry.dag_id)},
          {"task_id", OrNull(entry.task_id)},
          {"run_id", OrNull(entry.run_id)},
          {"map_index", line.map_index ? Json(*line.map_index) : Json(nullptr)},
          {"try_number", nullptr},
          {"event", entry.event},
          {"execution_date", nullptr},
          {"owner", OrNull(entry.owner)},
          {"extra", OrNull(entry.extra)}};
}

// Of a reader of some DAGs, the lines of these; of a reader of all, everything.
std::optional<std::vector<std::string>> ReadableDags(const Identity& who) {
  if (who.Can(Action::kRead, resource::kDag)) return std::nullopt;
  std::vector<std::string> dags;
  for (const auto& [dag_id, actions] : who.dags) {
    if (actions.contains(Action::kRead)) dags.push_back(dag_id);
  }
  return dags;
}

Result<AuditFilter> ReadFilter(const ApiCall& call) {
  QueryReader query(call.request());
  AuditFilter filter;
  filter.dag_id = query.Text("dag_id");
  filter.task_id = query.Text("task_id");
  filter.run_id = query.Text("run_id");
  filter.event = query.Text("event");
  filter.owner = query.Text("owner");
  const bool is_of_try = query.Text("try_number").has_value();
  if (query.Text("map_index")) filter.map_index = query.Integer("map_index", -1, -1, INT32_MAX);
  filter.before = query.OptionalTime("before");
  filter.after = query.OptionalTime("after");
  filter.included_events = query.Texts("included_events");
  filter.excluded_events = query.Texts("excluded_events");
  BEEFLOW_ASSIGN_OR_RETURN(filter.range,
                           ReadListRange(&query, {{"event_log_id", "id"},
                                                  {"when", "dttm"},
                                                  {"execution_date", "execution_date"},
                                                  {"dag_id", "dag_id"},
                                                  {"task_id", "task_id"},
                                                  {"run_id", "run_id"},
                                                  {"event", "event"},
                                                  {"owner", "owner"},
                                                  {"extra", "extra"}}));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  filter.readable_dags = is_of_try ? std::vector<std::string>() : ReadableDags(call.who());
  return filter;
}

Result<Json> ListEventLogs(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  BEEFLOW_ASSIGN_OR_RETURN(const AuditFilter filter, ReadFilter(call));
  BEEFLOW_ASSIGN_OR_RETURN(const auto log, inventory->AuditLog(filter));
  Json list = Json::array();
  for (const AuditLine& line : log.entries) list.push_back(LineToJson(line));
  return Collection("event_logs", list, log.total);
}

Result<Json> GetEventLog(ApiCall& call) {
  const std::string& text = call.Field("event_log_id");
  int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, id);
  if (read.ec != std::errc() || read.ptr != end)
    return NotFound("'" + text + "' is no event_log_id");
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  BEEFLOW_ASSIGN_OR_RETURN(const AuditLine line, inventory->AuditLogEntry(id));
  const bool is_readable = call.who().Can(Action::kRead, resource::kDag) ||
                           call.who().CanOnDag(Action::kRead, line.entry.dag_id);
  if (!is_readable) return NotFound("the audit log has no entry " + text);
  return LineToJson(line);
}

}  // namespace

void AddEventLogRoutes(ApiRoutes* routes) {
  const std::vector<Permission> read = {{Action::kRead, resource::kAuditLog}};
  routes->AddJson(
      {"GET", "/api/v1/eventLogs", "get_event_logs", "List the audit log", read,
       WithOrder({{"dag_id", ParameterType::kText, "Only of this DAG."},
                  {"task_id", ParameterType::kText, "Only of this task."},
                  {"run_id", ParameterType::kText, "Only of this run."},
                  {"map_index", ParameterType::kInteger, "Only of this map index."},
                  {"try_number", ParameterType::kInteger, "No line has one: finds nothing."},
                  {"event", ParameterType::kText, "Only this event."},
                  {"owner", ParameterType::kText, "Only what this user did."},
                  {"before", ParameterType::kTime, "Only earlier ones."},
                  {"after", ParameterType::kTime, "Only later ones."},
                  {"included_events", ParameterType::kText, "Only these events.", true},
                  {"excluded_events", ParameterType::kText, "None of these events.", true}}),
       "", "EventLogCollection"},
      ListEventLogs);
  routes->AddJson({"GET",
                   "/api/v1/eventLogs/{event_log_id}",
                   "get_event_log",
                   "A line of the audit log",
                   read,
                   {},
                   "",
                   "EventLog"},
                  GetEventLog);
}

}  // namespace beeflow
