// What follows from an executor's report: success, failure, retry, skips.
#include <utility>

#include "base/json.h"
#include "scheduler/scheduler.h"

namespace beeflow {
namespace {

// What becomes of a task instance whose attempt ends so, if it is not tried again.
TaskState EndedBy(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSuccess:
    case Outcome::kTriggered:
      return TaskState::kSuccess;
    case Outcome::kSkipped:
      return TaskState::kSkipped;
    case Outcome::kDeferred:
      return TaskState::kDeferred;
    case Outcome::kRescheduled:
      return TaskState::kUpForReschedule;
    case Outcome::kRunning:
    case Outcome::kFailed:
    case Outcome::kFailedWithoutRetry:
    case Outcome::kLost:
      break;
  }
  return TaskState::kFailed;
}

// Of an attempt that its task instance has gone on without, what it took is all that counts.
void RecordFenced(const Report& report, Time now, std::vector<Transition>* out) {
  if (report.outcome == Outcome::kRunning || !report.usage) return;
  out->push_back(RecordAttempt{report.run, report.task_id, report.map_index, report.attempt,
                               report.try_number, EndedBy(report.outcome), report.start_date,
                               report.end_date.value_or(now), report.hostname, *report.usage,
                               report.reason});
}

}  // namespace

bool Scheduler::OnReport(const Report& report, Time now, std::vector<Transition>* out) {
  const RunPtr run = FindRun(report.run);
  const auto index =
      run && !run->slots.empty() ? run->dag->Find(report.task_id) : std::optional<TaskIndex>();
  const auto task = index ? run->SlotOf(*index, report.map_index) : std::nullopt;
  const bool is_current = task && run->slots[*task].attempt == report.attempt &&
                          MayHaveAttempt(run->slots[*task].state);
  if (!is_current) {
    RecordFenced(report, now, out);
    return true;
  }
  TaskSlot& slot = run->slots[*task];
  if (slot.decided) return false;
  if (slot.state == TaskState::kDeferred) {
    OnTrigger(run.get(), *task, report, now, out);
  } else if (report.outcome == Outcome::kDeferred && report.deferral) {
    OnDeferred(run.get(), *task, report, now, out);
  } else if (report.outcome != Outcome::kRunning) {
    OnEnd(run.get(), *task, report, now, out);
  } else if (slot.state == TaskState::kQueued) {
    ChangeTask& change = Change(run.get(), *task, TaskState::kRunning, out);
    change.start_date = report.start_date.value_or(now);
    change.hostname = report.hostname;
    change.pid = report.pid;
  }
  return true;
}

std::vector<DatasetEvent> EventsOfOutlets(const Task& task) {
  std::vector<DatasetEvent> events;
  for (const Outlet& outlet : task.outlets) {
    const bool is_alias = outlet.dataset.starts_with("alias:");
    if (!is_alias) events.push_back({outlet.dataset, "", outlet.extra});
  }
  return events;
}

// It waits for a trigger, which gets an attempt of its own.
void Scheduler::OnDeferred(Run* run, SlotIndex task, const Report& report, Time now,
                           std::vector<Transition>* out) {
  if (run->slots[task].state == TaskState::kRestarting) return OnEnd(run, task, report, now, out);
  run->slots[task].ended = true;
  ChangeTask& change = Change(run, task, TaskState::kDeferred, out);
  change.attempt = NewAttemptId();
  change.start_date = report.start_date;
  change.hostname = report.hostname;
  change.pid = report.pid;
  change.deferral = report.deferral;
  change.trigger_since = now;
  change.xcoms = report.xcoms;
  change.usage = report.usage;
}

void Scheduler::OnTrigger(Run* run, SlotIndex task, const Report& report, Time now,
                          std::vector<Transition>* out) {
  if (report.outcome == Outcome::kRunning) return;
  if (report.outcome == Outcome::kLost) {  // nothing happened yet: it waits on
    run->slots[task].ended = true;
    Change(run, task, TaskState::kDeferred, out).attempt = NewAttemptId();
  } else if (report.outcome == Outcome::kTriggered) {
    run->slots[task].ended = true;
    ChangeTask& change = Change(run, task, TaskState::kScheduled, out);
    change.attempt = 0;
    change.event = report.event;
  } else {
    OnEnd(run, task, report, now, out);
  }
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
  if (report.outcome == Outcome::kRescheduled && !restarting) to = TaskState::kUpForReschedule;
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
  change.rendered_map_index = report.rendered_map_index;
  change.usage = report.usage;
  if (to == TaskState::kUpForReschedule) change.reschedule_date = report.reschedule_date;
  if (to != TaskState::kSuccess) return;
  change.dataset_events =
      report.dataset_events ? *report.dataset_events : EventsOfOutlets(run->Model(task));
  if (report.skip_tasks.empty()) return;
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
