#include "platforms/platform_model.h"

#include <algorithm>
#include <utility>

namespace beeflow {

PlatformModel::PlatformModel(ModelSurroundings surroundings)
    : surroundings_(std::move(surroundings)), random_(surroundings_.seed) {}

void PlatformModel::EndTurn(int runs_started) { Take(std::exchange(queued_, {}), runs_started); }

void PlatformModel::Start(Attempt attempt) {
  const AttemptId id = attempt.id;
  const auto [execution, is_new] = executions_.try_emplace(id);
  if (!is_new) return;
  execution->second.attempt = std::move(attempt);
  execution->second.queued = now();
  queued_.push_back(id);
}

void PlatformModel::Cancel(AttemptId attempt, const std::string& reason) {
  if (!executions_.contains(attempt)) return;
  if (std::erase(queued_, attempt) == 0) Release(attempt);
  End(attempt, Outcome::kFailed, reason, Duration::zero());
}

double PlatformModel::Uniform(double min, double max) {
  constexpr uint64_t kSteps = 1u << 20;
  return min + (max - min) * static_cast<double>(random_.Below(kSteps)) / kSteps;
}

const PlatformModel::Execution* PlatformModel::Find(AttemptId id) const {
  const auto it = executions_.find(id);
  return it == executions_.end() ? nullptr : &it->second;
}

double PlatformModel::BodySeconds(const Execution& execution) const {
  return surroundings_.task_seconds(*execution.attempt.dag, execution.attempt.task);
}

void PlatformModel::SetStarted(AttemptId id, const std::string& worker,
                               const std::string& start_type) {
  Execution& execution = executions_.at(id);
  execution.start = now();
  execution.worker = worker;
  execution.start_type = start_type;
  ++running_;
}

void PlatformModel::SetEnded(AttemptId id, Duration until_known) {
  End(id, Outcome::kSuccess, "", until_known);
}

void PlatformModel::End(AttemptId id, Outcome outcome, const std::string& reason,
                        Duration until_known) {
  const Execution execution = std::move(executions_.extract(id).mapped());
  if (execution.start) --running_;
  const Attempt& attempt = execution.attempt;
  const Task& task = attempt.dag->tasks[attempt.task];
  Report report;
  report.attempt = id;
  report.run = attempt.run.key;
  report.task_id = task.id;
  report.map_index = attempt.map_index;
  report.outcome = outcome;
  report.start_date = execution.start.value_or(now());
  report.end_date = now();
  report.hostname = execution.worker;
  report.reason = reason;
  if (!task.mapped_over_by.empty()) report.map_length = 1;
  report.usage.emplace();
  report.usage->start_type = execution.start_type;
  report.usage->environment = execution.worker;
  report.usage->queue_seconds = ToSeconds(*report.start_date - execution.queued);
  time().After(until_known,
               [this, report = std::move(report)]() mutable { sink_(std::move(report)); });
}

}  // namespace beeflow
