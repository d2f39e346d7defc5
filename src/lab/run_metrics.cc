#include "lab/run_metrics.h"

#include <algorithm>
#include <cmath>

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

// The longest path that ends with each task, by repeated relaxation in topological order.
double LongestPath(const Dag& dag, const std::vector<double>& durations) {
  std::vector<size_t> open_upstream(dag.tasks.size());
  std::vector<double> ready(dag.tasks.size(), 0);
  std::vector<TaskIndex> order;
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    open_upstream[i] = dag.tasks[i].upstream.size();
    if (open_upstream[i] == 0) order.push_back(i);
  }
  double longest = 0;
  for (size_t next = 0; next < order.size(); ++next) {
    const TaskIndex task = order[next];
    const double end = ready[task] + durations[task];
    longest = std::max(longest, end);
    for (const TaskIndex successor : dag.tasks[task].downstream) {
      ready[successor] = std::max(ready[successor], end);
      if (--open_upstream[successor] == 0) order.push_back(successor);
    }
  }
  return longest;
}

double Ideal(const Dag& dag, const RowsByTask& rows) {
  std::vector<double> durations(dag.tasks.size(), 0);
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    for (const TaskInfo* row : rows[i]) {
      const auto seconds = SecondsBetween(row->record.start_date, row->record.end_date);
      durations[i] = std::max(durations[i], seconds.value_or(0));
    }
  }
  return LongestPath(dag, durations);
}

std::optional<double> Wait(const RunRecord& run, const TaskInfo& task, const Dag& dag,
                           const RowsByTask& rows) {
  const auto index = dag.Find(task.record.task_id);
  if (!index || !task.record.start_date || task.record.try_number > 1) return std::nullopt;
  std::optional<Time> ready = run.start_date ? run.start_date : run.queued_at;
  for (const TaskIndex upstream : dag.tasks[*index].upstream) {
    for (const TaskInfo* row : rows[upstream]) {
      const auto& end = row->record.end_date;
      if (end && *end <= *task.record.start_date && (!ready || *end > *ready)) ready = end;
    }
  }
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
  metrics.ideal = Ideal(dag, rows);
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
