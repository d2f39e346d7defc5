// The executor for workers on other hosts (docs/formats/nats.md): publishes a ticket for each
// attempt to the queue's subject in JetStream, and hands the attempt to the worker that claims it
// first. What NATS holds is derived from the database: it may lose all of it.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "executor/attempt_callbacks.h"
#include "executor/attempt_ledger.h"
#include "nats/attempt_log_store.h"
#include "nats/dag_folder.h"
#include "nats/jet_streams.h"
#include "nats/nats_client.h"
#include "os/delay_timer.h"
#include "ports/clock.h"
#include "ports/executor.h"

namespace beeflow {

struct NatsExecutorOptions {
  NatsOptions connection;
  // From the database, higher than that of every control process before: the highest is in charge.
  int64_t epoch = 0;
  int replicas = 1;  // of the streams
  std::string dags_folder;
  std::vector<std::string> plugin_folders;
  std::string log_folder;
  // How often tickets that nobody has claimed are looked for in the stream.
  Duration sweep = std::chrono::minutes(1);
};

class NatsExecutor : public Executor {
 public:
  // What a queue holds at the moment.
  struct QueueFigures {
    int64_t waiting = 0;  // attempts that no worker has
    int64_t running = 0;
    Duration oldest_wait{};  // of those that wait
    int64_t workers = 0;     // that serve it
    int64_t slots = 0;       // that these have
  };

  // `clock` outlives the executor. A server that is not there is no error.
  static Result<std::unique_ptr<NatsExecutor>> Open(asio::io_context& io, Clock& clock,
                                                    NatsExecutorOptions options,
                                                    AttemptCallbacks callbacks);
  ~NatsExecutor() override;

  void Start(Attempt attempt) override;
  void Resume(Attempt attempt) override;
  void Cancel(AttemptId attempt, const std::string& reason) override;
  void Retain(const std::unordered_set<AttemptId>& known) override;
  void Acknowledge(const std::vector<uint64_t>& reports) override;

  bool has_attempts() const { return !ledger_.attempts().empty(); }
  AttemptCounts CountAttempts() const { return ledger_.Count(); }
  bool is_connected() const { return client_->is_connected(); }
  std::map<std::string, QueueFigures> Queues() const;
  // Tickets that were gone from the stream though nobody had claimed them, and were sent again.
  int64_t repairs() const { return repairs_; }
  // What every worker has and does at the moment: a list of `described` messages with `name`,
  // `queues` and `max_concurrency`. Workers that do not answer are left out.
  void Describe(std::function<void(const Json& workers)> done);

 private:
  using Stage = AttemptLedger::Stage;
  using Outstanding = AttemptLedger::Outstanding;
  struct Worker {
    std::string name;
    std::vector<std::string> queues;
    int64_t max_concurrency = 0;
    std::set<AttemptId> attempts;  // as its hello says
    bool is_heard = false;         // since the last beat
    int missing_beats = 0;
  };
  // Of an attempt that no worker has.
  struct Ticket {
    uint64_t sequence = 0;  // in the stream; 0: not known
    bool is_under_way = false;
    bool is_again = false;  // the stream has dropped it, and would take it for a repetition
  };
  struct Unclaimed {
    std::string worker;
    Json report;
    std::string ack_subject;
  };
  struct Inquiry {
    std::function<void(const Json& workers)> done;
    std::set<std::string> silent;
    Json described = Json::array();
  };
  using ReportKey = std::pair<std::string, uint64_t>;

  NatsExecutor(asio::io_context& io, Clock& clock, NatsExecutorOptions options,
               AttemptCallbacks callbacks);

  void OnConnected();
  void Prepare();
  void PrepareLater();
  void OnReady();
  void OnFrame(const std::string& subject, NatsFrame frame);
  void OnWorkerFrame(const std::string& worker, const std::string& op, const NatsFrame& frame);
  void OnPulled(const NatsMessage& message);
  void PullReports();

  void OnHello(const std::string& worker, const Json& hello);
  void Welcome(const std::string& worker);
  void TakeOver(const std::string& worker, AttemptId id);
  void OnClaim(const std::string& worker, const Json& claim);
  void OnGone(const std::string& worker, const Json& gone);
  void OnReport(const std::string& worker, const Json& message, const std::string& ack_subject);
  void OnKnownReport(Outstanding* outstanding, const std::string& worker, Report report,
                     uint64_t number, const std::string& ack_subject);
  void PassOn(const std::string& worker, Report report, uint64_t number,
              const std::string& ack_subject);
  void Dismiss(const std::string& worker, uint64_t number, const std::string& ack_subject);
  void OnLog(const std::string& worker, const NatsFrame& frame);
  void OnRequest(const std::string& worker, const Json& message);
  void OnFile(const std::string& worker, const Json& message);
  void OnDescribed(const std::string& worker, const Json& described);
  void EndInquiry();
  void OnBye(const std::string& worker);

  bool Adopt(AttemptId id);
  void Publish(AttemptId id);
  void PublishAgain(AttemptId id);
  void DropTicket(AttemptId id);
  void SweepLater();
  void Sweep();
  void LookForTickets(uint64_t first_sequence);
  void LookForTicket(AttemptId id, uint64_t sequence);
  void Repair(AttemptId id, uint64_t sequence);
  void SendStart(const std::string& worker, const Outstanding& outstanding, const Json& claim);
  void SendCancel(const std::string& worker, AttemptId id, const std::string& reason);
  void Send(const std::string& worker, Json message, std::string_view body = "");
  void Broadcast(Json message);
  void End(AttemptId id, Outcome outcome, const std::string& reason);
  void Watch();
  void OnBeat();
  void Lose(const std::string& worker);
  void EndGrace();
  void Later(std::function<void()> action);

  asio::io_context& io_;
  Clock& clock_;
  const AttemptCallbacks callbacks_;
  const int64_t epoch_;
  const std::string own_subject_;
  AttemptLedger ledger_;
  AttemptLogStore logs_;
  DagFolder dags_;
  std::map<std::string, Worker> workers_;
  std::map<AttemptId, Ticket> tickets_;
  const Duration sweep_interval_;
  DelayTimer sweep_;
  AttemptId swept_ = 0;  // up to there; the next sweep goes on behind it
  int64_t repairs_ = 0;
  int64_t published_again_ = 0;
  std::map<ReportKey, std::string> ack_subjects_;  // of reports that are not acknowledged
  std::multimap<AttemptId, Unclaimed> unclaimed_;  // of attempts that nobody has resumed yet
  std::string report_stream_;                      // that these subjects belong to
  bool is_ready_ = false;                          // the streams are there
  bool is_settled_ = false;                        // all attempts of the database are known
  // After a cold start: attempts of which only a worker knows whether it has them, and for how many
  // beats workers have time to say so.
  std::set<AttemptId> recovered_;
  int grace_beats_ = 0;
  bool is_echoed_ = false;  // what was sent to NATS with the last beat came back
  DelayTimer beat_;
  DelayTimer prepare_again_;
  std::vector<Inquiry> inquiries_;
  DelayTimer inquiry_limit_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<NatsClient> client_;
  std::unique_ptr<JetStreams> streams_;
};

}  // namespace beeflow
