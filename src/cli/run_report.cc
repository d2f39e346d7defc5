#include "cli/run_report.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "ports/log_path.h"

namespace beeflow {
namespace {

std::string NameOf(const TaskRecord& task) {
  if (task.map_index < 0) return task.task_id;
  return task.task_id + "[" + std::to_string(task.map_index) + "]";
}

bool WorthTelling(TaskState state) {
  switch (state) {
    case TaskState::kRunning:
    case TaskState::kUpForRetry:
    case TaskState::kUpForReschedule:
    case TaskState::kDeferred:
      return true;
    default:
      return IsFinished(state);
  }
}

// The try has not ended, and may go on in the same log file.
bool MayWrite(TaskState state) {
  return !IsFinished(state) && state != TaskState::kUpForRetry && state != TaskState::kNone;
}

// That a task runs is told before what it logs.
bool HasBegun(TaskState state) {
  return state != TaskState::kScheduled && state != TaskState::kQueued;
}

}  // namespace

std::string RunReport::LogPath(const TaskRecord& task) const {
  return log_folder_ + "/" +
         AttemptLogPath(task.run, task.task_id, task.map_index, std::max(1, task.try_number));
}

void RunReport::LeaveOut(const std::string& folder) {
  std::error_code failed;
  for (std::filesystem::recursive_directory_iterator it(folder, failed), end; !failed && it != end;
       it.increment(failed)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) {
      left_out_[it->path()] = static_cast<std::streamoff>(it->file_size(ignored));
    }
  }
}

Status RunReport::Update(const RunKey& run) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<TaskInfo> tasks, catalog_.Tasks(run));
  for (const TaskInfo& task : tasks) {
    const TaskRecord& record = task.record;
    const auto state = std::pair(record.state, record.try_number);
    const auto [known, is_new] = told_.try_emplace({record.task_id, record.map_index}, state);
    if (!is_new && known->second == state) continue;
    known->second = state;
    BEEFLOW_RETURN_IF_ERROR(Tell(record));
  }
  return CopyLogs();
}

Status RunReport::Tell(const TaskRecord& task) {
  const auto key = std::pair(Instance(task.task_id, task.map_index), std::max(1, task.try_number));
  if (with_logs_ && task.try_number > 0 && HasBegun(task.state)) {
    const std::string path = LogPath(task);
    const auto left_out = left_out_.find(path);
    const auto [tail, is_new] = open_.try_emplace(
        key, path, "[" + NameOf(task) + "] ", left_out == left_out_.end() ? 0 : left_out->second);
    // An end is committed after all that the try has logged.
    if (!MayWrite(task.state)) {
      BEEFLOW_RETURN_IF_ERROR(tail->second.Finish(out_));
      open_.erase(tail);
    }
  }
  if (!WorthTelling(task.state)) return Ok();
  std::string line = "task " + NameOf(task) + ": " + std::string(ToString(task.state));
  if (task.try_number > 1) line += " (try " + std::to_string(task.try_number) + ")";
  const bool failed = task.state == TaskState::kFailed || task.state == TaskState::kUpForRetry;
  if (failed && !with_logs_) line += "; log: " + LogPath(task);
  if (task.state == TaskState::kFailed) failed_.push_back(NameOf(task));
  out_ << line << '\n' << std::flush;
  return Ok();
}

Status RunReport::CopyLogs() {
  for (auto& [key, tail] : open_) BEEFLOW_RETURN_IF_ERROR(tail.CopyTo(out_));
  return Ok();
}

}  // namespace beeflow
