// One container, from its start to its removal: the engine's process, the connection to what runs
// in it, and the folder that tells a later worker of it while it may exist.
//
// Threads: all on the thread of the io_context. No callback comes from within a method; on_end may
// destroy the ContainerRun.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "os/accounting_group.h"
#include "os/child_watch.h"
#include "os/delay_timer.h"
#include "os/unique_fd.h"
#include "worker/container_engine.h"
#include "worker/frame_socket.h"

namespace beeflow {

struct ContainerEnd {
  bool has_started = false;     // else the engine has said why on the output
  int wait_status = 0;          // of the engine, which ends as the container's first process does
  std::string result;           // what the container wrote to the plan's result_path
  std::optional<Time> started;  // when the engine had made the container
  GroupUsage usage;             // of all its processes
};

class ContainerRun {
 public:
  struct Request {
    std::string name;  // unique on this host
    std::string parent_folder;
    ContainerPlan plan;
    std::unique_ptr<AccountingGroup> group;  // that it is put below; null: none
    std::vector<std::string> inherited;      // our environment
    UniqueFd output;                         // becomes standard output and error
    bool has_socket = false;                 // descriptor 3 is a connection to us
  };
  struct Callbacks {
    std::function<void(Json message)> on_frame;
    std::function<void(ContainerEnd end)> on_end;  // once: the container is gone
  };

  // `watched` has its processes that it waits for, while they live; it outlives this.
  static Result<std::unique_ptr<ContainerRun>> Start(asio::io_context& io, std::set<pid_t>& watched,
                                                     const ContainerEngine& engine, Request request,
                                                     Callbacks callbacks);
  // What still runs is killed; its removal is left to RemoveLeftContainers.
  ~ContainerRun();
  ContainerRun(const ContainerRun&) = delete;
  ContainerRun& operator=(const ContainerRun&) = delete;

  void Stop();  // SIGTERM to the first process of the container
  void Kill();  // ends and removes it, however far it has come
  void Send(const Json& message, UniqueFd descriptor = {});
  void CloseSocket();

  pid_t pid() const { return engine_pid_; }  // of the engine

 private:
  ContainerRun(asio::io_context& io, std::set<pid_t>& watched, ContainerEngine engine,
               Callbacks callbacks);
  Status Prepare(Request* request);
  Status Spawn(const Request& request);
  void OnEngineExit(int wait_status);
  void Remove();
  void OnRemoved(bool failed);
  void EndIfGone();
  std::string ReadResult() const;

  asio::io_context& io_;
  std::set<pid_t>& watched_;
  const ContainerEngine engine_;
  const Callbacks callbacks_;
  ContainerIdentity identity_;
  std::string result_file_;  // on the host; "": none
  std::unique_ptr<AccountingGroup> group_;
  std::unique_ptr<FrameSocket> socket_;
  std::optional<ChildWatch> engine_watch_;
  std::optional<ChildWatch> remover_watch_;
  pid_t engine_pid_ = 0;   // while it lives
  pid_t remover_pid_ = 0;  // while it lives
  bool is_killed_ = false;
  bool removes_again_ = false;  // once the remover has ended
  int failed_removals_ = 0;     // one after the other
  DelayTimer remove_later_;     // armed: after a removal that failed
  ContainerEnd end_;
};

// Removes what ContainerRuns of a process that is gone may have left behind in that parent folder,
// and waits for it. Quick where there is nothing.
void RemoveLeftContainers(const ContainerOptions& options);

}  // namespace beeflow
