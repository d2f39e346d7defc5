#include "api/event_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/json_shapes.h"

namespace beeflow {
namespace {

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json ChangeJson(const LoggedChange& change) {
  Json json = {{"table", change.table}, {"op", change.op}};
  if (!change.dag_id.empty()) json["dag_id"] = change.dag_id;
  if (!change.run_id.empty()) json["run_id"] = change.run_id;
  if (change.table == "task_instance") {
    json["task_id"] = change.task_id;
    json["map_index"] = change.map_index;
    json["try_number"] = OrNull(change.try_number);
  } else if (change.table == "dag_run") {
    json["run_type"] = OrNull(change.run_type);
    json["logical_date"] = ToJson(change.logical_date);
  } else if (change.table == "dag") {
    json["is_paused"] = OrNull(change.is_paused);
    json["is_active"] = OrNull(change.is_active);
  } else {
    json[change.table == "slot_pool" ? "pool" : "name"] = change.name;
  }
  if (!change.run_id.empty()) {
    json["state"] = OrNull(change.state);
    json["start_date"] = ToJson(change.start_date);
    json["end_date"] = ToJson(change.end_date);
  }
  return json;
}

std::string EventText(int64_t sequence, const std::string& list) {
  return "id: " + std::to_string(sequence) + "\nevent: changes\ndata: [" + list + "]\n\n";
}

void AppendPart(const EventPart& part, std::string* list) {
  if (!list->empty()) *list += ',';
  *list += part.json;
}

// What must be readable besides the DAG, where the row is of one.
constexpr std::array<std::pair<std::string_view, const char*>, 7> kResources = {{
    {"task_instance", resource::kTaskInstance},
    {"dag_run", resource::kDagRun},
    {"slot_pool", resource::kPool},
    {"import_error", resource::kImportError},
    {"variable", resource::kVariable},
    {"connection", resource::kConnection},
    {"dataset_event", resource::kDataset},
}};

}  // namespace

EventBatch MakeEventBatch(const LoggedChanges& read) {
  EventBatch batch;
  batch.settled = read.settled;
  std::string list;
  for (const LoggedChange& change : read.changes) {
    batch.parts.push_back(
        {change.sequence, change.table, change.dag_id, DumpJson(ChangeJson(change))});
    AppendPart(batch.parts.back(), &list);
  }
  batch.text = EventText(batch.settled, list);
  return batch;
}

bool EventFilter::Wants(const EventPart& part) const {
  if (!dag_id.empty() && part.dag_id != dag_id) return false;
  if (!part.dag_id.empty() && !who.CanOnDag(Action::kRead, part.dag_id)) return false;
  if (part.table == "dag") return true;
  const auto it = std::find_if(kResources.begin(), kResources.end(),
                               [&](const auto& entry) { return entry.first == part.table; });
  return it != kResources.end() && who.Can(Action::kRead, it->second);
}

std::string EventTextFor(const EventBatch& batch, const EventFilter& filter, int64_t after) {
  if (filter.WantsAll() && batch.parts.front().sequence > after) return batch.text;
  std::string list;
  for (const EventPart& part : batch.parts) {
    if (part.sequence > after && filter.Wants(part)) AppendPart(part, &list);
  }
  return list.empty() ? "" : EventText(batch.settled, list);
}

std::string ResetEvent(int64_t sequence) {
  return "id: " + std::to_string(sequence) + "\nevent: reset\ndata: {}\n\n";
}

std::string BeatEvent(int64_t sequence) {
  return ": beat\nid: " + std::to_string(sequence) + "\n\n";
}

}  // namespace beeflow
