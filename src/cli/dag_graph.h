// The task graph of a DAG as text: for reading, and in Graphviz' DOT language.
#pragma once

#include <string>

#include "dag/dag.h"

namespace beeflow {

// One line for each task, ordered and indented by the longest way from a root:
//   extract (BashOperator) -> transform, audit
std::string GraphAsText(const Dag& dag);

// `dot -Tsvg` draws it.
std::string GraphAsDot(const Dag& dag);

// One line for each task below each of its upstream tasks, as `tasks list --tree`. A task that was
// shown before comes without what follows it, so that the output stays linear in the edges.
std::string GraphAsTree(const Dag& dag);

}  // namespace beeflow
