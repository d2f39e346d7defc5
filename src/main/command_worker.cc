#include "main/command_worker.h"

#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <utility>

#include "cli/log_tail.h"
#include "executor/attempt_message.h"
#include "main/answer_task.h"
#include "main/database.h"
#include "main/processes.h"
#include "os/folder_write_signal.h"
#include "ports/connection_uri.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

constexpr AttemptId kAttempt = 1;

Result<Attempt> MakeAttempt(const Config& config, const TaskTest& test) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto catalog, OpenCatalog(config));
  BEEFLOW_ASSIGN_OR_RETURN(const DagInfo dag, catalog->Dag(test.dag_id));
  Attempt attempt;
  BEEFLOW_ASSIGN_OR_RETURN(attempt.dag, catalog->Model(test.dag_id));
  const auto task = attempt.dag->Find(test.task_id);
  if (!task) return NotFound("DAG " + test.dag_id + " has no task " + test.task_id);
  attempt.id = kAttempt;
  attempt.task = *task;
  attempt.map_index = test.map_index;
  attempt.file = dag.record.file;
  attempt.dag_hash = dag.record.dag_hash;
  attempt.run = test.run;
  return attempt;
}

}  // namespace

CommandWorker::CommandWorker(const Config& config) : config_(config), folder_("beeflow-command") {}

CommandWorker::~CommandWorker() = default;

Status CommandWorker::Start() {
  if (executor_) return Ok();
  if (folder_.path().empty()) return Unavailable("cannot create a folder for temporary files");
  ExportAirflowVariables(config_);
  FunctionExecutor::Callbacks callbacks;
  callbacks.on_report = [this](const NumberedReport& report) { OnReport(report); };
  callbacks.on_request = [this](const std::string& method, const Json& params, auto respond) {
    Answer(method, params, respond);
  };
  callbacks.limits_of = [this](const std::string& queue) { return LimitsOfQueue(config_, queue); };
  BEEFLOW_ASSIGN_OR_RETURN(executor_,
                           FunctionExecutor::Listen(io_, clock_, Channel(), std::move(callbacks)));
  return Ok();
}

WorkerChannelOptions CommandWorker::Channel() {
  Config own = config_;
  const Status logs = own.Override("logging", "base_log_folder", folder_.path(), "one command");
  const Status alive = own.Override("worker", "keep_alive_seconds", "0", "one command");
  BEEFLOW_CHECK(logs.ok() && alive.ok());
  return ChannelOptionsIn(own, folder_.path());
}

Result<Report> CommandWorker::Run(Attempt attempt) {
  BEEFLOW_RETURN_IF_ERROR(Start());
  run_id_ = attempt.run.key.run_id;
  const std::string task_id = attempt.dag->tasks.at(attempt.task).id;
  LogTail tail(folder_.path() + "/" +
               AttemptLogPath(attempt.run.key, task_id, attempt.map_index, attempt.try_number));
  const std::string log_folder = std::filesystem::path(tail.path()).parent_path();
  std::error_code failed;
  std::filesystem::create_directories(log_folder, failed);
  BEEFLOW_ASSIGN_OR_RETURN(const auto written, FolderWriteSignal::Watch(io_, log_folder, [&tail] {
                             (void)tail.CopyTo(std::cout);  // it is read once more at the end
                           }));
  asio::signal_set signals(io_, SIGINT, SIGTERM);
  bool interrupted = false;
  signals.async_wait([&](const std::error_code& error, int) {
    if (error) return;
    interrupted = true;
    executor_->Cancel(kAttempt, "interrupted");
  });
  executor_->Start(std::move(attempt));
  io_.run();
  BEEFLOW_RETURN_IF_ERROR(tail.Finish(std::cout));
  if (interrupted) return Unavailable("interrupted; the task was ended");
  return *report_;
}

void CommandWorker::OnReport(const NumberedReport& numbered) {
  executor_->Acknowledge({numbered.number});
  if (numbered.report.outcome == Outcome::kRunning) return;
  report_ = numbered.report;
  // The acknowledgement is to leave first.
  asio::post(io_, [this] { io_.stop(); });
}

Result<Json> CommandWorker::Ask(const std::string& file, const std::string& version, Json request,
                                std::optional<Duration> limit) {
  BEEFLOW_RETURN_IF_ERROR(Start());
  std::optional<Result<Json>> answer;
  const auto done = [&](const Result<Json>& given) {
    answer = given;
    io_.stop();
  };
  executor_->Ask(file, version, std::move(request), done, limit);
  asio::signal_set signals(io_, SIGINT, SIGTERM);
  signals.async_wait([&](const std::error_code& error, int) {
    if (error || answer) return;
    answer = Unavailable("interrupted");
    io_.stop();
  });
  io_.restart();
  io_.run();
  return *answer;
}

void CommandWorker::Answer(const std::string& method, const Json& params,
                           const std::function<void(const Result<Json>&)>& respond) {
  // The run that is tested is not to be changed, if it is in the database at all.
  const bool changes_xcoms = method == "xcom_set" || method == "xcom_clear";
  if (changes_xcoms && params.value("run_id", Json()) == run_id_) return respond(Json());
  if (!requests_) {
    auto opened = OpenRequests(config_);
    if (!opened.ok()) return respond(opened.error());
    requests_ = std::move(*opened);
  }
  AnswerTask({requests_.get(), clock_.Now(), config_.Integer("core", "max_xcom_bytes")},
             executor_.get(), method, params, respond);
}

Status TestTask(const Config& config, const TaskTest& test) {
  BEEFLOW_ASSIGN_OR_RETURN(Attempt attempt, MakeAttempt(config, test));
  BEEFLOW_ASSIGN_OR_RETURN(const Report report, CommandWorker(config).Run(std::move(attempt)));
  const std::string name = "task " + test.dag_id + "." + test.task_id;
  switch (report.outcome) {
    case Outcome::kSuccess:
      std::cout << name << " succeeded" << std::endl;
      return Ok();
    case Outcome::kSkipped:
      std::cout << name << " was skipped" << std::endl;
      return Ok();
    default:
      return Internal(name + " failed: " + report.reason);
  }
}

Result<TaskQuestion> QuestionAbout(const Config& config, const TaskTest& test,
                                   const std::string& op) {
  BEEFLOW_ASSIGN_OR_RETURN(const Attempt attempt, MakeAttempt(config, test));
  const AttemptLimits limits = LimitsOfQueue(config, attempt.dag->tasks.at(attempt.task).queue);
  return TaskQuestion{
      attempt.file, attempt.dag_hash, {{"op", op}, {"attempt", AttemptToJson(attempt, limits)}}};
}

RenderedFields RenderedFieldsFrom(const Json& answer) {
  RenderedFields fields;
  for (const Json& field : answer.value("fields", Json::array())) {
    fields.push_back({field.at(0).get<std::string>(), field.at(1).get<std::string>(), field.at(2)});
  }
  return fields;
}

Result<RenderedFields> RenderTask(const Config& config, const TaskTest& test) {
  BEEFLOW_ASSIGN_OR_RETURN(TaskQuestion asked, QuestionAbout(config, test, "rendered_fields"));
  BEEFLOW_ASSIGN_OR_RETURN(const Json answer, CommandWorker(config).Ask(asked.file, asked.version,
                                                                        std::move(asked.request)));
  return RenderedFieldsFrom(answer);
}

Result<DataInterval> AskManualInterval(const Config& config,
                                       const ManualIntervalQuestion& question) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json answer,
      CommandWorker(config).Ask(question.file, question.dag_hash, ManualIntervalRequest(question)));
  return IntervalFromJson(answer);
}

namespace {

Result<ConnectionTest> AskForTest(const Config& config, Json request) {
  request["op"] = "test_connection";
  const Duration limit = Seconds(config.Number("core", "test_connection_timeout"));
  const auto answer = CommandWorker(config).Ask("", "", std::move(request), limit);
  if (!answer.ok() && answer.error().code == ErrorCode::kUnavailable) {
    return ConnectionTest{false, answer.error().message};
  }
  if (!answer.ok()) return answer.error();
  JsonReader in(*answer, "the answer to test_connection");
  ConnectionTest test;
  test.works = in.Boolean("works", false);
  test.message = in.String("message");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return test;
}

}  // namespace

Result<ConnectionTest> TestConnection(const Config& config, const std::string& conn_id) {
  return AskForTest(config, {{"conn_id", conn_id}});
}

Result<ConnectionTest> TryConnection(const Config& config, const StoredConnection& connection) {
  return AskForTest(config,
                    {{"conn_id", connection.conn_id}, {"uri", FormatConnectionUri(connection)}});
}

}  // namespace beeflow
