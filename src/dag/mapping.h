// Dynamic task mapping in the DAG model: `map` of tasks and task groups.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/json.h"
#include "dag/dag.h"

namespace beeflow {

// Reads how the tasks of `dag` are mapped from its serialized form, whose tasks are in the order of
// Dag::tasks. Fails, naming DAG and task, on lengths that cannot be read.
Status ReadMapping(const Json& json, Dag* dag);

// How many items a source returned; nothing where that has no length.
using SourceLength = std::function<std::optional<int64_t>(TaskIndex source)>;

// How many instances the mapping makes; nothing where a source has no length. `length` is asked for
// the sources only.
std::optional<int64_t> InstanceCount(const Mapping& mapping, const SourceLength& length);

}  // namespace beeflow
