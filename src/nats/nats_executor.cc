#include "nats/nats_executor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "executor/attempt_message.h"
#include "nats/nats_names.h"
#include "nats/nats_timing.h"

namespace beeflow {
namespace {

constexpr Duration kPrepareAgain = std::chrono::seconds(1);
constexpr int kReportsAtATime = 256;
constexpr Duration kInquiryLimit = std::chrono::milliseconds(500);
constexpr size_t kFilePartBytes = 512 * 1024;
constexpr const char* kUnknownAttempt = "the database does not know this attempt any more";
constexpr const char* kEcho = ".echo";
// Tickets that are asked for one by one in a sweep.
constexpr int kLooksMax = 256;

const std::string& QueueOf(const Attempt& attempt) {
  return attempt.dag->tasks.at(attempt.task).queue;
}

// The clock of a worker's host may be ahead: what counts from the end of an attempt, such as the
// delay of a retry, must not begin in the future.
void SetRight(Time now, Report* report) {
  const Time latest = report->end_date.value_or(report->start_date.value_or(now));
  if (latest <= now) return;
  const Duration ahead = latest - now;
  for (std::optional<Time>* time :
       {&report->start_date, &report->end_date, &report->reschedule_date}) {
    if (*time) **time -= ahead;
  }
}

}  // namespace

NatsExecutor::NatsExecutor(asio::io_context& io, Clock& clock, NatsExecutorOptions options,
                           AttemptCallbacks callbacks)
    : io_(io),
      clock_(clock),
      callbacks_(std::move(callbacks)),
      epoch_(options.epoch),
      own_subject_(fmt::format("beeflow.inbox.{:x}", epoch_)),
      ledger_(clock, callbacks_.on_report),
      logs_(std::move(options.log_folder)),
      dags_(clock, std::move(options.dags_folder), std::move(options.plugin_folders)),
      sweep_interval_(options.sweep),
      sweep_(io),
      beat_(io),
      prepare_again_(io),
      inquiry_limit_(io) {}

NatsExecutor::~NatsExecutor() { *alive_ = false; }

Result<std::unique_ptr<NatsExecutor>> NatsExecutor::Open(asio::io_context& io, Clock& clock,
                                                         NatsExecutorOptions options,
                                                         AttemptCallbacks callbacks) {
  const NatsOptions connection = options.connection;
  const int replicas = options.replicas;
  std::unique_ptr<NatsExecutor> made(
      new NatsExecutor(io, clock, std::move(options), std::move(callbacks)));
  NatsClient::Callbacks of_client;
  of_client.on_connected = [raw = made.get()] { raw->OnConnected(); };
  of_client.on_disconnected = [raw = made.get()] {
    spdlog::warn("the connection to NATS was lost; what runs on workers runs on");
    raw->is_ready_ = false;
  };
  of_client.on_frame = [raw = made.get()](const std::string& subject, NatsFrame frame) {
    raw->OnFrame(subject, std::move(frame));
  };
  of_client.on_pulled = [raw = made.get()](const NatsMessage& message) { raw->OnPulled(message); };
  of_client.on_pull_ended = [raw = made.get()](const std::string&, const std::string& status) {
    if (status == kPullTimedOut) return raw->PullReports();
    raw->PrepareLater();  // the stream is gone
  };
  BEEFLOW_ASSIGN_OR_RETURN(made->client_, NatsClient::Open(io, connection, made->own_subject_,
                                                           {kAllControl}, std::move(of_client)));
  made->streams_ = std::make_unique<JetStreams>(*made->client_, replicas);
  return made;
}

// --- NATS ---

void NatsExecutor::OnConnected() {
  spdlog::info("connected to NATS");
  Prepare();
}

void NatsExecutor::PrepareLater() {
  is_ready_ = false;
  if (!prepare_again_.armed()) prepare_again_.Arm(kPrepareAgain, [this] { Prepare(); });
}

void NatsExecutor::Prepare() {
  if (!client_->is_connected()) return;
  streams_->Forget();
  streams_->Make([this](const Status& made) {
    if (made.ok()) return OnReady();
    if (!client_->is_connected()) return;
    spdlog::error("{}; tasks of its queues wait", made.error().message);
    PrepareLater();
  });
}

// The streams may be new: all that they are to hold is sent again, which changes nothing where they
// are not.
void NatsExecutor::OnReady() {
  is_ready_ = true;
  // In another stream, the same place is another message.
  const std::string stream = streams_->Identity(kReportStream);
  if (stream != std::exchange(report_stream_, stream)) ack_subjects_.clear();
  client_->ForgetPulls();
  PullReports();
  Broadcast({{"op", "who"}});
  for (auto& [id, ticket] : tickets_) ticket = {0, false, ticket.is_again};
  std::vector<AttemptId> ids;
  for (const auto& [id, ticket] : tickets_) ids.push_back(id);
  for (const AttemptId id : ids) Publish(id);
  Watch();
}

void NatsExecutor::PullReports() {
  if (!is_ready_) return;
  const int awaited = client_->Awaited(kReportConsumer);
  if (awaited > kReportsAtATime / 2) return;
  client_->Pull(kReportStream, kReportConsumer, kReportsAtATime - awaited);
}

void NatsExecutor::Send(const std::string& worker, Json message, std::string_view body) {
  message["control"] = epoch_;
  client_->SendFrame(FrameSubject(worker), message, body);
}

void NatsExecutor::Broadcast(Json message) {
  message["control"] = epoch_;
  client_->SendFrame(kAllWorkers, message);
}

void NatsExecutor::OnPulled(const NatsMessage& message) {
  PullReports();
  const std::string worker = SenderOf(message.subject);
  auto frame = ReadNatsFrame(message.data);
  if (worker.empty() || !frame) {
    spdlog::error("NATS: {}: a report cannot be read", message.subject);
    return client_->Ack(message.reply);
  }
  OnReport(worker, frame->message, message.reply);
}

void NatsExecutor::OnFrame(const std::string& subject, NatsFrame frame) {
  if (subject == own_subject_ + kEcho) {
    is_echoed_ = true;
    return;
  }
  const std::string worker = SenderOf(subject);
  if (worker.empty()) return;
  const std::string op = frame.message["op"].get<std::string>();
  if (op == "hello") return OnHello(worker, frame.message);
  const auto known = workers_.find(worker);
  if (known == workers_.end()) {
    if (op != "bye" && is_ready_) Send(worker, {{"op", "who"}});
    return;
  }
  known->second.is_heard = true;
  OnWorkerFrame(worker, op, frame);
}

void NatsExecutor::OnWorkerFrame(const std::string& worker, const std::string& op,
                                 const NatsFrame& frame) {
  const Json& message = frame.message;
  if (op == "beat" || op == "idle") return;
  if (op == "claim") return OnClaim(worker, message);
  if (op == "gone") return OnGone(worker, message);
  if (op == "report") return OnReport(worker, message, "");
  if (op == "log") return OnLog(worker, frame);
  if (op == "request") return OnRequest(worker, message);
  if (op == "manifest") {
    Json manifest = dags_.Manifest();
    manifest["op"] = "manifest";
    return Send(worker, std::move(manifest));
  }
  if (op == "file") return OnFile(worker, message);
  if (op == "described") return OnDescribed(worker, message);
  if (op == "bye") return OnBye(worker);
  spdlog::warn("NATS: worker {} sent an unknown message '{}'", worker, op);
}

// --- Attempts ---

void NatsExecutor::Later(std::function<void()> action) {
  asio::post(io_, [alive = alive_, action = std::move(action)] {
    if (*alive) action();
  });
}

// Finds the worker that has the attempt already, and hands out what it has told of it.
bool NatsExecutor::Adopt(AttemptId id) {
  if (!is_settled_) {
    recovered_.insert(id);
    grace_beats_ = kMissingBeatsMax + 1;
  }
  const auto [first, last] = unclaimed_.equal_range(id);
  for (auto it = first; it != last; ++it) {
    Later([this, report = std::move(it->second)] {
      OnReport(report.worker, report.report, report.ack_subject);
    });
  }
  unclaimed_.erase(first, last);
  const auto holder = std::find_if(workers_.begin(), workers_.end(), [id](const auto& worker) {
    return worker.second.attempts.contains(id);
  });
  if (holder == workers_.end()) return false;
  ledger_.Find(id)->worker = holder->first;
  return true;
}

void NatsExecutor::Start(Attempt attempt) {
  const AttemptId id = attempt.id;
  Outstanding* added = ledger_.Add(std::move(attempt), Stage::kQueued);
  if (!added) return;
  if (Adopt(id)) {
    added->stage = Stage::kSent;
  } else {
    tickets_[id] = {};
    Publish(id);
  }
  Watch();
}

void NatsExecutor::Resume(Attempt attempt) {
  const AttemptId id = attempt.id;
  if (!ledger_.Add(std::move(attempt), Stage::kRunning)) return;
  Adopt(id);
  Watch();
}

void NatsExecutor::Publish(AttemptId id) {
  const Outstanding* outstanding = ledger_.Find(id);
  Ticket& ticket = tickets_.at(id);
  if (!outstanding || !is_ready_ || ticket.is_under_way || ticket.sequence != 0) return;
  ticket.is_under_way = true;
  const std::string queue = QueueOf(outstanding->attempt);
  // For whoever scales the queue's workers by its depth, from none on.
  if (!streams_->HasQueue(queue)) streams_->MakeQueue(queue, [](const Status&) {});
  const std::string text = FormatAttemptId(id);
  const std::string name =
      ticket.is_again ? fmt::format("{}-{:x}-{}", text, epoch_, ++published_again_) : text;
  SweepLater();
  client_->Request(AttemptSubject(queue), text,
                   [this, id](const Result<Json>& answer) {
                     const auto it = tickets_.find(id);
                     if (it == tickets_.end()) return;
                     it->second.is_under_way = false;
                     if (answer.ok()) it->second.sequence = answer->value("seq", uint64_t{0});
                     if (it->second.sequence == 0 && client_->is_connected()) PrepareLater();
                   },
                   {{"Nats-Msg-Id", name}});
}

// The stream still knows the name of one that it holds no more.
void NatsExecutor::PublishAgain(AttemptId id) {
  Ticket& ticket = tickets_[id];
  ticket = {};
  ticket.is_again = true;
  Publish(id);
}

// Nobody need claim the attempt any more.
void NatsExecutor::DropTicket(AttemptId id) {
  const auto node = tickets_.extract(id);
  if (node.empty() || node.mapped().sequence == 0) return;
  client_->JetStream(fmt::format("STREAM.MSG.DELETE.{}", kAttemptStream),
                     {{"seq", node.mapped().sequence}, {"no_erase", true}},
                     [](const Result<Json>&) {});
}

// Tickets leave the stream without being claimed where an operator purges it, or where a worker has
// refused one on the word of a control process that was no longer in charge. Runs only while there
// are any.
void NatsExecutor::SweepLater() {
  if (!tickets_.empty() && !sweep_.armed()) sweep_.Arm(sweep_interval_, [this] { Sweep(); });
}

void NatsExecutor::Sweep() {
  SweepLater();
  if (!is_ready_ || tickets_.empty()) return;
  client_->JetStream(fmt::format("STREAM.INFO.{}", kAttemptStream), Json(),
                     [this](const Result<Json>& info) {
                       if (!info.ok()) return;
                       const Json state = info->value("state", Json::object());
                       LookForTickets(state.value("first_seq", uint64_t{0}));
                     });
}

// What lies before the first message is gone; of the rest some are asked for in each sweep.
void NatsExecutor::LookForTickets(uint64_t first_sequence) {
  std::vector<std::pair<AttemptId, uint64_t>> gone;
  std::vector<std::pair<AttemptId, uint64_t>> looked_for;
  const auto look = [&](auto from, auto to) {
    for (auto it = from; it != to; ++it) {
      const auto& [id, ticket] = *it;
      if (ticket.sequence == 0) continue;
      if (ticket.sequence < first_sequence) {
        gone.emplace_back(id, ticket.sequence);
      } else if (looked_for.size() < kLooksMax) {
        looked_for.emplace_back(id, ticket.sequence);
      }
    }
  };
  const auto next = tickets_.upper_bound(swept_);
  look(next, tickets_.end());
  look(tickets_.begin(), next);
  if (!looked_for.empty()) swept_ = looked_for.back().first;
  for (const auto& [id, sequence] : gone) Repair(id, sequence);
  for (const auto& [id, sequence] : looked_for) LookForTicket(id, sequence);
}

void NatsExecutor::LookForTicket(AttemptId id, uint64_t sequence) {
  constexpr int kNotFound = 404;
  client_->Request(fmt::format("$JS.API.STREAM.MSG.GET.{}", kAttemptStream),
                   DumpJson({{"seq", sequence}}), [this, id, sequence](const Result<Json>& answer) {
                     if (!answer.ok()) return;
                     const Json error = answer->value("error", Json::object());
                     if (error.value("code", 0) == kNotFound) Repair(id, sequence);
                   });
}

void NatsExecutor::Repair(AttemptId id, uint64_t sequence) {
  const auto it = tickets_.find(id);
  if (it == tickets_.end() || it->second.sequence != sequence) return;
  ++repairs_;
  spdlog::warn("NATS: the ticket of attempt {} was gone from the stream; it is sent again",
               FormatAttemptId(id));
  PublishAgain(id);
}

void NatsExecutor::Cancel(AttemptId attempt, const std::string& reason) {
  Outstanding* outstanding = ledger_.Find(attempt);
  if (!outstanding || outstanding->stage == Stage::kEnded) return;
  outstanding->cancel_reason = reason;
  if (outstanding->stage == Stage::kQueued && !recovered_.contains(attempt)) {
    return Later([this, attempt, reason] { End(attempt, Outcome::kFailed, reason); });
  }
  if (!outstanding->worker.empty()) SendCancel(outstanding->worker, attempt, reason);
}

// An end that no worker reports.
void NatsExecutor::End(AttemptId id, Outcome outcome, const std::string& reason) {
  const Outstanding* outstanding = ledger_.Find(id);
  if (!outstanding || outstanding->stage == Stage::kEnded) return;
  // Cancelled while it was queued, and claimed in the meantime: the worker reports its end.
  if (outcome == Outcome::kFailed && outstanding->stage != Stage::kQueued) {
    return SendCancel(outstanding->worker, id, reason);
  }
  DropTicket(id);
  recovered_.erase(id);
  ledger_.End(id, outcome, reason);
}

void NatsExecutor::Retain(const std::unordered_set<AttemptId>& known) {
  is_settled_ = true;
  for (auto& [id, unclaimed] : std::exchange(unclaimed_, {})) {
    Later([this, report = std::move(unclaimed)] {
      OnReport(report.worker, report.report, report.ack_subject);
    });
  }
  for (const AttemptId id : ledger_.Ids()) {
    if (!known.contains(id)) Cancel(id, kUnknownAttempt);
  }
  for (const auto& [name, worker] : workers_) {
    for (const AttemptId id : worker.attempts) {
      if (!ledger_.Find(id)) SendCancel(name, id, kUnknownAttempt);
    }
  }
}

void NatsExecutor::Acknowledge(const std::vector<uint64_t>& reports) {
  std::map<std::string, Json> numbers;  // by worker
  for (const auto& report : ledger_.Acknowledge(reports)) {
    const auto subject = ack_subjects_.extract({report.worker, report.number});
    if (!subject.empty() && is_ready_) client_->Ack(subject.mapped());
    numbers.try_emplace(report.worker, Json::array()).first->second.push_back(report.number);
  }
  for (auto& [worker, list] : numbers) {
    Send(worker, {{"op", "ack"}, {"reports", std::move(list)}});
  }
}

void NatsExecutor::SendStart(const std::string& worker, const Outstanding& outstanding,
                             const Json& claim) {
  const Attempt& attempt = outstanding.attempt;
  const AttemptLimits limits =
      callbacks_.limits_of ? callbacks_.limits_of(QueueOf(attempt)) : AttemptLimits();
  Json message = AttemptToJson(attempt, limits);
  message["queued_at"] = outstanding.queued_at.time_since_epoch().count();
  message["dags"] = {{"version", dags_.Version()}, {"folder", dags_.dags_folder()}};
  Send(worker, {{"op", "start"},
                {"attempt", std::move(message)},
                {"claim", claim.value("claim", uint64_t{0})},
                {"log_offset", logs_.Size(attempt)}});
}

void NatsExecutor::SendCancel(const std::string& worker, AttemptId id, const std::string& reason) {
  Send(worker, {{"op", "cancel"}, {"attempt_id", FormatAttemptId(id)}, {"reason", reason}});
}

// --- Workers ---

void NatsExecutor::OnHello(const std::string& worker, const Json& hello) {
  JsonReader reader(hello, "the worker's hello");
  const bool is_new = !workers_.contains(worker);
  Worker& entry = workers_[worker];
  entry.name = reader.String("name");
  entry.queues = reader.Strings("queues");
  entry.max_concurrency = reader.Integer("max_concurrency", 0, 0, INT64_MAX);
  entry.is_heard = true;
  entry.missing_beats = 0;
  entry.attempts.clear();
  for (const std::string& text : reader.Strings("attempts")) {
    if (const auto id = ParseAttemptId(text)) entry.attempts.insert(*id);
  }
  if (is_new) {
    spdlog::info("worker {} serves {} with {} slots; limits: {}", worker,
                 fmt::join(entry.queues, ", "), entry.max_concurrency, reader.String("limits"));
  }
  for (const AttemptId id : std::set<AttemptId>(entry.attempts)) TakeOver(worker, id);
  Welcome(worker);
  Watch();
}

// The worker says that it has the attempt.
void NatsExecutor::TakeOver(const std::string& worker, AttemptId id) {
  Outstanding* outstanding = ledger_.Find(id);
  if (!outstanding) {
    if (is_settled_) SendCancel(worker, id, kUnknownAttempt);
    return;
  }
  if (outstanding->worker.empty() && outstanding->stage != Stage::kEnded) {
    outstanding->worker = worker;
    if (outstanding->stage == Stage::kQueued) outstanding->stage = Stage::kSent;
    DropTicket(id);
    recovered_.erase(id);
  }
  if (outstanding->worker != worker) {
    SendCancel(worker, id, "another worker has this attempt");
  } else if (!outstanding->cancel_reason.empty()) {
    SendCancel(worker, id, outstanding->cancel_reason);
  }
}

// Once the consumers of its queues are there, from which it will pull.
void NatsExecutor::Welcome(const std::string& worker) {
  if (!is_ready_) return;  // it is asked again
  for (const std::string& queue : workers_.at(worker).queues) {
    if (streams_->HasQueue(queue)) continue;
    return streams_->MakeQueue(queue, [this, worker](const Status& made) {
      if (!made.ok()) return PrepareLater();
      if (workers_.contains(worker)) Welcome(worker);
    });
  }
  Send(worker, {{"op", "welcome"}, {"stream", streams_->Identity(kAttemptStream)}});
}

void NatsExecutor::OnClaim(const std::string& worker, const Json& claim) {
  const auto id = ParseAttemptId(claim.value("attempt_id", ""));
  if (!id || !is_settled_) return;  // it asks again
  Outstanding* outstanding = ledger_.Find(*id);
  // That it has ended is to be committed first: another control process may have taken over, and
  // know better.
  if (outstanding && outstanding->stage == Stage::kEnded) return;
  const bool is_open =
      outstanding && (outstanding->worker.empty() || outstanding->worker == worker);
  if (!is_open) {
    return Send(worker, {{"op", "forget"}, {"attempt_id", FormatAttemptId(*id)}});
  }
  if (recovered_.contains(*id)) return;  // another may have it, and has time to say so
  outstanding->worker = worker;
  if (outstanding->stage == Stage::kQueued) outstanding->stage = Stage::kSent;
  tickets_.erase(*id);  // the worker acknowledges it
  SendStart(worker, *outstanding, claim);
  // Cancelled while its start was on its way, which was lost.
  if (!outstanding->cancel_reason.empty()) SendCancel(worker, *id, outstanding->cancel_reason);
  Watch();
}

// The worker does not have what it was told to start or to end, and never will: it is draining, or
// was told to forget it by a control process that it has not known to be no longer in charge.
void NatsExecutor::OnGone(const std::string& worker, const Json& gone) {
  const AttemptId id = ParseAttemptId(gone.value("attempt_id", "")).value_or(0);
  Outstanding* outstanding = ledger_.Find(id);
  if (!outstanding || outstanding->worker != worker || outstanding->stage != Stage::kSent) return;
  outstanding->worker.clear();
  outstanding->stage = Stage::kQueued;
  if (!outstanding->cancel_reason.empty()) {
    return End(id, Outcome::kFailed, outstanding->cancel_reason);
  }
  PublishAgain(id);
}

void NatsExecutor::OnReport(const std::string& worker, const Json& message,
                            const std::string& ack_subject) {
  JsonReader reader(message, "the worker's report");
  const auto number = static_cast<uint64_t>(reader.Integer("report", 0, 1, INT64_MAX));
  Result<Report> report = ReportFromJson(message);
  if (!report.ok() || !reader.status().ok()) {
    spdlog::error("NATS: {}",
                  (report.ok() ? reader.status() : Status(report.error())).error().message);
    return Dismiss(worker, number, ack_subject);
  }
  SetRight(clock_.Now(), &*report);
  switch (ledger_.Look({worker, number})) {
    case AttemptLedger::Seen::kNever:
      break;
    case AttemptLedger::Seen::kKept:
      if (!ack_subject.empty()) ack_subjects_[{worker, number}] = ack_subject;
      return;
    case AttemptLedger::Seen::kAcknowledged:
      return Dismiss(worker, number, ack_subject);
  }
  if (Outstanding* outstanding = ledger_.Find(report->attempt)) {
    return OnKnownReport(outstanding, worker, std::move(*report), number, ack_subject);
  }
  if (!is_settled_) {
    unclaimed_.emplace(report->attempt, Unclaimed{worker, message, ack_subject});
    return;
  }
  PassOn(worker, std::move(*report), number, ack_subject);
}

// Its task instance has gone on without it: only what it took is of interest.
void NatsExecutor::PassOn(const std::string& worker, Report report, uint64_t number,
                          const std::string& ack_subject) {
  if (!report.usage || report.task_id.empty()) return Dismiss(worker, number, ack_subject);
  if (!ack_subject.empty()) ack_subjects_[{worker, number}] = ack_subject;
  ledger_.Pass(std::move(report), {worker, number});
}

// Only the worker that has the attempt may tell of it, and only until it was given up. That it was
// may not be committed yet: were the report acknowledged here, and we died now, the next control
// process would hear nothing of it.
void NatsExecutor::OnKnownReport(Outstanding* outstanding, const std::string& worker, Report report,
                                 uint64_t number, const std::string& ack_subject) {
  const bool is_holder = outstanding->worker.empty() || outstanding->worker == worker;
  if (!is_holder) return Dismiss(worker, number, ack_subject);
  if (outstanding->stage == Stage::kEnded) {
    return PassOn(worker, std::move(report), number, ack_subject);
  }
  outstanding->worker = worker;
  tickets_.erase(report.attempt);
  recovered_.erase(report.attempt);
  if (!ack_subject.empty()) ack_subjects_[{worker, number}] = ack_subject;
  ledger_.Deliver(std::move(report), {worker, number});
}

void NatsExecutor::Dismiss(const std::string& worker, uint64_t number,
                           const std::string& ack_subject) {
  if (!ack_subject.empty() && is_ready_) client_->Ack(ack_subject);
  Send(worker, {{"op", "ack"}, {"reports", {number}}});
}

void NatsExecutor::OnLog(const std::string& worker, const NatsFrame& frame) {
  JsonReader reader(frame.message, "a piece of a log");
  const std::string text = reader.String("attempt_id");
  const AttemptId id = ParseAttemptId(text).value_or(0);
  const Outstanding* outstanding = ledger_.Find(id);
  if (!outstanding && !is_settled_) return;
  const bool is_wanted =
      outstanding && outstanding->worker == worker && outstanding->stage != Stage::kEnded;
  if (!is_wanted) {
    return Send(worker, {{"op", "log_ack"}, {"attempt_id", text}, {"gone", true}});
  }
  const int64_t offset = reader.Integer("offset", 0, 0, INT64_MAX);
  const Status written =
      logs_.Write(outstanding->attempt, offset, reader.Boolean("cut", false), frame.body);
  // A full disk costs the log, not the attempt.
  if (!written.ok()) spdlog::error("{}", written.error().message);
  Send(worker, {{"op", "log_ack"},
                {"attempt_id", text},
                {"offset", offset + static_cast<int64_t>(frame.body.size())}});
}

void NatsExecutor::OnRequest(const std::string& worker, const Json& message) {
  const Json method = message.value("method", Json());
  callbacks_.on_request(
      method.is_string() ? method.get<std::string>() : "", message.value("params", Json::object()),
      [this, alive = alive_, worker, id = message.value("id", Json())](const Result<Json>& answer) {
        if (!*alive) return;
        Json response = {{"op", "response"}, {"id", id}};
        if (answer.ok()) {
          response["result"] = *answer;
        } else {
          response["error"] = answer.error().message;
        }
        Send(worker, std::move(response));
      });
}

void NatsExecutor::OnFile(const std::string& worker, const Json& message) {
  JsonReader reader(message, "a worker's wish for a file");
  const std::string hash = reader.String("hash");
  const int64_t offset = reader.Integer("offset", 0, 0, INT64_MAX);
  const auto part = dags_.Read(hash, offset, kFilePartBytes);
  Json answer = {{"op", "file"}, {"hash", hash}, {"offset", offset}};
  if (!part) {
    answer["gone"] = true;
    return Send(worker, std::move(answer));
  }
  answer["size"] = part->size;
  Send(worker, std::move(answer), part->bytes);
}

void NatsExecutor::OnBye(const std::string& worker) {
  // Of one that has attempts all the same, nothing will be heard any more.
  if (ledger_.IdsOf(worker).empty()) {
    workers_.erase(worker);
    ledger_.ForgetWorker(worker);
  }
}

// --- Silence ---

// Runs only while something is to be watched: nothing wakes up otherwise.
void NatsExecutor::Watch() {
  const bool is_watched = grace_beats_ > 0 || ledger_.attempts().size() > tickets_.size();
  if (!is_watched || beat_.armed()) return;
  is_echoed_ = false;
  for (auto& [name, worker] : workers_) {
    worker.is_heard = true;
    worker.missing_beats = 0;
  }
  client_->SendFrame(own_subject_ + kEcho, {{"op", "echo"}});
  beat_.Arm(kBeat, [this] { OnBeat(); });
}

// A worker is silent only if it is not we who cannot hear: what we send to ourselves must come
// back.
void NatsExecutor::OnBeat() {
  std::vector<std::string> lost;
  if (is_echoed_) {
    for (auto& [name, worker] : workers_) {
      const bool has_attempts = !ledger_.IdsOf(name).empty();
      worker.missing_beats = worker.is_heard || !has_attempts ? 0 : worker.missing_beats + 1;
      worker.is_heard = false;
      if (worker.missing_beats >= kMissingBeatsMax) lost.push_back(name);
    }
    if (grace_beats_ > 0 && is_settled_ && --grace_beats_ == 0) EndGrace();
  }
  for (const std::string& name : lost) Lose(name);
  const bool is_watched = grace_beats_ > 0 || ledger_.attempts().size() > tickets_.size();
  if (!is_watched) return;
  is_echoed_ = false;
  client_->SendFrame(own_subject_ + kEcho, {{"op", "echo"}});
  beat_.Arm(kBeat, [this] { OnBeat(); });
}

void NatsExecutor::Lose(const std::string& worker) {
  const std::string reason = fmt::format(
      "the worker {} was lost: nothing was heard of it for {} s", worker,
      std::chrono::duration_cast<std::chrono::seconds>(kMissingBeatsMax * kBeat).count());
  spdlog::error("{}", reason);
  workers_.erase(worker);
  for (const AttemptId id : ledger_.IdsOf(worker)) End(id, Outcome::kLost, reason);
}

// Whoever has not said by now that he has such an attempt does not have it.
void NatsExecutor::EndGrace() {
  for (const AttemptId id : std::exchange(recovered_, {})) {
    const Outstanding* outstanding = ledger_.Find(id);
    if (!outstanding || !outstanding->worker.empty()) continue;
    if (outstanding->stage == Stage::kRunning) {
      End(id, Outcome::kLost, "no worker has the attempt any more");
    } else if (!outstanding->cancel_reason.empty()) {
      End(id, Outcome::kFailed, outstanding->cancel_reason);
    }
  }
}

// --- Figures ---

std::map<std::string, NatsExecutor::QueueFigures> NatsExecutor::Queues() const {
  std::map<std::string, QueueFigures> queues;
  const Time now = clock_.Now();
  for (const auto& [id, outstanding] : ledger_.attempts()) {
    if (outstanding.stage == Stage::kEnded) continue;
    QueueFigures& queue = queues[QueueOf(outstanding.attempt)];
    if (outstanding.stage != Stage::kQueued) {
      ++queue.running;
      continue;
    }
    ++queue.waiting;
    queue.oldest_wait = std::max(queue.oldest_wait, now - outstanding.queued_at);
  }
  for (const auto& [name, worker] : workers_) {
    for (const std::string& queue : worker.queues) {
      ++queues[queue].workers;
      queues[queue].slots += worker.max_concurrency;
    }
  }
  return queues;
}

void NatsExecutor::Describe(std::function<void(const Json& workers)> done) {
  if (workers_.empty() || !client_->is_connected()) {
    return Later([done = std::move(done)] { done(Json::array()); });
  }
  Inquiry inquiry;
  inquiry.done = std::move(done);
  for (const auto& [name, worker] : workers_) inquiry.silent.insert(name);
  inquiries_.push_back(std::move(inquiry));
  Broadcast({{"op", "describe"}});
  if (!inquiry_limit_.armed()) inquiry_limit_.Arm(kInquiryLimit, [this] { EndInquiry(); });
}

void NatsExecutor::OnDescribed(const std::string& worker, const Json& described) {
  const Worker& entry = workers_.at(worker);
  Json row = described;
  row["name"] = entry.name;
  row["queues"] = entry.queues;
  row["max_concurrency"] = entry.max_concurrency;
  bool is_complete = true;
  for (Inquiry& inquiry : inquiries_) {
    if (inquiry.silent.erase(worker) > 0) inquiry.described.push_back(row);
    is_complete = is_complete && inquiry.silent.empty();
  }
  if (is_complete) EndInquiry();
}

// Of those that have no attempts nobody else would notice that they are gone.
void NatsExecutor::EndInquiry() {
  inquiry_limit_.Disarm();
  for (const Inquiry& inquiry : std::exchange(inquiries_, {})) {
    for (const std::string& silent : inquiry.silent) OnBye(silent);
    inquiry.done(inquiry.described);
  }
}

}  // namespace beeflow
