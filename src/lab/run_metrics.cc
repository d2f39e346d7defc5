#include "lab/run_metrics.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace beeflow {
namespace {

// `sorted` is not empty.
double Quantile(const std::vector<double>& sorted, double fraction) {
  const double rank = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(std::floor(rank));
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double weight = rank - std::floor(rank);
  return sorted[below] * (1 - weight) + sorted[above] * weight;
}

std::optional<double> SecondsBetween(const std::optional<Time>& from,
                                     const std::optional<Time>& to) {
  if (!from || !to) return std::nullopt;
  return ToSeconds(*to - *from);
}

// The rows of each task of the DAG: one, or one for each map index.
using RowsByTask = std::vector<std::vector<const TaskInfo*>>;

RowsByTask GroupByTask(const std::vector<TaskInfo>& tasks, const Dag& dag) {
  RowsByTask rows(dag.tasks.size());
  for (const TaskInfo& task : tasks) {
    if (const auto index = dag.Find(task.record.task_id)) rows[*index].push_back(&task);
  }
  return rows;
}

std::vector<TaskIndex> TopologicalOrder(const Dag& dag) {
  std::vector<size_t> open_upstream(dag.tasks.size());
  std::vector<TaskIndex> order;
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    open_upstream[i] = dag.tasks[i].upstream.size();
    if (open_upstream[i] == 0) order.push_back(i);
  }
  for (size_t next = 0; next < order.size(); ++next) {
    for (const TaskIndex successor : dag.tasks[order[next]].downstream) {
      if (--open_upstream[successor] == 0) order.push_back(successor);
    }
  }
  return order;
}

double DurationOf(const TaskInfo& row) {
  return SecondsBetween(row.record.start_date, row.record.end_date).value_or(0);
}

// The most of these spans that overlap; those that only touch do not.
size_t MostAtOnce(std::vector<std::pair<double, int>> changes) {
  std::sort(changes.begin(), changes.end());  // at one time, ends (-1) come before starts (+1)
  int running = 0;
  int most = 1;
  for (const auto& [when, change] : changes) {
    running += change;
    most = std::max(most, running);
  }
  return static_cast<size_t>(most);
}

// Plays the ideal schedule, in which a mapped task ends with the slowest of its instances.
void MeasureIdeal(const Dag& dag, const RowsByTask& rows, RunMetrics* metrics) {
  std::vector<double> ready(dag.tasks.size(), 0);
  std::vector<size_t> nodes(dag.tasks.size(), 1);  // of the longest path that ends here
  std::vector<std::pair<double, int>> changes;
  for (const TaskIndex task : TopologicalOrder(dag)) {
    double end = ready[task];
    for (const TaskInfo* row : rows[task]) {
      const double duration = DurationOf(*row);
      if (duration <= 0) continue;
      end = std::max(end, ready[task] + duration);
      changes.insert(changes.end(), {{ready[task], 1}, {ready[task] + duration, -1}});
    }
    metrics->ideal = std::max(metrics->ideal, end);
    metrics->path_tasks = std::max(metrics->path_tasks, nodes[task]);
    for (const TaskIndex successor : dag.tasks[task].downstream) {
      ready[successor] = std::max(ready[successor], end);
      nodes[successor] = std::max(nodes[successor], nodes[task] + 1);
    }
  }
  metrics->parallelism = MostAtOnce(std::move(changes));
}

std::optional<double> Wait(const RunRecord& run, const TaskInfo& task, const Dag& dag,
                           const RowsByTask& rows) {
  const auto index = dag.Find(task.record.task_id);
  if (!index || !task.record.start_date || task.record.try_number > 1) return std::nullopt;
  std::optional<Time> ready;
  for (const TaskIndex upstream : dag.tasks[*index].upstream) {
    for (const TaskInfo* row : rows[upstream]) {
      const auto& end = row->record.end_date;
      if (end && *end <= *task.record.start_date && (!ready || *end > *ready)) ready = end;
    }
  }
  if (!ready) ready = run.queued_at ? run.queued_at : run.start_date;
  if (!ready || *ready > *task.record.start_date) return std::nullopt;
  return SecondsBetween(ready, task.record.start_date);
}

}  // namespace

Distribution Distribute(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::sort(samples.begin(), samples.end());
  return {samples.size(), Quantile(samples, 0.5), Quantile(samples, 0.95), samples.back()};
}

RunMetrics MeasureRun(const RunRecord& run, const std::vector<TaskInfo>& tasks, const Dag& dag) {
  RunMetrics metrics;
  metrics.run = run;
  metrics.queued = SecondsBetween(run.queued_at, run.start_date);
  metrics.makespan = SecondsBetween(run.start_date, run.end_date);
  const RowsByTask rows = GroupByTask(tasks, dag);
  MeasureIdeal(dag, rows, &metrics);
  if (metrics.makespan) {
    metrics.overhead = *metrics.makespan - metrics.ideal;
    metrics.normalized_overhead = *metrics.overhead * static_cast<double>(metrics.path_tasks) /
                                  static_cast<double>(metrics.parallelism);
  }
  std::vector<double> waits;
  std::vector<double> durations;
  for (const TaskInfo& task : tasks) {
    TaskMetrics one{task.record.task_id, task.record.map_index,
                    SecondsBetween(task.record.start_date, task.record.end_date),
                    Wait(run, task, dag, rows)};
    if (one.wait) waits.push_back(*one.wait);
    if (one.duration) durations.push_back(*one.duration);
    metrics.tasks.push_back(std::move(one));
  }
  metrics.wait = Distribute(std::move(waits));
  metrics.duration = Distribute(std::move(durations));
  return metrics;
}

}  // namespace beeflow
