#include "platforms/beeflow_model.h"

#include <algorithm>

namespace beeflow {

void BeeflowModel::Take(const std::vector<AttemptId>& queued, int /*runs_started*/) {
  for (const AttemptId id : queued) {
    const bool first = busy_ == 0 && now() - used_ > Seconds(options_.keep_alive_seconds);
    if (first) spawner_free_ = now() + Seconds(options_.first_start_seconds);
    std::string start_type;
    const Duration start = StartOf(*Find(id), &start_type);
    spawner_free_ = std::max(spawner_free_, now() + Seconds(options_.hop_seconds)) + start;
    CountWorkers(++busy_);
    time().After(spawner_free_ - now(), [this, id, start_type] { Begin(id, start_type); });
  }
}

Duration BeeflowModel::StartOf(const Execution& execution, std::string* start_type) {
  const Attempt& attempt = execution.attempt;
  if (attempt.dag->tasks[attempt.task].run_kind != RunKind::kPython) {
    *start_type = "direct";
    return Seconds(options_.bash_start_seconds);
  }
  files_[attempt.id] = attempt.file;
  Environments& idle = idle_[attempt.file];
  std::erase_if(idle,
                [this](Time used) { return now() - used > Seconds(options_.keep_alive_seconds); });
  *start_type = idle.empty() ? "cold" : "warm";
  if (idle.empty()) return Seconds(options_.python_cold_seconds);
  idle.pop_back();
  return Seconds(options_.python_start_seconds);
}

void BeeflowModel::Begin(AttemptId id, const std::string& start_type) {
  const Execution* execution = Find(id);
  if (!execution) return;
  SetStarted(id, "host", start_type);
  time().After(Seconds(BodySeconds(*execution) + options_.overhead_seconds), [this, id] {
    if (!Find(id)) return;
    SetEnded(id, Duration::zero());
    Release(id);
  });
}

void BeeflowModel::Release(AttemptId id) {
  --busy_;
  used_ = now();
  const auto file = files_.extract(id);
  if (!file.empty()) idle_[file.mapped()].push_back(now());
}

}  // namespace beeflow
