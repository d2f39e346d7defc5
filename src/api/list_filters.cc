#include "api/list_filters.h"

#include <algorithm>

namespace beeflow {

Choice AllowedDags(const Identity& who, Action action) {
  if (who.Can(action, resource::kDag)) return std::nullopt;
  std::vector<std::string> ids;
  for (const auto& [dag_id, actions] : who.dags) {
    if (actions.contains(action)) ids.push_back(dag_id);
  }
  return ids;
}

Choice Intersect(const Choice& wanted, const Choice& allowed) {
  if (!wanted) return allowed;
  if (!allowed) return wanted;
  std::vector<std::string> both;
  for (const std::string& id : *wanted) {
    if (std::find(allowed->begin(), allowed->end(), id) != allowed->end()) both.push_back(id);
  }
  return both;
}

Choice AllOrOne(const std::string& id) {
  return id == "~" ? Choice() : Choice(std::vector<std::string>{id});
}

std::vector<Parameter> RangeParameters(std::initializer_list<const char*> names) {
  std::vector<Parameter> parameters;
  for (const std::string name : names) {
    parameters.push_back({name + "_gte", ParameterType::kTime, "The earliest " + name + "."});
    parameters.push_back({name + "_lte", ParameterType::kTime, "The latest " + name + "."});
  }
  return parameters;
}

ValueRange<Time> ReadRange(QueryReader* query, const std::string& name) {
  return {query->OptionalTime(name + "_gte"), query->OptionalTime(name + "_lte")};
}

ValueRange<Time> ReadRange(JsonReader* body, const std::string& name) {
  return {body->OptionalTime((name + "_gte").c_str()), body->OptionalTime((name + "_lte").c_str())};
}

Choice ReadChoice(QueryReader* query, const std::string& name) {
  std::vector<std::string> texts = query->Texts(name);
  return texts.empty() ? Choice() : Choice(std::move(texts));
}

Choice ReadChoice(JsonReader* body, const char* name) {
  std::vector<std::string> texts = body->Strings(name);
  return texts.empty() ? Choice() : Choice(std::move(texts));
}

Result<std::vector<RunState>> ParseRunStates(const std::string& where,
                                             const std::vector<std::string>& names) {
  std::vector<RunState> states;
  for (const std::string& name : names) {
    const auto state = ParseRunState(name);
    if (!state) {
      return Invalid(where + ": '" + name +
                     "' is no state of a run; use queued, running, success or failed");
    }
    states.push_back(*state);
  }
  return states;
}

Result<std::vector<TaskState>> ParseTaskStates(const std::string& where,
                                               const std::vector<std::string>& names) {
  std::vector<TaskState> states;
  for (const std::string& name : names) {
    const auto state = name == "none" ? TaskState::kNone : ParseTaskState(name);
    if (!state || name.empty()) {
      return Invalid(where + ": '" + name +
                     "' is no state of a task instance; use none, scheduled, queued, running, "
                     "success, failed, up_for_retry, up_for_reschedule, upstream_failed, skipped, "
                     "deferred, restarting or removed");
    }
    states.push_back(*state);
  }
  return states;
}

Paging ReadPaging(QueryReader* query) {
  Paging paging;
  paging.limit = query->Limit();
  paging.offset = query->Offset();
  paging.order_by = query->Text("order_by").value_or("");
  return paging;
}

Paging ReadPaging(JsonReader* body) {
  constexpr int64_t kMost = 1000;
  Paging paging;
  paging.limit = std::min(kMost, body->Integer("page_limit", 100, 1, INT32_MAX));
  paging.offset = body->Integer("page_offset", 0, 0, INT32_MAX);
  paging.order_by = body->String("order_by");
  return paging;
}

Result<Json> OnlyFields(Json object, const std::vector<std::string>& fields) {
  if (fields.empty()) return object;
  Json chosen = Json::object();
  for (const std::string& field : fields) {
    if (!object.contains(field)) {
      return Invalid("query parameter fields: there is no field '" + field + "' here");
    }
    chosen[field] = object[field];
  }
  return chosen;
}

}  // namespace beeflow
