#include "cli/dag_graph.h"

#include <algorithm>
#include <numeric>

namespace beeflow {
namespace {

// For each task the number of edges on the longest way from a root.
std::vector<size_t> Depths(const Dag& dag) {
  std::vector<size_t> depths(dag.tasks.size(), 0);
  std::vector<size_t> open(dag.tasks.size());
  std::vector<TaskIndex> order;
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    open[i] = dag.tasks[i].upstream.size();
    if (open[i] == 0) order.push_back(i);
  }
  for (size_t next = 0; next < order.size(); ++next) {
    for (const TaskIndex below : dag.tasks[order[next]].downstream) {
      depths[below] = std::max(depths[below], depths[order[next]] + 1);
      if (--open[below] == 0) order.push_back(below);
    }
  }
  return depths;
}

// Ids are letters, digits, '-', '_', '.' and UTF-8, so that quotes need no escaping.
std::string Quoted(const std::string& id) { return '"' + id + '"'; }

}  // namespace

std::string GraphAsText(const Dag& dag) {
  const std::vector<size_t> depths = Depths(dag);
  std::vector<TaskIndex> order(dag.tasks.size());
  std::iota(order.begin(), order.end(), TaskIndex{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](TaskIndex a, TaskIndex b) { return depths[a] < depths[b]; });
  std::string out = dag.id + ": " + std::to_string(dag.tasks.size()) +
                    (dag.tasks.size() == 1 ? " task\n" : " tasks\n");
  for (const TaskIndex index : order) {
    const Task& task = dag.tasks[index];
    out += std::string(2 + 2 * depths[index], ' ') + task.id + " (" + task.operator_name + ")";
    for (size_t i = 0; i < task.downstream.size(); ++i) {
      out += (i == 0 ? " -> " : ", ") + dag.tasks[task.downstream[i]].id;
    }
    out += '\n';
  }
  return out;
}

std::string GraphAsDot(const Dag& dag) {
  std::string out = "digraph " + Quoted(dag.id) + " {\n";
  out += "  graph [label=" + Quoted(dag.id) + " labelloc=t rankdir=LR]\n";
  out += "  node [shape=rectangle style=rounded]\n";
  for (const Task& task : dag.tasks) {
    out += "  " + Quoted(task.id) + " [tooltip=" + Quoted(task.operator_name) + "]\n";
  }
  for (const Task& task : dag.tasks) {
    for (const TaskIndex below : task.downstream) {
      out += "  " + Quoted(task.id) + " -> " + Quoted(dag.tasks[below].id) + "\n";
    }
  }
  return out + "}\n";
}

std::string GraphAsTree(const Dag& dag) {
  std::string out;
  std::vector<bool> shown(dag.tasks.size(), false);
  std::vector<std::pair<TaskIndex, size_t>> open;  // task, depth; a stack
  for (size_t i = dag.tasks.size(); i-- > 0;) {
    if (dag.tasks[i].upstream.empty()) open.emplace_back(static_cast<TaskIndex>(i), 0);
  }
  while (!open.empty()) {
    const auto [index, depth] = open.back();
    open.pop_back();
    const Task& task = dag.tasks[index];
    const bool again = shown[index] && !task.downstream.empty();
    out += std::string(4 * depth, ' ') + "<Task(" + task.operator_name + "): " + task.id + ">" +
           (again ? " (see above)\n" : "\n");
    if (shown[index]) continue;
    shown[index] = true;
    for (size_t i = task.downstream.size(); i-- > 0;) {
      open.emplace_back(task.downstream[i], depth + 1);
    }
  }
  return out;
}

}  // namespace beeflow
