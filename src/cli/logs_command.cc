// tasks logs: shows the log of a try, and follows it while it is written.
#include <algorithm>

#include "cli/commands.h"
#include "cli/log_tail.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

struct LogsOptions {
  std::string dag_id, task_id, run;
  int map_index = -1;
  int try_number = 0;  // 0: the latest
  bool follow = false;
};

// Whether the try that is shown may still write.
bool MayWrite(const TaskRecord& task, int try_number) {
  if (task.try_number > try_number) return false;
  if (task.try_number < try_number) return !IsFinished(task.state);
  return task.state == TaskState::kQueued || task.state == TaskState::kRunning ||
         task.state == TaskState::kScheduled;
}

Result<TaskInfo> FindInstance(Session& session, const LogsOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const RunRecord run, FindRun(catalog, options.dag_id, options.run));
  auto task = catalog->Task(run.key, options.task_id, options.map_index);
  if (task.ok() || task.error().code != ErrorCode::kNotFound) return task;
  BEEFLOW_ASSIGN_OR_RETURN(const auto dag, catalog->Model(options.dag_id));
  BEEFLOW_RETURN_IF_ERROR(CheckTask(*dag, options.task_id));
  return NotFound("run " + run.key.run_id + " has no instance of task '" + options.task_id + "'" +
                  (options.map_index >= 0
                       ? " with the map index " + std::to_string(options.map_index)
                       : std::string(" yet; it may be mapped: name its --map-index")));
}

Status Follow(Session& session, const LogsOptions& options, int try_number, LogTail* tail) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(const auto watch, session.environment().watch(*config, tail->path()));
  while (true) {
    // The state first: what an ended try wrote is then in the file.
    BEEFLOW_ASSIGN_OR_RETURN(const TaskInfo task, FindInstance(session, options));
    if (!MayWrite(task.record, try_number)) return tail->Finish(session.out());
    BEEFLOW_RETURN_IF_ERROR(tail->CopyTo(session.out()));
    BEEFLOW_RETURN_IF_ERROR(watch->Wait());
  }
}

Status ShowLogs(Session& session, const LogsOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(const TaskInfo task, FindInstance(session, options));
  const TaskRecord& record = task.record;
  const int latest = std::max(record.try_number, 1);
  const int try_number = options.try_number > 0 ? options.try_number : latest;
  if (try_number > latest) {
    return NotFound("task '" + options.task_id + "' has no try " + std::to_string(try_number) +
                    "; its latest is " + std::to_string(latest));
  }
  if (session.is_remote()) {
    if (options.follow) {
      return Invalid(
          "--follow works only on the server's own machine; without it, what has been "
          "written so far is shown");
    }
    BEEFLOW_ASSIGN_OR_RETURN(const std::string log, session.RemoteLog(record, try_number));
    session.out() << log;
    return Ok();
  }
  LogTail tail(config->Text("logging", "base_log_folder") + "/" +
               AttemptLogPath(record.run, record.task_id, record.map_index, try_number));
  if (options.follow) return Follow(session, options, try_number, &tail);
  if (tail.Exists()) return tail.Finish(session.out());
  const std::string_view state = ToString(record.state);
  return NotFound("task '" + options.task_id + "' (" +
                  std::string(state.empty() ? "not scheduled yet" : state) +
                  ") has no log for try " + std::to_string(try_number) + "; it would be " +
                  tail.path());
}

}  // namespace

void AddLogsCommand(CLI::App* tasks, Commands* commands) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App* verb = tasks->add_subcommand("logs", "Show the log of a task instance");
  verb->add_option("dag_id", options->dag_id)->required();
  verb->add_option("task_id", options->task_id)->required();
  verb->add_option("execution_date_or_run_id", options->run)->required();
  verb->add_option("--map-index", options->map_index, "Of a mapped task")
      ->check(CLI::Range(-1, 1'000'000));
  verb->add_option("--try-number,--try", options->try_number, "Which try; default: the latest")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_flag("-f,--follow", options->follow, "Go on until the try has ended");
  AddIgnoredOptions(verb);
  commands->On(verb, [options](Session& session) { return ShowLogs(session, *options); });
}

}  // namespace beeflow
