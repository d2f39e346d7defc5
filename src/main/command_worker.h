// A worker process of one command's own, in a temporary folder: it has the author's code do what
// the command wants and records nothing. It works beside a server and without one.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <string>

#include "cli/environment.h"
#include "executor/function_executor.h"
#include "main/temporary_folder.h"
#include "os/system_clock.h"
#include "ports/request_store.h"

namespace beeflow {

class CommandWorker {
 public:
  explicit CommandWorker(const Config& config);
  ~CommandWorker();

  // Runs one attempt; what it logs goes to stdout as it is written. kUnavailable where the user
  // interrupted it, after it has ended.
  Result<Report> Run(Attempt attempt);
  // See FunctionExecutor::Ask.
  Result<Json> Ask(const std::string& file, const std::string& version, Json request,
                   std::optional<Duration> limit = std::nullopt);

 private:
  Status Start();
  WorkerChannelOptions Channel();
  void OnReport(const NumberedReport& numbered);
  void Answer(const std::string& method, const Json& params,
              const std::function<void(const Result<Json>&)>& respond);

  const Config config_;
  const TemporaryFolder folder_;
  SystemClock clock_;
  asio::io_context io_;
  std::string run_id_;  // of the attempt
  std::optional<Report> report_;
  std::unique_ptr<RequestStore> requests_;
  std::unique_ptr<FunctionExecutor> executor_;
};

// The commands that need one.
Status TestTask(const Config& config, const TaskTest& test);
Result<RenderedFields> RenderTask(const Config& config, const TaskTest& test);
Result<DataInterval> AskManualInterval(const Config& config,
                                       const ManualIntervalQuestion& question);
Result<ConnectionTest> TestConnection(const Config& config, const std::string& conn_id);
// The same with one that is not stored.
Result<ConnectionTest> TryConnection(const Config& config, const StoredConnection& connection);

// What FunctionExecutor::Ask takes to ask the code of a task instance.
struct TaskQuestion {
  std::string file;
  std::string version;
  Json request;
};
Result<TaskQuestion> QuestionAbout(const Config& config, const TaskTest& test,
                                   const std::string& op);
RenderedFields RenderedFieldsFrom(const Json& answer);

}  // namespace beeflow
