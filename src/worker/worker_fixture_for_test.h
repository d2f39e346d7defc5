// A worker process in a temporary home, and the control side of its attempt channel.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <asio/local/stream_protocol.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/child_watch.h"
#include "os/event_loop_for_test.h"
#include "os/lock_file.h"
#include "os/process.h"
#include "os/temp_folder_for_test.h"
#include "worker/frame_socket.h"

namespace beeflow {

class WorkerFixture : public testing::Test {
 protected:
  using Protocol = asio::local::stream_protocol;

  ~WorkerFixture() override {
    watch_.reset();
    if (pid_ != 0 && !exit_status_) {
      // The guard first tells the worker, which then kills all.
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      RunUntil(io_, [this] { return !LockFile::IsHeld(temp_ / "worker.lock"); });
    }
  }

  std::string SocketPath() const { return temp_ / "attempts.sock"; }

  // Starts to listen as a new control process.
  void Listen() {
    CloseControl();
    acceptor_.emplace(io_, Protocol::endpoint(SocketPath()));
    Accept();
  }

  void CloseControl() {
    connection_.reset();
    acceptor_.reset();
    std::filesystem::remove(SocketPath());
  }

  void Accept() {
    acceptor_->async_accept([this](std::error_code error, Protocol::socket socket) {
      if (error) return;
      FrameSocket::Callbacks callbacks;
      callbacks.on_frame = [this](Json message) {
        if (auto_ack_ && message["op"] == "report") Ack({message["report"].get<int>()});
        messages_.push_back(std::move(message));
      };
      callbacks.on_closed = [this](const std::string&) { connection_.reset(); };
      connection_ = std::make_unique<FrameSocket>(io_, UniqueFd(socket.release()), callbacks);
      Accept();
    });
  }

  void StartWorker(const std::vector<std::string>& arguments = {}) {
    SpawnRequest request;
    request.argv = {WORKER_PROCESS, "home=" + temp_.path(), "python_path=" PYTHON_PATH};
    request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
    Result<SpawnedProcess> process = Spawn(request);
    ASSERT_TRUE(process.ok()) << process.error().message;
    pid_ = process->pid;
    exit_status_.reset();
    watch_.emplace(io_, pid_, std::move(process->pidfd), Leftovers::kKeep,
                   [this](std::optional<int> status) { exit_status_ = status; });
  }

  // Listens, starts a worker and waits for its hello.
  void StartBoth(const std::vector<std::string>& arguments = {}) {
    Listen();
    StartWorker(arguments);
    hello_ = WaitFor("hello");
    ASSERT_TRUE(hello_.is_object());
  }

  void Send(const Json& message) { connection_->Send(message); }
  void Ack(const std::vector<int>& reports) { Send({{"op", "ack"}, {"reports", reports}}); }

  Json Bash(const std::string& command) const { return {{"kind", "bash"}, {"command", command}}; }

  // The attempt's fields; those in `more` replace the usual ones.
  Json Attempt(const std::string& id, const Json& run, const Json& more = Json::object()) const {
    Json attempt = {{"attempt_id", id},
                    {"dag_id", "dag"},
                    {"run_id", "run1"},
                    {"task_id", "task_" + id},
                    {"map_index", -1},
                    {"try_number", 1},
                    {"max_tries", 0},
                    {"file", temp_ / "dag.py"},
                    {"version", "v1"},
                    {"queue", "default"},
                    {"run", run},
                    {"execution_timeout", nullptr},
                    {"do_xcom_push", true},
                    {"log", id + "/attempt=1.log"},
                    {"logical_date", "2026-01-01T00:00:00+00:00"},
                    {"data_interval_start", "2026-01-01T00:00:00+00:00"},
                    {"data_interval_end", "2026-01-02T00:00:00+00:00"},
                    {"run_start_date", "2026-01-02T00:00:00+00:00"},
                    {"run_type", "manual"},
                    {"external_trigger", true},
                    {"conf", Json::object()}};
    attempt.update(more);
    return attempt;
  }

  void Start(const std::string& id, const Json& run, const Json& more = Json::object()) {
    Send({{"op", "start"}, {"attempt", Attempt(id, run, more)}});
  }

  bool Wait(const std::function<bool()>& condition) { return RunUntil(io_, condition); }

  // The first message that fits, waited for; null where none comes.
  Json WaitFor(const std::function<bool(const Json&)>& fits) {
    auto found = messages_.end();
    Wait([&] {
      found = std::find_if(messages_.begin(), messages_.end(), fits);
      return found != messages_.end();
    });
    return found == messages_.end() ? Json() : *found;
  }
  Json WaitFor(const std::string& op) {
    return WaitFor([&op](const Json& message) { return message["op"] == op; });
  }
  Json WaitForRunning(const std::string& id) {
    return WaitFor([&id](const Json& message) {
      return message["op"] == "report" && message["attempt_id"] == id &&
             message["state"] == "running";
    });
  }
  Json WaitForEnd(const std::string& id) {
    return WaitFor([&id](const Json& message) {
      return message["op"] == "report" && message["attempt_id"] == id &&
             message["state"] != "running";
    });
  }
  // Runs an attempt to its end.
  Json Run(const std::string& id, const Json& run, const Json& more = Json::object()) {
    Start(id, run, more);
    return WaitForEnd(id);
  }

  std::string Log(const std::string& id) const {
    return temp_.Read("logs/" + id + "/attempt=1.log");
  }

  // The lines of the log without the time stamps, which are checked.
  std::string PlainLog(const std::string& id) const {
    std::istringstream log(Log(id));
    std::string plain;
    for (std::string line; std::getline(log, line);) {
      EXPECT_TRUE(line.size() >= 31 && line[0] == '[' && line.substr(24, 7) == "+0000] ") << line;
      plain += line.substr(std::min<size_t>(31, line.size())) + "\n";
    }
    return plain;
  }

  // Waits until the process is gone, or is a zombie that nobody waits for.
  bool WaitUntilGone(pid_t pid) {
    return Wait([pid] { return kill(pid, 0) != 0; });
  }

  asio::io_context io_;
  TempFolder temp_;
  std::optional<Protocol::acceptor> acceptor_;
  std::unique_ptr<FrameSocket> connection_;
  std::vector<Json> messages_;
  bool auto_ack_ = true;
  Json hello_;
  pid_t pid_ = 0;  // of the guard
  std::optional<ChildWatch> watch_;
  std::optional<int> exit_status_;
};

}  // namespace beeflow
