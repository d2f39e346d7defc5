#include "platforms/sairflow_model.h"

#include <algorithm>
#include <utility>

namespace beeflow {

Time SairflowModel::Delivered(Time commit) {
  const bool quiet = commit - changed_ > Seconds(options_.cdc_quiet_after_seconds);
  changed_ = std::max(changed_, commit);
  const double hop = quiet ? options_.cdc_quiet_seconds : options_.cdc_busy_seconds;
  delivered_ = std::max(delivered_, commit + Seconds(hop));
  return delivered_;
}

void SairflowModel::Take(const std::vector<AttemptId>& queued, int runs_started) {
  const double pass = options_.pass_seconds +
                      options_.pass_task_seconds * static_cast<double>(queued.size()) +
                      options_.pass_run_seconds * runs_started;
  pass_end_ = now() + Seconds(pass);
  if (queued.empty()) return;
  const Time arrival = Delivered(pass_end_);
  for (const AttemptId id : queued) {
    const double invoke = Uniform(options_.invoke_seconds_min, options_.invoke_seconds_max);
    time().After(arrival + Seconds(invoke) - now(), [this, id] { Invoke(id); });
  }
}

bool SairflowModel::NeedsContainer(const Execution& execution) const {
  const Task& task = execution.attempt.dag->tasks[execution.attempt.task];
  return task.queue == "container" || task.run.find(R"("kind":"container)") != std::string::npos ||
         BodySeconds(execution) > options_.function_seconds_max;
}

void SairflowModel::Invoke(AttemptId id) {
  const Execution* execution = Find(id);
  if (!execution) return;
  CountWorkers(++busy_);
  Plan plan;
  plan.overhead_seconds = options_.overhead_cold_seconds;
  double start = 0;
  std::erase_if(idle_, [this](const Function& function) {
    return now() - function.used > Seconds(options_.keep_alive_seconds);
  });
  if (NeedsContainer(*execution)) {
    plan.start_type = "container";
    start = Uniform(options_.container_seconds_min, options_.container_seconds_max);
  } else if (idle_.empty()) {
    plan.function.number = ++last_function_;
    plan.start_type = "cold";
    start = Uniform(options_.cold_seconds_min, options_.cold_seconds_max);
  } else {
    plan.function = idle_.back();
    idle_.pop_back();
    plan.start_type = "warm";
    const bool hot = now() - plan.function.used <= Seconds(options_.idle_after_seconds);
    plan.overhead_seconds = hot ? options_.overhead_hot_seconds : options_.overhead_idle_seconds;
  }
  plans_[id] = plan;
  time().After(Seconds(start), [this, id, plan] { AskDatabase(id, plan); });
}

void SairflowModel::AskDatabase(AttemptId id, Plan plan) {
  if (!Find(id)) return;
  database_free_ = std::max(database_free_, now()) + Seconds(options_.database_start_seconds);
  time().After(database_free_ - now(), [this, id, plan = std::move(plan)] { Begin(id, plan); });
}

void SairflowModel::Begin(AttemptId id, const Plan& plan) {
  const Execution* execution = Find(id);
  if (!execution) return;
  const std::string name = plan.start_type == "container"
                               ? "container"
                               : "function" + std::to_string(plan.function.number);
  SetStarted(id, name, plan.start_type);
  changed_ = std::max(changed_, now());  // the row says so
  const double body = BodySeconds(*execution) + plan.overhead_seconds;
  time().After(Seconds(body), [this, id] {
    if (!Find(id)) return;
    const int others = std::max(0, running() - options_.database_tasks_free);
    time().After(Seconds(options_.database_slope_seconds * others), [this, id] { Finish(id); });
  });
}

void SairflowModel::Finish(AttemptId id) {
  if (!Find(id)) return;
  SetEnded(id, Delivered(now()) - now());
  Release(id);
}

void SairflowModel::Release(AttemptId id) {
  const auto node = plans_.extract(id);
  if (node.empty()) return;
  --busy_;
  Function function = node.mapped().function;
  function.used = now();
  if (function.number > 0) idle_.push_back(function);
}

}  // namespace beeflow
