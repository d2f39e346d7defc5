// A worker's end of the attempt channel over NATS (docs/formats/nats.md): pulls tickets of attempts
// from the queues that it serves while it has room for them, asks control for each whether it may
// run it, and tells control once a second that it is alive while it has any. Fetches the DAG files
// that an attempt needs, and ships its log.
//
// Threads: all on the thread of the io_context. No callback comes from within a method.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "nats/dag_cache.h"
#include "nats/log_shipper.h"
#include "nats/nats_client.h"
#include "os/delay_timer.h"
#include "worker/control_link.h"
#include "worker/report_outbox.h"

namespace beeflow {

struct NatsLinkOptions {
  NatsOptions connection;
  std::string name;                 // of the worker, for permissions; need not be unique
  std::vector<std::string> queues;  // that it serves
  int max_concurrency = 0;          // attempts that it takes at a time
  std::string cache_folder;         // of DAG files
  std::string log_folder;           // that attempts write to
  std::vector<std::string> hidden;  // folders that a sandbox does not see
  bool ends_when_idle = false;      // after the worker's keep-alive time
};

class NatsLink : public ControlLink {
 public:
  static Result<std::unique_ptr<ControlLink>> Open(asio::io_context& io, NatsLinkOptions options,
                                                   Callbacks callbacks);
  ~NatsLink() override;

  void Connect() override {}  // it is under way all the time
  void Hurry() override {}
  bool is_connected() const override { return is_welcome_; }
  void Report(const std::string& attempt_id, Json report, bool ends_attempt) override;
  void Send(const Json& message) override;
  void OnLogWritten(const std::string& attempt_id) override { logs_.OnWritten(attempt_id); }
  bool has_reports() const override { return !outbox_.reports().empty() || !tickets_.empty(); }
  bool AwaitsAcknowledgement(const std::string& attempt_id) const override;
  bool OnIdle() override { return options_.ends_when_idle; }
  bool Drain() override;
  bool may_end() const override;

 private:
  enum class Stage {
    kClaimed,   // control was asked, and has not answered
    kFetching,  // the DAG files are being fetched
    kRunning,
    kEnded,  // its end is being reported
  };
  // An attempt from its ticket until its end is in the stream of reports.
  struct Ticket {
    Stage stage = Stage::kClaimed;
    uint64_t claim = 0;       // the number of its claim
    std::string ack_subject;  // "": the stream that it was in is gone
    std::string version;      // of the DAG files that it uses; "": none yet
  };

  NatsLink(asio::io_context& io, NatsLinkOptions options, Callbacks callbacks);

  void OnConnected();
  void OnDisconnected();
  void OnFrame(NatsFrame frame);
  void OnOwnFrame(const std::string& op, NatsFrame frame);
  bool IsOfTheLatest(const Json& message);
  void OnWelcome(const Json& welcome);
  bool MayAnswer(const Ticket& ticket) const { return is_welcome_ && !ticket.ack_subject.empty(); }
  void OnTicket(const NatsMessage& message);
  void OnPullEnded(const std::string& status);
  void OnStart(const Json& message);
  void Begin(Json attempt, const DagCache::Folder& folder);
  void OnCancel(const Json& message);
  void SendGone(const std::string& attempt_id);
  void OnAck(const Json& message);
  void Forget(const std::string& attempt_id);
  void FailUnstarted(const std::string& attempt_id, const std::string& reason);
  void KeepReport(const std::string& attempt_id, Json report, bool ends_attempt);
  void SendReport(uint64_t number);
  void OnStored(uint64_t number);
  void EndTicket(const std::string& attempt_id);
  void SendHello();
  void Claim(const std::string& attempt_id);
  int FreeSlots() const;
  void Pull();
  void Watch();
  void OnBeat();

  const NatsLinkOptions options_;
  const Callbacks callbacks_;
  const std::string worker_;  // "name.session": ours alone
  int64_t epoch_ = 0;         // the highest of a control process that was heard of
  int64_t refused_ = 0;       // of one that was refused; 0: none was
  bool is_welcome_ = false;
  std::string stream_;  // that tickets come from
  bool is_draining_ = false;
  std::map<std::string, Ticket> tickets_;  // by attempt id
  ReportOutbox outbox_;
  std::set<uint64_t> stored_;  // reports of it that are in the stream
  std::set<uint64_t> on_way_;  // that were sent, and not answered
  uint64_t last_claim_ = 0;
  uint64_t beats_ = 0;
  DelayTimer beat_;
  DelayTimer pull_again_;
  LogShipper logs_;
  DagCache dags_;
  std::unique_ptr<NatsClient> client_;
};

}  // namespace beeflow
