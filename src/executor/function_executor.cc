#include "executor/function_executor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "executor/attempt_message.h"
#include "worker/parse_queue.h"

namespace beeflow {
namespace {

// A file that costs so many workers their life is not tried again.
constexpr int kWorkersLostMax = 2;

// A worker is asked so many times before it counts as hanging.
constexpr int kBeats = 3;

constexpr const char* kUnknownAttempt = "the database does not know this attempt any more";
constexpr const char* kWorkerLost = "the worker process was lost while the attempt ran";

// What a callback of a DAG has printed and logged; often nothing.
std::string OutputOf(const Json& answer) {
  const Json output = answer.value("output", Json());
  std::string text = output.is_string() ? output.get<std::string>() : "";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

FunctionExecutor::FunctionExecutor(asio::io_context& io, Clock& clock, WorkerChannelOptions options,
                                   Callbacks callbacks)
    : io_(io),
      clock_(clock),
      callbacks_(std::move(callbacks)),
      ledger_(clock, callbacks_.on_report),
      heartbeat_(io),
      channel_(io, std::move(options), ChannelCallbacks()) {}

FunctionExecutor::~FunctionExecutor() {
  *alive_ = false;
  if (channel_.is_connected() && !HasWork()) channel_.SendExit();
}

Result<std::unique_ptr<FunctionExecutor>> FunctionExecutor::Listen(asio::io_context& io,
                                                                   Clock& clock,
                                                                   WorkerChannelOptions options,
                                                                   Callbacks callbacks) {
  std::unique_ptr<FunctionExecutor> executor(
      new FunctionExecutor(io, clock, std::move(options), std::move(callbacks)));
  BEEFLOW_RETURN_IF_ERROR(executor->channel_.Listen());
  return executor;
}

WorkerChannel::Callbacks FunctionExecutor::ChannelCallbacks() {
  WorkerChannel::Callbacks callbacks;
  callbacks.on_hello = [this](const Json& hello) { OnHello(hello); };
  callbacks.on_message = [this](const Json& message) { OnMessage(message); };
  callbacks.on_gone = [this] { OnGone(); };
  callbacks.on_unavailable = [this](const std::string& reason) { OnUnavailable(reason); };
  return callbacks;
}

bool FunctionExecutor::HasWork() const {
  return !ledger_.empty() || !asks_.empty() || !parses_.empty() || !unclaimed_.empty();
}

void FunctionExecutor::WatchWorker() {
  if (heartbeat_.armed() || channel_.hang_limit() == Duration(0)) return;
  is_heard_ = true;
  silent_beats_ = 0;
  heartbeat_.Arm(channel_.hang_limit() / kBeats, [this] { OnHeartbeat(); });
}

// Runs only while there is work: nothing wakes up otherwise.
void FunctionExecutor::OnHeartbeat() {
  const bool is_watched = HasWork() && channel_.is_alive() && answers_pings_;
  if (!is_watched) return;
  silent_beats_ = std::exchange(is_heard_, false) ? 0 : silent_beats_ + 1;
  if (silent_beats_ >= kBeats) {
    lost_reason_ = fmt::format("the worker was lost: it did not answer for {} s and was killed",
                               ToSeconds(channel_.hang_limit()));
    spdlog::error("{}", lost_reason_);
    silent_beats_ = 0;
    channel_.KillWorker();
  }
  channel_.Send({{"op", "ping"}});
  heartbeat_.Arm(channel_.hang_limit() / kBeats, [this] { OnHeartbeat(); });
}

// What follows from a call is told after it has returned.
void FunctionExecutor::Later(std::function<void()> action) {
  asio::post(io_, [alive = alive_, action = std::move(action)] {
    if (*alive) action();
  });
}

void FunctionExecutor::Start(Attempt attempt) {
  const AttemptId id = attempt.id;
  AttemptLedger::Outstanding* added = ledger_.Add(std::move(attempt), Stage::kQueued);
  if (!added) return;
  WatchWorker();
  // The worker may have it already, from a former control process; it ignores what it knows.
  Claim(id);
  if (channel_.is_connected()) {
    SendStart(added);
  } else {
    channel_.Want();
  }
}

void FunctionExecutor::Resume(Attempt attempt) {
  const AttemptId id = attempt.id;
  if (!ledger_.Add(std::move(attempt), Stage::kRunning)) return;
  WatchWorker();
  Claim(id);
  const bool may_be_alive =
      channel_.is_connected() ? hello_attempts_.contains(id) : channel_.is_alive();
  // A worker that is not connected yet says in its hello whether it has the attempt. What it had to
  // tell of an end is told first.
  if (!may_be_alive) Later([this, id] { End(id, Outcome::kLost, kWorkerLost); });
}

void FunctionExecutor::Claim(AttemptId id) {
  const auto [first, last] = unclaimed_.equal_range(id);
  for (auto it = first; it != last; ++it) {
    Later([this, worker = worker_, message = std::move(it->second)] {
      // Another worker's numbers mean other reports.
      if (worker == worker_) OnReport(message);
    });
  }
  unclaimed_.erase(first, last);
}

void FunctionExecutor::SendStart(AttemptLedger::Outstanding* outstanding) {
  outstanding->stage = Stage::kSent;
  const Attempt& attempt = outstanding->attempt;
  const std::string& queue = attempt.dag->tasks.at(attempt.task).queue;
  const AttemptLimits limits = callbacks_.limits_of ? callbacks_.limits_of(queue) : AttemptLimits();
  Json message = AttemptToJson(attempt, limits);
  message["queued_at"] = outstanding->queued_at.time_since_epoch().count();
  channel_.Send({{"op", "start"}, {"attempt", std::move(message)}});
}

void FunctionExecutor::Cancel(AttemptId attempt, const std::string& reason) {
  AttemptLedger::Outstanding* outstanding = ledger_.Find(attempt);
  if (!outstanding || outstanding->stage == Stage::kEnded) return;
  if (outstanding->stage == Stage::kQueued) {
    return Later([this, attempt, reason] { End(attempt, Outcome::kFailed, reason); });
  }
  outstanding->cancel_reason = reason;
  channel_.Send({{"op", "cancel"}, {"attempt_id", FormatAttemptId(attempt)}, {"reason", reason}});
}

void FunctionExecutor::Acknowledge(const std::vector<uint64_t>& reports) {
  Json numbers = Json::array();
  for (const auto& report : ledger_.Acknowledge(reports)) numbers.push_back(report.number);
  if (!numbers.empty()) channel_.Send({{"op", "ack"}, {"reports", std::move(numbers)}});
  if (!HasWork()) heartbeat_.Disarm();
}

void FunctionExecutor::Parse(const std::string& file, Duration timeout,
                             std::function<void(Json)> done) {
  const uint64_t id = ++last_parse_;
  PendingParse& parse = parses_[id] = {file, timeout, std::move(done)};
  if (channel_.is_connected()) {
    SendParse(id, &parse);
  } else {
    channel_.Want();
  }
}

void FunctionExecutor::SendParse(uint64_t id, PendingParse* parse) {
  parse->is_sent = true;
  channel_.Send(
      {{"op", "parse"}, {"id", id}, {"file", parse->file}, {"timeout", ToSeconds(parse->timeout)}});
}

void FunctionExecutor::OnHello(const Json& hello) {
  JsonReader reader(hello, "the worker's hello");
  is_heard_ = true;
  answers_pings_ = reader.Boolean("answers_pings", false);
  const std::string worker = reader.String("worker");
  if (const std::string former = std::exchange(worker_, worker); worker != former) {
    ledger_.ForgetWorker(former);
    spdlog::info(
        "worker {}: limits of memory and CPU that are set for a queue or a task: {}; "
        "others: memory of each process (RLIMIT_DATA)",
        worker_, reader.String("limits", "not known"));
  }
  hello_attempts_.clear();
  for (const std::string& text : reader.Strings("attempts")) {
    if (const auto id = ParseAttemptId(text)) hello_attempts_.insert(*id);
  }
  for (const AttemptId id : ledger_.Ids()) {
    if (AttemptLedger::Outstanding* outstanding = ledger_.Find(id)) Compare(id, outstanding);
  }
  for (auto& [id, parse] : parses_) SendParse(id, &parse);
  for (const auto& [id, ask] : asks_) channel_.Send(ask.message);
  if (is_settled_) CancelUnknown();
}

// After hello: what the worker has of an attempt, against what we think.
void FunctionExecutor::Compare(AttemptId id, AttemptLedger::Outstanding* outstanding) {
  const bool has_it = hello_attempts_.contains(id);
  switch (outstanding->stage) {
    case Stage::kQueued:
      return SendStart(outstanding);
    case Stage::kSent:
      if (!has_it) return SendStart(outstanding);  // the message was lost with the connection
      break;
    case Stage::kRunning:
      if (!has_it) return End(id, Outcome::kLost, kWorkerLost);
      break;
    case Stage::kEnded:
      return;
  }
  if (!outstanding->cancel_reason.empty()) Cancel(id, outstanding->cancel_reason);
}

void FunctionExecutor::OnMessage(const Json& message) {
  const std::string& op = message["op"].get_ref<const std::string&>();
  is_heard_ = true;
  if (op == "pong") return;
  if (op == "report") return OnReport(message);
  if (op == "parsed") return OnParsed(message);
  if (op == "answer") return OnAnswer(message);
  if (op == "request") return OnRequest(message);
  if (op == "idle") return OnIdle();
  if (op == "described") return OnDescribed(message);
  spdlog::warn("attempt channel: the worker sent an unknown message '{}'", op);
}

void FunctionExecutor::Describe(std::function<void(const Json& described)> done) {
  if (!channel_.is_connected()) return Later([done = std::move(done)] { done(nullptr); });
  curious_.push_back(std::move(done));
  if (curious_.size() == 1) channel_.Send({{"op", "describe"}});
}

// One answer is for all who have asked meanwhile.
void FunctionExecutor::OnDescribed(const Json& described) {
  for (const auto& done : std::exchange(curious_, {})) done(described);
}

void FunctionExecutor::OnReport(const Json& message) {
  JsonReader reader(message, "the worker's report");
  const auto number = static_cast<uint64_t>(reader.Integer("report", 0, 1, INT64_MAX));
  Result<Report> report = ReportFromJson(message);
  if (!report.ok() || !reader.status().ok()) {
    spdlog::error("attempt channel: {}",
                  (report.ok() ? reader.status() : Status(report.error())).error().message);
    return;
  }
  const AttemptLedger::WorkerReport from{worker_, number};
  switch (ledger_.Look(from)) {
    case AttemptLedger::Seen::kNever:
      break;
    case AttemptLedger::Seen::kKept:
      return;
    case AttemptLedger::Seen::kAcknowledged:
      return channel_.Send({{"op", "ack"}, {"reports", {number}}});
  }
  if (ledger_.Find(report->attempt)) return ledger_.Deliver(std::move(*report), from);
  if (is_settled_) return OnUnknownReport(std::move(*report), number);
  unclaimed_.emplace(report->attempt, message);
}

// Of an attempt that a former control process had started, and that its task instance has gone on
// without: only what it took is of interest.
void FunctionExecutor::OnUnknownReport(Report report, uint64_t worker_number) {
  if (report.usage && !report.task_id.empty()) {
    return ledger_.Pass(std::move(report), {worker_, worker_number});
  }
  channel_.Send({{"op", "ack"}, {"reports", {worker_number}}});
}

// An end that no worker reports.
void FunctionExecutor::End(AttemptId id, Outcome outcome, const std::string& reason) {
  const AttemptLedger::Outstanding* outstanding = ledger_.Find(id);
  if (!outstanding || outstanding->stage == Stage::kEnded) return;
  // Cancelled while it was queued, and sent in the meantime: the worker reports its end.
  if (outcome == Outcome::kFailed && outstanding->stage != Stage::kQueued) {
    return Cancel(id, reason);
  }
  ledger_.End(id, outcome, reason);
}

void FunctionExecutor::Retain(const std::unordered_set<AttemptId>& known) {
  is_settled_ = true;
  // Nobody waits for the reports of the others.
  for (auto& [id, message] : std::exchange(unclaimed_, {})) {
    Later([this, worker = worker_, unknown = std::move(message)] {
      if (worker == worker_) OnReport(unknown);
    });
  }
  for (const auto& [id, outstanding] : ledger_.attempts()) {
    if (!known.contains(id)) Cancel(id, kUnknownAttempt);
  }
  CancelUnknown();
}

// What the worker runs for a former control process and nobody wants any more.
void FunctionExecutor::CancelUnknown() {
  for (const AttemptId id : hello_attempts_) {
    if (ledger_.Find(id)) continue;
    channel_.Send(
        {{"op", "cancel"}, {"attempt_id", FormatAttemptId(id)}, {"reason", kUnknownAttempt}});
  }
}

void FunctionExecutor::OnParsed(const Json& message) {
  JsonReader reader(message, "the worker's parse result");
  const auto it = parses_.find(static_cast<uint64_t>(reader.Integer("id", 0, 0, INT64_MAX)));
  if (it == parses_.end()) return;
  const PendingParse parse = std::move(it->second);
  parses_.erase(it);
  parse.done(reader.Raw("result"));
}

void FunctionExecutor::Ask(const std::string& file, const std::string& version, Json request,
                           std::function<void(const Result<Json>& answer)> done,
                           std::optional<Duration> limit) {
  const uint64_t id = ++last_ask_;
  request["file"] = file;
  request["version"] = version;
  Json message = {{"op", "ask"}, {"id", id}, {"request", std::move(request)}};
  if (limit) message["timeout"] = ToSeconds(*limit);
  if (channel_.is_connected()) {
    channel_.Send(message);
  } else {
    channel_.Want();
  }
  asks_[id] = {std::move(message), std::move(done)};
}

void FunctionExecutor::OnAnswer(const Json& message) {
  JsonReader reader(message, "the worker's answer");
  const auto it = asks_.find(static_cast<uint64_t>(reader.Integer("id", 0, 0, INT64_MAX)));
  if (it == asks_.end()) return;
  const PendingAsk ask = std::move(it->second);
  asks_.erase(it);
  const Json answer = reader.Raw("answer");
  const std::string error = answer.is_object() && answer.value("error", Json()).is_string()
                                ? answer["error"].get<std::string>()
                                : "";
  if (error.empty()) return ask.done(answer);
  ask.done(answer.contains("timed_out") ? Unavailable(error) : Internal(error));
}

void FunctionExecutor::LoseAsks(const std::string& reason) {
  for (const auto& [id, ask] : std::exchange(asks_, {})) ask.done(Unavailable(reason));
}

void FunctionExecutor::AskNextRun(const TimetableQuestion& question, NextRunDone done) {
  Ask(question.file, question.dag_hash, NextRunRequest(question),
      [question, done = std::move(done)](const Result<Json>& answer) {
        const auto next =
            answer.ok() ? NextRunFromJson(*answer) : Result<std::optional<NextRun>>(answer.error());
        if (!next.ok()) {
          spdlog::error("{}: the timetable of DAG {} failed: {}", question.file, question.dag_id,
                        next.error().message);
        }
        done(next);
      });
}

void FunctionExecutor::AskManualInterval(const ManualIntervalQuestion& question,
                                         IntervalDone done) {
  Ask(question.file, question.dag_hash, ManualIntervalRequest(question),
      [done = std::move(done)](const Result<Json>& answer) {
        done(answer.ok() ? IntervalFromJson(*answer) : Result<DataInterval>(answer.error()));
      });
}

void FunctionExecutor::RunCallback(const DagCallback& callback, SlaTold told) {
  ++open_callbacks_;
  Ask(callback.file, callback.dag_hash, CallbackRequest(callback),
      [this, run = callback.run.key, late = callback.late,
       told = std::move(told)](const Result<Json>& answer) {
        if (answer.ok() && !late.empty()) told(SlaToldFromJson(run, late, *answer));
        EndCallback(run, answer);
      });
}

void FunctionExecutor::EndCallback(const RunKey& run, const Result<Json>& answer) {
  --open_callbacks_;
  const std::string output = answer.ok() ? OutputOf(*answer) : "";
  if (!answer.ok()) {
    spdlog::error("DAG {}, run {}: its callback failed: {}", run.dag_id, run.run_id,
                  answer.error().message);
  } else if (!output.empty()) {
    spdlog::info("DAG {}, run {}: its callback printed:\n{}", run.dag_id, run.run_id, output);
  }
  if (callbacks_.on_callback_end) callbacks_.on_callback_end(run, output);
}

void FunctionExecutor::OnRequest(const Json& message) {
  const Json method = message.value("method", Json());
  callbacks_.on_request(
      method.is_string() ? method.get<std::string>() : "", message.value("params", Json::object()),
      [this, alive = alive_, id = message.value("id", Json())](const Result<Json>& answer) {
        if (!*alive) return;
        Json response = {{"op", "response"}, {"id", id}};
        if (answer.ok()) {
          response["result"] = *answer;
        } else {
          response["error"] = answer.error().message;
        }
        channel_.Send(response);
      });
}

void FunctionExecutor::OnIdle() {
  if (!HasWork()) channel_.SendExit();
}

void FunctionExecutor::OnGone() {
  hello_attempts_.clear();
  unclaimed_.clear();
  ledger_.ForgetWorker(std::exchange(worker_, ""));
  OnDescribed(nullptr);
  std::vector<AttemptId> lost;
  for (const auto& [id, outstanding] : ledger_.attempts()) {
    const bool was_there =
        outstanding.stage == Stage::kSent || outstanding.stage == Stage::kRunning;
    if (was_there) lost.push_back(id);
    if (outstanding.stage == Stage::kQueued) channel_.Want();
  }
  const std::string why = std::exchange(lost_reason_, "");
  const std::string reason = why.empty() ? kWorkerLost : why;
  for (const AttemptId id : lost) End(id, Outcome::kLost, reason);
  LoseAsks(reason);
  ParseAgain();
}

// The worker took the files along that it was importing.
void FunctionExecutor::ParseAgain() {
  std::vector<PendingParse> hopeless;
  for (auto it = parses_.begin(); it != parses_.end();) {
    PendingParse& parse = it->second;
    if (std::exchange(parse.is_sent, false)) ++parse.workers_lost;
    if (parse.workers_lost < kWorkersLostMax) {
      ++it;
      continue;
    }
    hopeless.push_back(std::move(parse));
    it = parses_.erase(it);
  }
  if (!parses_.empty()) channel_.Want();
  for (const PendingParse& parse : hopeless) {
    parse.done(ImportErrorResult(
        parse.file, fmt::format("the worker was lost while importing {}", parse.file), {}));
  }
}

void FunctionExecutor::OnUnavailable(const std::string& reason) {
  spdlog::error("{}", reason);
  for (const AttemptId id : ledger_.Ids()) End(id, Outcome::kLost, reason);
  LoseAsks(reason);
  std::map<uint64_t, PendingParse> parses;
  parses.swap(parses_);
  for (const auto& [id, parse] : parses) parse.done(ImportErrorResult(parse.file, reason, {}));
}

}  // namespace beeflow
