#include "dag/mapping.h"

#include <algorithm>
#include <map>
#include <string>

namespace beeflow {
namespace {

// A task group, as far as mapping is concerned.
struct Group {
  std::string parent;
  Json map;  // null: not mapped itself
  uint32_t number = 0;
};
using Groups = std::map<std::string, Group>;

constexpr int kNestingMax = 50;  // of zip and concat
constexpr int64_t kLiteralMax = 1'000'000;
// More than [core] max_map_length lets through: a bound on what a row by hand can do.
constexpr int64_t kInstancesMax = 1'000'000;

Status ReadLength(const Json& json, const Dag& dag, int depth, MapLength* out);

Status ReadParts(const Json& list, const Dag& dag, int depth, std::vector<MapLength>* out) {
  if (!list.is_array()) return Invalid("a list of lengths was expected");
  for (const Json& part : list) {
    BEEFLOW_RETURN_IF_ERROR(ReadLength(part, dag, depth, &out->emplace_back()));
  }
  return Ok();
}

Status ReadLength(const Json& json, const Dag& dag, int depth, MapLength* out) {
  if (!json.is_object() || depth > kNestingMax) return Invalid("a length cannot be read");
  JsonReader in(json, "a length");
  if (json.contains("literal")) {
    out->literal = in.Integer("literal", 0, 0, kLiteralMax);
  } else if (json.contains("task")) {
    const std::string id = in.String("task");
    const auto task = dag.Find(id);
    if (!task) return Invalid("task '" + id + "' is mapped over, but is not in the DAG");
    out->kind = MapLength::Kind::kTask;
    out->task = *task;
  } else if (json.contains("zip")) {
    out->kind = MapLength::Kind::kZip;
    out->longest = in.Boolean("longest", false);
    BEEFLOW_RETURN_IF_ERROR(ReadParts(json["zip"], dag, depth + 1, &out->parts));
  } else if (json.contains("concat")) {
    out->kind = MapLength::Kind::kConcat;
    BEEFLOW_RETURN_IF_ERROR(ReadParts(json["concat"], dag, depth + 1, &out->parts));
  } else {
    return Invalid("a length of unknown kind");
  }
  return in.status();
}

void AddSources(const std::vector<MapLength>& lengths, std::vector<TaskIndex>* out) {
  for (const MapLength& length : lengths) {
    if (length.kind == MapLength::Kind::kTask) out->push_back(length.task);
    AddSources(length.parts, out);
  }
}

Groups ReadGroups(const Json& json) {
  Groups groups;
  const Json list = json.value("task_groups", Json::array());
  if (!list.is_array()) return groups;
  for (const Json& item : list) {
    JsonReader in(item, "a task group");
    Group group{in.String("parent"), in.Raw("map"), static_cast<uint32_t>(groups.size())};
    groups.emplace(in.String("group_id"), std::move(group));
  }
  return groups;
}

// The innermost group around `id`, itself included, that is mapped.
const Group* FindMapped(const Groups& groups, std::string id) {
  for (size_t steps = 0; steps <= groups.size(); ++steps) {
    const auto group = groups.find(id);
    if (group == groups.end()) return nullptr;
    if (!group->second.map.is_null()) return &group->second;
    id = group->second.parent;
  }
  return nullptr;
}

Status ReadTaskMapping(const Json& json, const Groups& groups, TaskIndex index, Dag* dag) {
  Task& task = dag->tasks[index];
  JsonReader in(json, "DAG " + dag->id + ", task " + task.id);
  Mapping mapping;
  const Json* map = &in.Raw("map");
  if (map->is_null()) {
    const Group* group = FindMapped(groups, in.String("group"));
    if (!group) return Ok();
    map = &group->map;
    mapping.group = group->number;
  }
  const Status read = ReadParts(*map, *dag, 0, &mapping.lengths);
  if (!read.ok()) {
    return Invalid("DAG " + dag->id + ", task " + task.id + ": " + read.error().message);
  }
  AddSources(mapping.lengths, &mapping.sources);
  std::sort(mapping.sources.begin(), mapping.sources.end());
  mapping.sources.erase(std::unique(mapping.sources.begin(), mapping.sources.end()),
                        mapping.sources.end());
  for (const TaskIndex source : mapping.sources) {
    dag->tasks[source].mapped_over_by.push_back(index);
  }
  task.mapping = std::make_shared<const Mapping>(std::move(mapping));
  dag->maps = true;
  return Ok();
}

std::optional<int64_t> LengthOf(const MapLength& length, const SourceLength& of_source) {
  if (length.kind == MapLength::Kind::kLiteral) return length.literal;
  if (length.kind == MapLength::Kind::kTask) return of_source(length.task);
  std::optional<int64_t> total;
  for (const MapLength& part : length.parts) {
    const auto of_part = LengthOf(part, of_source);
    if (!of_part) return std::nullopt;
    if (!total) {
      total = of_part;
    } else if (length.kind == MapLength::Kind::kConcat) {
      *total += *of_part;
    } else {
      total = length.longest ? std::max(*total, *of_part) : std::min(*total, *of_part);
    }
  }
  return total.value_or(0);
}

}  // namespace

std::optional<int64_t> InstanceCount(const Mapping& mapping, const SourceLength& length) {
  int64_t product = 1;
  for (const MapLength& factor : mapping.lengths) {
    const auto count = LengthOf(factor, length);
    if (!count) return std::nullopt;
    product = std::min(product * std::min(*count, kInstancesMax), kInstancesMax);
  }
  return product;
}

Status ReadMapping(const Json& json, Dag* dag) {
  const Groups groups = ReadGroups(json);
  for (TaskIndex i = 0; i < dag->tasks.size(); ++i) {
    BEEFLOW_RETURN_IF_ERROR(ReadTaskMapping(json["tasks"][i], groups, i, dag));
  }
  return Ok();
}

}  // namespace beeflow
