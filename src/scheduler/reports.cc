// What follows from an executor's report: success, failure, retry, skips.
#include <utility>

#include "base/json.h"
#include "scheduler/scheduler.h"

namespace beeflow {

bool Scheduler::OnReport(const Report& report, Time now, std::vector<Transition>* out) {
  const RunPtr run = FindRun(report.run);
  if (!run || run->slots.empty()) return true;
  const auto index = run->dag->Find(report.task_id);
  const auto task = index ? run->SlotOf(*index, report.map_index) : std::nullopt;
  if (!task) return true;
  TaskSlot& slot = run->slots[*task];
  if (slot.attempt != report.attempt || !HoldsSlot(slot.state)) return true;  // fenced
  if (slot.decided) return false;
  if (report.outcome != Outcome::kRunning) {
    OnEnd(run.get(), *task, report, now, out);
  } else if (slot.state == TaskState::kQueued) {
    ChangeTask& change = Change(run.get(), *task, TaskState::kRunning, out);
    change.start_date = report.start_date.value_or(now);
    change.hostname = report.hostname;
    change.pid = report.pid;
  }
  return true;
}

void Scheduler::OnEnd(Run* run, SlotIndex task, const Report& report, Time now,
                      std::vector<Transition>* out) {
  const TaskSlot& slot = run->slots[task];
  const bool restarting = slot.state == TaskState::kRestarting;
  const bool failed = report.outcome == Outcome::kFailed || report.outcome == Outcome::kLost ||
                      report.outcome == Outcome::kFailedWithoutRetry;
  TaskState to = report.outcome == Outcome::kSkipped ? TaskState::kSkipped : TaskState::kSuccess;
  if (failed) {
    const bool may_retry =
        report.outcome != Outcome::kFailedWithoutRetry && slot.try_number <= slot.max_tries;
    to = may_retry ? TaskState::kUpForRetry : TaskState::kFailed;
  }
  // Cleared while it ran: it is tried again whatever its end, as in Airflow.
  if (restarting) to = TaskState::kUpForRetry;
  run->slots[task].ended = true;
  ChangeTask& change = Change(run, task, to, out);
  change.start_date = report.start_date;
  change.end_date = report.end_date.value_or(now);
  change.hostname = report.hostname;
  change.pid = report.pid;
  change.task_failed = failed;
  change.reason = report.reason;
  change.xcoms = report.xcoms;
  change.map_length = report.map_length;
  if (to != TaskState::kSuccess || report.skip_tasks.empty()) return;
  // As Airflow keeps it: who is cleared later without this task stays skipped.
  change.xcoms.emplace_back("skipmixin_key", DumpJson({{"skipped", report.skip_tasks}}));
  for (const std::string& id : report.skip_tasks) {
    const auto skip = run->dag->Find(id);
    if (!skip) continue;
    for (const SlotIndex skipped : run->FedBy(task, *skip)) {
      const TaskSlot& target = run->slots[skipped];
      const bool open = target.state == TaskState::kNone || target.state == TaskState::kScheduled;
      if (target.exists && open && !target.decided) {
        FinishUnrun(run, skipped, TaskState::kSkipped, now, out);
      }
    }
  }
}

}  // namespace beeflow
