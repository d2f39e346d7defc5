#include "worker/parse_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "os/process.h"

namespace beeflow {
namespace {

// The environment keeps the limit itself, and can tell where the time went; this is for code that
// does not let it.
constexpr Duration kTimeoutMargin = std::chrono::seconds(1);
// Nearly all imports are done within this time.
constexpr Duration kQuick = std::chrono::seconds(1);
// Besides those that are not known to be slow. Most wait for a network; those that do not have a
// lower priority.
constexpr size_t kSlowMax = 8;

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
  put_off_.clear();
  for (const auto& [id, running] : running_) pool_.Drop(running.job);
  running_.clear();
}

void ParseQueue::Respond(uint64_t id, const Json& response) {
  const auto running = running_.find(id);
  if (running != running_.end()) pool_.Respond(running->second.job, response);
}

void ParseQueue::StartWaiting() {
  const auto start_first = [this](std::deque<Request>* queue, bool slow) {
    const Request request = std::move(queue->front());
    queue->pop_front();
    Start(request, slow);
  };
  while (!waiting_.empty() && running_.size() - CountSlow() < max_parses_) {
    start_first(&waiting_, false);
  }
  while (!put_off_.empty() && CountSlow() < kSlowMax) start_first(&put_off_, true);
}

size_t ParseQueue::CountSlow() const {
  return static_cast<size_t>(std::count_if(running_.begin(), running_.end(),
                                           [](const auto& entry) { return entry.second.slow; }));
}

void ParseQueue::Start(const Request& request, bool slow) {
  const uint64_t id = request.id;
  const auto [it, is_new] = running_.try_emplace(id, io_, request, slow);
  if (!is_new) return;
  Running* running = &it->second;
  const std::string& file = running->request.file;
  EnvironmentJob job;
  job.kind = EnvironmentJob::Kind::kParse;
  job.file = file;
  job.memory_mb = pool_.memory_mb();
  job.request = {{"op", "parse"}, {"file", file}, {"timeout", ToSeconds(running->request.timeout)}};
  job.on_started = [this, running](const EnvironmentStart& start) {
    OnStarted(running, start.pid);
  };
  job.on_request = [this, id](const Json& asked) { callbacks_.on_request(id, asked); };
  job.on_answer = [this, id](Json answer) {
    answer.erase("op");
    End(id, std::move(answer));
  };
  job.on_lost = [this, id, file](const std::string& reason, const auto&) {
    End(id, ImportErrorResult(file, fmt::format("importing {} failed: {}", file, reason), {}));
  };
  running->job = pool_.Submit(std::move(job));
}

void ParseQueue::OnStarted(Running* running, pid_t pid) {
  running->pid = pid;
  if (running->slow) return Limit(running, {});
  running->timer.Arm(kQuick, [this, id = running->request.id] { OnSlow(id); });
}

// `passed`: how long it has been running.
void ParseQueue::Limit(Running* running, Duration passed) {
  LowerPriority(running->pid);
  running->timer.Arm(running->request.timeout + kTimeoutMargin - passed,
                     [this, id = running->request.id] { OnTimeout(id); });
}

void ParseQueue::OnSlow(uint64_t id) {
  Running& running = running_.at(id);
  if (CountSlow() < kSlowMax) {
    running.slow = true;
    Limit(&running, kQuick);
  } else {
    pool_.Drop(running.job);
    put_off_.push_back(std::move(running.request));
    running_.erase(id);
    callbacks_.on_put_off(id);
  }
  StartWaiting();
}

void ParseQueue::OnTimeout(uint64_t id) {
  const Running& running = running_.at(id);
  const Request& request = running.request;
  pool_.Drop(running.job);
  End(id, ImportErrorResult(request.file,
                            fmt::format("importing {} took longer than {} s", request.file,
                                        ToSeconds(request.timeout)),
                            request.timeout));
}

void ParseQueue::End(uint64_t id, Json result) {
  running_.erase(id);
  callbacks_.on_parsed(id, std::move(result));
  StartWaiting();
}

}  // namespace beeflow
