#include "worker/parse_queue.h"

#include <fmt/format.h>

#include <utility>

namespace beeflow {
namespace {

// The environment keeps the limit itself, and can tell where the time went; this is for code that
// does not let it.
constexpr Duration kTimeoutMargin = std::chrono::seconds(1);

}  // namespace

Json ImportErrorResult(const std::string& file, const std::string& message, Duration took) {
  return {{"file", file},
          {"dags", Json::array()},
          {"error", {{"message", message}, {"line", nullptr}, {"traceback", message}}},
          {"warnings", Json::array()},
          {"seconds", ToSeconds(took)}};
}

ParseQueue::ParseQueue(asio::io_context& io, EnvironmentPool& pool, int max_parses,
                       Callbacks callbacks)
    : io_(io),
      pool_(pool),
      max_parses_(static_cast<size_t>(max_parses)),
      callbacks_(std::move(callbacks)) {}

void ParseQueue::Parse(uint64_t id, const std::string& file, Duration timeout) {
  waiting_.push_back({id, file, timeout});
  StartWaiting();
}

void ParseQueue::Clear() {
  waiting_.clear();
  for (const auto& [id, running] : running_) pool_.Drop(running.job);
  running_.clear();
}

void ParseQueue::Respond(uint64_t id, const Json& response) {
  const auto running = running_.find(id);
  if (running != running_.end()) pool_.Respond(running->second.job, response);
}

void ParseQueue::StartWaiting() {
  while (!waiting_.empty() && running_.size() < max_parses_) {
    const Waiting parse = std::move(waiting_.front());
    waiting_.pop_front();
    Start(parse);
  }
}

void ParseQueue::Start(const Waiting& parse) {
  const auto [it, is_new] = running_.try_emplace(parse.id, io_);
  if (!is_new) return;
  Running& running = it->second;
  running.file = parse.file;
  EnvironmentJob job;
  job.kind = EnvironmentJob::Kind::kParse;
  job.file = parse.file;
  job.memory_mb = pool_.memory_mb();
  job.request = {{"op", "parse"}, {"file", parse.file}, {"timeout", ToSeconds(parse.timeout)}};
  job.on_started = [this, id = parse.id, timeout = parse.timeout](const EnvironmentStart&) {
    running_.at(id).timer.Arm(timeout + kTimeoutMargin,
                              [this, id, timeout] { OnTimeout(id, timeout); });
  };
  job.on_request = [this, id = parse.id](const Json& request) {
    callbacks_.on_request(id, request);
  };
  job.on_answer = [this, id = parse.id](Json answer) {
    answer.erase("op");
    End(id, std::move(answer));
  };
  job.on_lost = [this, id = parse.id, file = parse.file](const std::string& reason, const auto&) {
    End(id, ImportErrorResult(file, fmt::format("importing {} failed: {}", file, reason), {}));
  };
  running.job = pool_.Submit(std::move(job));
}

void ParseQueue::OnTimeout(uint64_t id, Duration timeout) {
  const Running& running = running_.at(id);
  pool_.Drop(running.job);
  End(id, ImportErrorResult(
              running.file,
              fmt::format("importing {} took longer than {} s", running.file, ToSeconds(timeout)),
              timeout));
}

void ParseQueue::End(uint64_t id, Json result) {
  running_.erase(id);
  callbacks_.on_parsed(id, std::move(result));
  StartWaiting();
}

}  // namespace beeflow
