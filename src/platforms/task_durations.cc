#include "platforms/task_durations.h"

#include "lab/run_metrics.h"
#include "lab/sleep_seconds.h"

namespace beeflow {

TaskDurations::TaskDurations(const std::vector<ResultSet>& history, const DurationGuess& guess)
    : guess_(guess) {
  std::map<std::pair<std::string, std::string>, std::vector<double>> samples;
  for (const ResultSet& results : history) {
    for (const ExportedRun& run : results.runs) {
      for (const TaskInfo& task : run.tasks) {
        if (!task.duration || task.record.state != TaskState::kSuccess) continue;
        samples[{run.run.key.dag_id, task.record.task_id}].push_back(*task.duration);
      }
    }
  }
  for (auto& [task, durations] : samples) medians_[task] = Distribute(std::move(durations)).median;
}

double TaskDurations::Seconds(const Dag& dag, TaskIndex task) const {
  const Task& model = dag.tasks[task];
  const auto known = medians_.find({dag.id, model.id});
  if (known != medians_.end()) return known->second;
  const bool is_bash = model.run_kind == RunKind::kBash || model.run_kind == RunKind::kBashTemplate;
  if (!is_bash) return guess_.other_seconds;
  return SleepSeconds(model).value_or(guess_.bash_seconds);
}

TaskDurations::Sources TaskDurations::Count(const std::vector<ParsedFile>& files) const {
  Sources out;
  for (const ParsedFile& file : files) {
    for (const ParsedDag& dag : file.dags) {
      for (const Task& task : dag.dag->tasks) {
        if (task.run_kind == RunKind::kEmpty) continue;
        const bool is_python = task.run_kind == RunKind::kPython;
        if (medians_.contains({dag.dag->id, task.id})) {
          ++out.history;
        } else if (!is_python && SleepSeconds(task)) {
          ++out.commands;
        } else {
          ++out.guesses;
        }
      }
    }
  }
  return out;
}

}  // namespace beeflow
