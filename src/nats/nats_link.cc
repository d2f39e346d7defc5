#include "nats/nats_link.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "nats/nats_names.h"
#include "nats/nats_timing.h"
#include "os/entropy.h"

namespace beeflow {
namespace {

constexpr int kProtocolVersion = 1;
constexpr Duration kPullAgain = std::chrono::seconds(2);
// Free slots are asked for in lots, so that few requests are open at a time.
constexpr int kLots = 4;

std::string NewSession(const std::string& name) {
  return fmt::format("{}.{}-{:x}", SubjectToken(name), getpid(), RandomSeed());
}

// Paths of control's machine that lie in its DAG folder become those of the copy.
std::string Moved(const std::string& path, const std::string& from, const std::string& to) {
  if (path == from) return to;
  return path.starts_with(from + "/") ? to + path.substr(from.size()) : path;
}

}  // namespace

NatsLink::NatsLink(asio::io_context& io, NatsLinkOptions options, Callbacks callbacks)
    : options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      worker_(NewSession(options_.name)),
      beat_(io),
      pull_again_(io),
      logs_(io, options_.log_folder,
            [this](const Json& message, const std::string& body) {
              client_->SendFrame(ControlSubject(worker_), message, body);
            }),
      dags_(io, options_.cache_folder, [this](const Json& message) { Send(message); }) {}

Result<std::unique_ptr<ControlLink>> NatsLink::Open(asio::io_context& io, NatsLinkOptions options,
                                                    Callbacks callbacks) {
  std::unique_ptr<NatsLink> link(new NatsLink(io, std::move(options), std::move(callbacks)));
  NatsClient::Callbacks of_client;
  of_client.on_connected = [raw = link.get()] { raw->OnConnected(); };
  of_client.on_disconnected = [raw = link.get()] { raw->OnDisconnected(); };
  of_client.on_frame = [raw = link.get()](const std::string&, NatsFrame frame) {
    raw->OnFrame(std::move(frame));
  };
  of_client.on_pulled = [raw = link.get()](const NatsMessage& message) { raw->OnTicket(message); };
  of_client.on_pull_ended = [raw = link.get()](const std::string&, const std::string& status) {
    raw->OnPullEnded(status);
  };
  BEEFLOW_ASSIGN_OR_RETURN(
      link->client_, NatsClient::Open(io, link->options_.connection, WorkerSubject(link->worker_),
                                      {kAllWorkers}, std::move(of_client)));
  return std::unique_ptr<ControlLink>(std::move(link));
}

NatsLink::~NatsLink() {
  if (client_) Send({{"op", "bye"}});
}

void NatsLink::Send(const Json& message) { client_->SendFrame(ControlSubject(worker_), message); }

bool NatsLink::AwaitsAcknowledgement(const std::string& attempt_id) const {
  const auto ticket = tickets_.find(attempt_id);
  if (ticket != tickets_.end() && ticket->second.stage == Stage::kEnded) return true;
  return outbox_.ended().contains(attempt_id);
}

bool NatsLink::may_end() const {
  return tickets_.empty() && logs_.empty() && stored_.size() == outbox_.reports().size();
}

bool NatsLink::Drain() {
  is_draining_ = true;
  client_->ForgetPulls();
  for (auto it = tickets_.begin(); it != tickets_.end();) {
    if (it->second.stage != Stage::kClaimed) {
      ++it;
      continue;
    }
    if (MayAnswer(it->second)) client_->Nak(it->second.ack_subject);
    it = tickets_.erase(it);
  }
  return true;
}

void NatsLink::OnConnected() {
  spdlog::info("worker: connected to NATS as {}", worker_);
  on_way_.clear();
  SendHello();
}

void NatsLink::OnDisconnected() {
  spdlog::warn("worker: the connection to NATS was lost");
  if (!std::exchange(is_welcome_, false)) return;
  callbacks_.on_disconnected();
}

void NatsLink::SendHello() {
  std::set<std::string> attempts = outbox_.ended();
  for (const auto& [id, ticket] : tickets_) {
    if (ticket.stage != Stage::kClaimed) attempts.insert(id);
  }
  Send({{"op", "hello"},
        {"protocol", kProtocolVersion},
        {"worker", worker_},
        {"name", options_.name},
        {"pid", getpid()},
        {"limits", callbacks_.limits},
        {"queues", options_.queues},
        {"max_concurrency", options_.max_concurrency},
        {"attempts", attempts}});
}

// One that was suspended may speak up again after another has taken over.
bool NatsLink::IsOfTheLatest(const Json& message) {
  const auto it = message.find("control");
  const int64_t epoch = it != message.end() && it->is_number_integer() ? it->get<int64_t>() : 0;
  if (epoch >= epoch_) {
    epoch_ = epoch;
    return true;
  }
  if (std::exchange(refused_, epoch) != epoch) {
    spdlog::warn("worker: control process {} is not obeyed, since {} is in charge", epoch, epoch_);
  }
  return false;
}

void NatsLink::OnFrame(NatsFrame frame) {
  if (!IsOfTheLatest(frame.message)) return;
  const std::string op = frame.message["op"].get<std::string>();
  if (op == "who") return SendHello();
  if (op == "welcome") return OnWelcome(frame.message);
  if (op == "start") return OnStart(frame.message);
  if (op == "cancel") return OnCancel(frame.message);
  OnOwnFrame(op, std::move(frame));
}

void NatsLink::OnOwnFrame(const std::string& op, NatsFrame frame) {
  const Json& message = frame.message;
  if (op == "forget") return Forget(message.value("attempt_id", ""));
  if (op == "manifest") return dags_.OnManifest(message);
  if (op == "file") return dags_.OnFile(message, frame.body);
  if (op == "log_ack") return logs_.OnAck(message);
  if (op != "ack") return callbacks_.on_message(std::move(frame.message));
  OnAck(message);
}

void NatsLink::OnAck(const Json& message) {
  const std::set<std::string> ended = outbox_.ended();
  outbox_.Acknowledge(message);
  for (const std::string& id : ended) {
    if (!outbox_.ended().contains(id)) EndTicket(id);
  }
  std::erase_if(stored_, [this](uint64_t number) { return !outbox_.reports().contains(number); });
  callbacks_.on_acknowledged();
}

void NatsLink::OnWelcome(const Json& welcome) {
  is_welcome_ = true;
  // In another stream, the same place is another ticket.
  const std::string stream = welcome.value("stream", "");
  if (stream != std::exchange(stream_, stream)) {
    for (auto& [id, ticket] : tickets_) ticket.ack_subject.clear();
  }
  // A new control process, or a new NATS server, may know of nothing.
  on_way_.clear();
  stored_.clear();
  for (const auto& [number, report] : outbox_.reports()) SendReport(number);
  for (const auto& [id, ticket] : tickets_) {
    if (ticket.stage == Stage::kClaimed) Claim(id);
  }
  logs_.SendAgain();
  dags_.AskAgain();
  callbacks_.on_connected();
  client_->ForgetPulls();
  Pull();
}

int NatsLink::FreeSlots() const {
  const auto busy = std::count_if(tickets_.begin(), tickets_.end(), [](const auto& entry) {
    return entry.second.stage != Stage::kEnded;
  });
  return options_.max_concurrency - static_cast<int>(busy);
}

void NatsLink::Pull() {
  if (is_draining_ || !is_welcome_) return;
  const int free = FreeSlots();
  for (const std::string& queue : options_.queues) {
    const std::string consumer = AttemptConsumer(queue);
    const int awaited = client_->Awaited(consumer);
    const int wanted = free - awaited;
    if (wanted <= 0 || (awaited > 0 && wanted * kLots < options_.max_concurrency)) continue;
    client_->Pull(kAttemptStream, consumer, wanted);
  }
}

void NatsLink::OnPullEnded(const std::string& status) {
  if (status == kPullTimedOut) return Pull();
  // The consumer is not there, or moves from one server to another.
  if (!pull_again_.armed()) pull_again_.Arm(kPullAgain, [this] { Pull(); });
}

void NatsLink::OnTicket(const NatsMessage& message) {
  const std::string& id = message.data;
  const auto known = tickets_.find(id);
  if (known != tickets_.end()) {
    // Sent twice, or delivered again: the later place of acknowledgement counts.
    known->second.ack_subject = message.reply;
    return;
  }
  if (is_draining_ || FreeSlots() <= 0) return client_->Nak(message.reply);
  Ticket& ticket = tickets_[id];
  ticket.claim = ++last_claim_;
  ticket.ack_subject = message.reply;
  Claim(id);
  Watch();
}

void NatsLink::Claim(const std::string& attempt_id) {
  const uint64_t claim = tickets_.at(attempt_id).claim;
  Send({{"op", "claim"}, {"attempt_id", attempt_id}, {"claim", claim}});
}

void NatsLink::Forget(const std::string& attempt_id) {
  const auto it = tickets_.find(attempt_id);
  if (it == tickets_.end() || it->second.stage != Stage::kClaimed) return;
  if (MayAnswer(it->second)) client_->Ack(it->second.ack_subject);
  tickets_.erase(it);
  Pull();
  callbacks_.on_acknowledged();
}

void NatsLink::OnStart(const Json& message) {
  Json attempt = message.value("attempt", Json());
  if (!attempt.is_object()) return;
  const std::string id = attempt.value("attempt_id", "");
  const auto it = tickets_.find(id);
  if (it == tickets_.end()) return SendGone(id);
  // A start may come after its attempt has ended and a second ticket for it was claimed: it answers
  // the first claim, and the attempt must not begin again.
  const bool is_answer = message.value("claim", uint64_t{0}) == it->second.claim;
  if (it->second.stage != Stage::kClaimed || !is_answer) return;
  it->second.stage = Stage::kFetching;
  logs_.Begin(id, attempt.value("log", ""), message.value("log_offset", int64_t{0}));
  const std::string version = attempt["dags"].value("version", "");
  dags_.Get(version, [this, id, attempt = std::move(attempt)](
                         const Result<DagCache::Folder>& folder) mutable {
    const auto ticket = tickets_.find(id);
    const bool is_wanted = ticket != tickets_.end() && ticket->second.stage == Stage::kFetching;
    if (!folder.ok()) {
      if (is_wanted) FailUnstarted(id, folder.error().message);
      return;
    }
    if (!is_wanted) return dags_.Release(folder->version);
    ticket->second.stage = Stage::kRunning;
    ticket->second.version = folder->version;
    Begin(std::move(attempt), *folder);
  });
}

void NatsLink::Begin(Json attempt, const DagCache::Folder& folder) {
  const std::string from = attempt["dags"].value("folder", "");
  const std::string to = folder.path + "/dags";
  attempt.erase("dags");
  attempt["dags_folder"] = to;
  attempt["file"] = Moved(attempt.value("file", ""), from, to);
  if (attempt["limits"].contains("sandbox")) {
    Json& sandbox = attempt["limits"]["sandbox"];
    for (Json& path : sandbox["read_only"]) {
      if (path == from) path = folder.path;
    }
    sandbox["hidden"] = options_.hidden;
  }
  callbacks_.on_message({{"op", "start"}, {"attempt", std::move(attempt)}});
}

void NatsLink::OnCancel(const Json& message) {
  const std::string id = message.value("attempt_id", "");
  const auto it = tickets_.find(id);
  if (it == tickets_.end()) return SendGone(id);
  if (it->second.stage == Stage::kRunning) return callbacks_.on_message(message);
  if (it->second.stage == Stage::kFetching) {
    FailUnstarted(id, message.value("reason", "cancelled"));
  }
}

// Not of one whose end is on its way.
void NatsLink::SendGone(const std::string& attempt_id) {
  if (outbox_.ended().contains(attempt_id)) return;
  Send({{"op", "gone"}, {"attempt_id", attempt_id}});
}

void NatsLink::FailUnstarted(const std::string& attempt_id, const std::string& reason) {
  Report(attempt_id, {{"state", "failed"}, {"reason", reason}}, true);
}

void NatsLink::Report(const std::string& attempt_id, Json report, bool ends_attempt) {
  Watch();
  if (!ends_attempt) return KeepReport(attempt_id, std::move(report), false);
  if (const auto it = tickets_.find(attempt_id); it != tickets_.end()) {
    it->second.stage = Stage::kEnded;
    Pull();
  }
  // The log first, so that whoever hears of the end finds all of it.
  logs_.Finish(attempt_id, [this, attempt_id, kept = std::move(report)]() mutable {
    KeepReport(attempt_id, std::move(kept), true);
  });
}

void NatsLink::KeepReport(const std::string& attempt_id, Json report, bool ends_attempt) {
  SendReport(outbox_.Add(attempt_id, std::move(report), ends_attempt));
}

// One that is too large for a message goes to control directly, which then is its only keeper
// besides us.
void NatsLink::SendReport(uint64_t number) {
  const Json& message = outbox_.reports().at(number).message;
  const std::string data = WriteNatsFrame(message, "");
  if (!client_->is_connected()) return;
  if (!client_->Fits(data)) return Send(message);
  on_way_.insert(number);
  client_->Request(ReportSubject(worker_), data, [this, number](const Result<Json>& answer) {
    on_way_.erase(number);
    if (answer.ok() && answer->contains("seq")) OnStored(number);
  });
}

void NatsLink::OnStored(uint64_t number) {
  const auto it = outbox_.reports().find(number);
  if (it == outbox_.reports().end()) return;
  stored_.insert(number);
  if (it->second.ends_attempt) EndTicket(it->second.attempt_id);
  callbacks_.on_acknowledged();
}

void NatsLink::EndTicket(const std::string& attempt_id) {
  auto node = tickets_.extract(attempt_id);
  if (node.empty()) return;
  if (MayAnswer(node.mapped())) client_->Ack(node.mapped().ack_subject);
  if (!node.mapped().version.empty()) dags_.Release(node.mapped().version);
}

// Runs only while there is something to watch: nothing wakes up otherwise.
void NatsLink::Watch() {
  if (!beat_.armed()) beat_.Arm(kBeat, [this] { OnBeat(); });
}

void NatsLink::OnBeat() {
  if (tickets_.empty() && outbox_.reports().empty()) return;
  Watch();
  Send({{"op", "beat"}});
  ++beats_;
  for (const auto& [id, ticket] : tickets_) {
    if (ticket.stage == Stage::kClaimed) Claim(id);
    if (beats_ % kBeatsOfProgress == 0 && MayAnswer(ticket)) {
      client_->InProgress(ticket.ack_subject);
    }
  }
  if (is_welcome_) {
    for (const auto& [number, report] : outbox_.reports()) {
      if (!stored_.contains(number) && !on_way_.contains(number)) SendReport(number);
    }
  }
  logs_.OnBeat();
  if (beats_ % kBeatsOfAsking == 0) dags_.AskAgain();
}

}  // namespace beeflow
