// The function runtime's executor: hands attempts to a worker process, which runs each in an
// environment or as a plain process (worker/), and DAG files, which it imports. The worker is
// started when there is something to do, outlives a control process that dies, and ends when there
// is nothing to do.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "executor/attempt_callbacks.h"
#include "executor/attempt_ledger.h"
#include "executor/worker_channel.h"
#include "os/delay_timer.h"
#include "ports/clock.h"
#include "ports/dag_code.h"
#include "ports/executor.h"
#include "ports/parser.h"

namespace beeflow {

class FunctionExecutor : public Executor, public Parser, public DagCode {
 public:
  struct Callbacks : AttemptCallbacks {
    // A callback of a DAG has ended, having printed `output`; may be empty.
    std::function<void(const RunKey& run, const std::string& output)> on_callback_end;
  };

  // Listens for workers. `clock` outlives the executor. kConflict where another control process
  // listens.
  static Result<std::unique_ptr<FunctionExecutor>> Listen(asio::io_context& io, Clock& clock,
                                                          WorkerChannelOptions options,
                                                          Callbacks callbacks);
  // Lets a worker that has nothing to do end; one that has, runs on.
  ~FunctionExecutor() override;

  void Start(Attempt attempt) override;
  void Resume(Attempt attempt) override;
  void Cancel(AttemptId attempt, const std::string& reason) override;
  void Retain(const std::unordered_set<AttemptId>& known) override;
  void Acknowledge(const std::vector<uint64_t>& reports) override;
  void Parse(const std::string& file, Duration timeout, std::function<void(Json)> done) override;
  void AskNextRun(const TimetableQuestion& question, NextRunDone done) override;
  void AskManualInterval(const ManualIntervalQuestion& question, IntervalDone done) override;
  void RunCallback(const DagCallback& callback, SlaTold told) override;

  // Sends a request to the code of a DAG file, or to code that needs none where `file` is "":
  // docs/formats/environment-protocol.md. kUnavailable where the worker is lost, or the answer is
  // not there within `limit`: what was asked is then killed.
  void Ask(const std::string& file, const std::string& version, Json request,
           std::function<void(const Result<Json>& answer)> done,
           std::optional<Duration> limit = std::nullopt);
  // What the worker has and does at the moment (`described` of attempt-channel.md); null where none
  // is there.
  void Describe(std::function<void(const Json& described)> done);
  bool has_attempts() const { return !ledger_.attempts().empty(); }
  AttemptCounts CountAttempts() const { return ledger_.Count(); }
  // True while a callback of a DAG runs.
  bool has_callbacks() const { return open_callbacks_ > 0; }

 private:
  using Stage = AttemptLedger::Stage;
  struct PendingParse {
    std::string file;
    Duration timeout;
    std::function<void(Json)> done;
    bool is_sent = false;
    int workers_lost = 0;
  };

  // A request to the code of a DAG file, see environment-protocol.md.
  struct PendingAsk {
    Json message;
    std::function<void(const Result<Json>& answer)> done;
  };

  FunctionExecutor(asio::io_context& io, Clock& clock, WorkerChannelOptions options,
                   Callbacks callbacks);

  WorkerChannel::Callbacks ChannelCallbacks();
  void OnHello(const Json& hello);
  void Compare(AttemptId id, AttemptLedger::Outstanding* outstanding);
  void OnMessage(const Json& message);
  void OnReport(const Json& message);
  void OnParsed(const Json& message);
  void OnAnswer(const Json& message);
  void LoseAsks(const std::string& reason);
  void EndCallback(const RunKey& run, const Result<Json>& answer);
  void OnRequest(const Json& message);
  void OnDescribed(const Json& described);
  void OnIdle();
  void OnGone();
  void ParseAgain();
  void OnUnavailable(const std::string& reason);

  void SendStart(AttemptLedger::Outstanding* outstanding);
  void SendParse(uint64_t id, PendingParse* parse);
  void Claim(AttemptId id);
  void CancelUnknown();
  void OnUnknownReport(Report report, uint64_t worker_number);
  void End(AttemptId id, Outcome outcome, const std::string& reason);
  void WatchWorker();
  void OnHeartbeat();
  void Later(std::function<void()> action);
  bool HasWork() const;

  asio::io_context& io_;
  Clock& clock_;
  const Callbacks callbacks_;
  AttemptLedger ledger_;
  std::map<uint64_t, PendingParse> parses_;
  uint64_t last_parse_ = 0;
  std::map<uint64_t, PendingAsk> asks_;
  uint64_t last_ask_ = 0;
  size_t open_callbacks_ = 0;
  std::vector<std::function<void(const Json& described)>> curious_;  // asked with Describe
  // Of the worker that is, or was last, connected:
  std::string worker_;
  std::set<AttemptId> hello_attempts_;  // what it said it had
  // Reports of attempts that nobody has started or resumed yet, after a cold start of control.
  std::multimap<AttemptId, Json> unclaimed_;
  // While there is work, the worker is asked now and then whether it is there.
  DelayTimer heartbeat_;
  bool is_heard_ = false;  // since it was asked last
  int silent_beats_ = 0;
  bool answers_pings_ = true;  // a worker of an earlier version does not
  std::string lost_reason_;    // why the worker is lost; "": it is not, or nobody knows
  bool is_settled_ = false;    // all attempts of the database are known
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  WorkerChannel channel_;  // last: its callbacks reach all others
};

}  // namespace beeflow
