#include "api/task_tries.h"

#include <algorithm>
#include <map>

namespace beeflow {
namespace {

std::optional<Time> Earlier(std::optional<Time> a, std::optional<Time> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// A try that failed has ended, though its task instance is tried again.
TaskState EndOf(const AttemptInfo& attempt) {
  const TaskState state = ParseTaskState(attempt.state).value_or(TaskState::kNone);
  return state == TaskState::kUpForRetry ? TaskState::kFailed : state;
}

void Include(const AttemptInfo& attempt, TaskEntry* entry) {
  TaskRecord& record = entry->info.record;
  record.start_date = Earlier(record.start_date, attempt.start_date);
  record.end_date = attempt.end_date;
  record.state = EndOf(attempt);
  if (record.start_date && record.end_date) {
    entry->info.duration = ToSeconds(*record.end_date - *record.start_date);
  }
}

TaskEntry EmptyTry(const TaskEntry& task, int try_number) {
  TaskEntry entry = task;
  entry.trigger.reset();
  entry.info.pid = 0;
  entry.info.queued_at.reset();
  entry.info.duration.reset();
  TaskRecord& record = entry.info.record;
  record.try_number = try_number;
  record.start_date.reset();
  record.end_date.reset();
  record.state = TaskState::kNone;
  return entry;
}

}  // namespace

std::vector<TaskEntry> TriesOf(const TaskEntry& task, const std::vector<AttemptInfo>& attempts) {
  std::map<int, TaskEntry> tries;
  for (const AttemptInfo& attempt : attempts) {
    const auto [entry, is_new] =
        tries.try_emplace(attempt.try_number, EmptyTry(task, attempt.try_number));
    Include(attempt, &entry->second);
  }
  const TaskRecord& now = task.info.record;
  const bool was_cleared = now.state == TaskState::kNone && tries.contains(now.try_number);
  if (now.try_number > 0 && !was_cleared) tries.insert_or_assign(now.try_number, task);
  std::vector<TaskEntry> list;
  for (auto& [number, entry] : tries) list.push_back(std::move(entry));
  return list;
}

}  // namespace beeflow
