// One attempt, from its start to its end: the process or environment that carries it out, its log,
// its time limit, and how it is stopped.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "os/child_watch.h"
#include "os/control_groups.h"
#include "os/delay_timer.h"
#include "ports/clock.h"
#include "worker/attempt_log.h"
#include "worker/attempt_spec.h"
#include "worker/container_run.h"
#include "worker/environment_pool.h"
#include "worker/output_pump.h"
#include "worker/temp_folders.h"
#include "worker/worker_options.h"

namespace beeflow {

// What all attempts of a worker share. All of it outlives them.
struct AttemptContext {
  asio::io_context& io;
  Clock& clock;
  const WorkerOptions& options;
  EnvironmentPool& pool;
  TempFolders& temp_folders;
  ControlGroups& groups;
  AccountingGroups& container_groups;
  const std::string bash;                    // path of the program
  const std::vector<std::string> inherited;  // our environment, "NAME=value"
  const uint64_t open_files;                 // the soft limit that user code gets
  const std::string name;                    // of the worker: "host:pid"
  // An attempt's log has grown, or was shortened.
  const std::function<void(const std::string& attempt_id)> log_written;
  std::set<pid_t> watched;      // processes that attempts wait for
  int64_t out_of_memory_kills;  // of the kernel, that are accounted for
  std::optional<std::string> why_no_sandbox = std::nullopt;  // absent: not tried; "": it works
};

class RunningAttempt {
 public:
  struct Callbacks {
    std::function<void(pid_t pid)> on_running;  // its process has started
    std::function<void(Json request)> on_request;
    // Once, last; may destroy the attempt.
    std::function<void(AttemptEnd end)> on_end;
  };

  // `attempt` is the message that `spec` was read from.
  RunningAttempt(AttemptContext& context, AttemptSpec spec, Json attempt, Callbacks callbacks);
  ~RunningAttempt();
  RunningAttempt(const RunningAttempt&) = delete;
  RunningAttempt& operator=(const RunningAttempt&) = delete;

  void Begin();
  bool has_begun() const { return start_ != Time{}; }
  // Ends it: SIGTERM, and SIGKILL after the grace period. It fails with that reason; the first
  // reason counts. Before Begin it has no effect but that Begin only tells the end.
  void Stop(const std::string& reason);
  // SIGKILL now.
  void Kill();
  void Respond(const Json& response);

  const AttemptSpec& spec() const { return spec_; }
  // The one that it runs in, "host:pid/e1"; "" where it has none.
  const std::string& environment() const { return usage_.environment; }
  // When its try began: earlier, where it goes on after a deferral or a reschedule.
  Time start() const { return spec_.start_date.value_or(start_); }

 private:
  Status OpenLog();
  std::string SettleSandbox();
  std::string MissingInSandbox() const;
  void BeginKind();
  void BeginRendering();
  void OnRendered(const Json& answer);
  void BeginPython();
  Status BeginBash(const Json& run, const Json& secrets);
  SecretMask SecretsOf(const std::vector<std::string>& environment, const Json& rendered) const;
  Result<std::string> Folder();
  void MakeGroup();
  Result<std::vector<std::string>> InSandbox(std::vector<std::string> argv,
                                             const std::string& folder);
  Status SpawnBash(const std::string& folder, std::vector<std::string> environment,
                   UniqueFd output);
  void OnBashExit(int wait_status);
  // The command, or the task's Python, in a container: running_attempt_container.cc.
  struct Container {
    ContainerPlan plan;  // what its end needs of it
    std::unique_ptr<ContainerRun> run;
    std::optional<OutputPump> pump;
  };
  bool is_for_container() const { return spec_.queue == context_.options.container.queue; }
  bool is_in_container() const { return usage_.start_type == "container"; }
  std::string Describe() const;
  Result<ContainerPlan> QueuePlan() const;
  // What runs it may limit its time; in a container only the task itself does.
  std::optional<Duration> TimeLimit() const;
  void SignalContainers(int signal);
  Status BeginBashContainer();
  // `secrets` are those that the rendering has read.
  Status BeginContainer(const Json& run, const Json& secrets);
  void HideSecretsOf(const ContainerPlan& plan, const Json& secrets);
  Status BeginPythonContainer();
  Result<ContainerPlan> OperatorPlan(const Json& run) const;
  void AddPythonParts(ContainerPlan* plan) const;
  Status StartContainer(ContainerPlan plan, const std::string& suffix,
                        ContainerRun::Callbacks callbacks, std::unique_ptr<Container>* container);
  void AddContainer(const Container& container, const ContainerEnd& end);
  std::string MemoryHint(const Container& container, const ContainerEnd& end) const;
  void OnContainerFrame(Json frame);
  void OnBashContainerEnd(const ContainerEnd& end);
  void OnContainerEnd(const ContainerEnd& end);
  void OnPythonContainerEnd(const ContainerEnd& end);
  void OnRequest(Json request);
  Status BeginAskedContainer(const Json& run);
  void OnAskedContainerEnd(const ContainerEnd& end);
  std::string StartFailure(const Container& container);
  Result<Json> ContainerValue(const Container& container, const ContainerEnd& end) const;

  void SubmitJob(EnvironmentJob job);
  void Signal(int signal);
  void OnEnvironment(const EnvironmentStart& start);
  void AddUsage(AttemptEnd* end) const;
  void AddContainersUsage(AttemptEnd* end) const;
  void ExplainMemory(AttemptEnd* end) const;
  void GuessAtMemory(AttemptEnd* end) const;
  void ArmTimeout();
  void FailSoon(const std::string& reason);
  void End(AttemptEnd end);
  void LogEnd(const AttemptEnd& end);

  AttemptContext& context_;
  AttemptSpec spec_;
  Json attempt_;  // null once it was handed on
  const Callbacks callbacks_;
  Time start_{};
  std::string stop_reason_;
  std::optional<AttemptLog> log_;
  std::optional<OutputPump> pump_;
  std::optional<ChildWatch> child_;
  AttemptUsage usage_;  // what is known so far
  pid_t bash_pid_ = 0;  // while the process lives
  EnvironmentPool::JobId job_ = 0;
  BashPlan plan_;
  Json rendered_xcoms_ = Json::object();  // what the templates of the plan have pushed
  std::unique_ptr<Container> container_;  // that the attempt runs in
  std::optional<AttemptEnd> answer_;      // of the Python in it
  GroupUsage container_usage_;            // of those that have ended
  std::unique_ptr<Container> asked_;      // that an operator's Python waits for
  Json asked_id_;                         // of its request
  std::optional<AttemptEnd> late_end_;    // once `asked_` is gone
  std::string temp_folder_;
  // The limit because of which the kernel has killed a process of it.
  std::optional<double> exhausted_mb_;
  std::unique_ptr<ControlGroup> group_;  // of the command, where its limits were asked for
  DelayTimer timeout_;
  DelayTimer grace_;
  DelayTimer end_soon_;
};

}  // namespace beeflow
