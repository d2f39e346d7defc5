// What a DAG measures in an experiment: read from the name of the folder of results, from the DAG's
// id and from its shape, so that runs of several systems and sizes find each other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dag/dag.h"

namespace beeflow {

enum class Shape : uint8_t {
  kParallel,  // tasks beside each other, after at most one that comes first
  kChain,     // one after the other
  kForest,    // several DAGs at once
  kOther,
};

std::string_view ToString(Shape shape);

struct DagShape {
  Shape shape = Shape::kOther;
  size_t tasks = 0;
  size_t longest_path = 0;  // in tasks
  size_t parallelism = 0;   // the most tasks that are equally far from the first
};

DagShape ShapeOf(const Dag& dag);

struct ReportCase {
  // The folder's name up to its first '_', and the rest.
  std::string system;
  std::string name;
  Shape shape = Shape::kOther;
  std::string start = "warm";          // or "cold": whether environments were there
  std::optional<double> task_seconds;  // what each task takes by itself
  std::string variant;                 // what the name says besides all of this
  size_t size = 0;                     // tasks in parallel or in the chain; DAGs of a forest
  // Seconds of a run without any overhead; absent where the tasks' own seconds are unknown.
  std::optional<double> ideal;
};

struct CaseFacts {
  std::string folder;  // "serverless_tasks:20_duration:10_additional:warm"
  std::string dag_id;  // "10s_20t_30cron"
  std::optional<DagShape> shape;
  size_t tasks_seen = 0;            // different tasks among the rows
  std::optional<bool> starts_cold;  // as most attempts tell
};

// The folder's name counts before the DAG's id, and that before what was seen.
ReportCase DescribeCase(const CaseFacts& facts);

// For people: "parallel, 10 s tasks, warm".
std::string CaseTitle(const ReportCase& experiment);

}  // namespace beeflow
