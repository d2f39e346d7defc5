#include "worker/attempt_runner.h"

#include <spdlog/spdlog.h>

#include <asio/post.hpp>
#include <utility>

#include "os/free_memory.h"

namespace beeflow {
namespace {

// A look at the machine's memory is good for so long.
constexpr Duration kMemoryLook = std::chrono::milliseconds(20);
// While it is short and nothing ends.
constexpr Duration kMemoryLookAgain = std::chrono::seconds(1);
constexpr int64_t kMegabyte = 1024 * 1024;

}  // namespace

AttemptRunner::AttemptRunner(AttemptContext& context, Callbacks callbacks)
    : context_(context), callbacks_(std::move(callbacks)), look_again_(context.io) {}

AttemptRunner::Instance AttemptRunner::InstanceOf(const AttemptSpec& spec) {
  return {spec.dag_id, spec.run_id, spec.task_id, spec.map_index};
}

void AttemptRunner::Start(AttemptSpec spec, Json attempt) {
  const std::string id = spec.id;
  BEEFLOW_CHECK(!Knows(id));
  std::deque<std::string>& attempts = instances_[InstanceOf(spec)];
  const std::vector<std::string> older(attempts.begin(), attempts.end());
  attempts.push_back(id);
  RunningAttempt::Callbacks callbacks;
  callbacks.on_running = [this, id](pid_t pid) {
    const RunningAttempt& running = *attempts_.at(id);
    callbacks_.on_running(running.spec(), running.start(), pid);
  };
  callbacks.on_request = [this, id](Json request) {
    callbacks_.on_request(id, std::move(request));
  };
  callbacks.on_end = [this, id](const AttemptEnd& end) { OnEnd(id, end); };
  attempts_[id] = std::make_unique<RunningAttempt>(context_, std::move(spec), std::move(attempt),
                                                   std::move(callbacks));
  if (older.empty()) {
    Enqueue(id);
    return ScheduleStart();
  }
  for (const std::string& old : older) Stop(old, "a newer attempt of its task instance started");
}

void AttemptRunner::Enqueue(const std::string& id) {
  const AttemptSpec& spec = attempts_.at(id)->spec();
  Line& line = lines_[spec.queue];
  line.max = spec.limits.max_concurrency.value_or(0);
  line.waiting.emplace_back(++last_number_, id);
}

// The line of whoever has waited longest and may start; null where nobody may.
AttemptRunner::Line* AttemptRunner::NextLine() {
  if (running_ >= context_.options.max_concurrency) return nullptr;
  Line* next = nullptr;
  for (auto& [queue, line] : lines_) {
    if (line.waiting.empty() || (line.max > 0 && line.running >= line.max)) continue;
    if (!next || line.waiting.front() < next->waiting.front()) next = &line;
  }
  return next;
}

// One runs whatever the memory: there would be no end to wait for.
bool AttemptRunner::HasMemory() {
  if (running_ == 0) return true;
  const Time now = context_.clock.Now();
  if (now - memory_looked_at_ >= kMemoryLook || now < memory_looked_at_) {
    memory_looked_at_ = now;
    const bool was_short = is_short_of_memory_;
    const auto available = AvailableMemoryBytes();
    is_short_of_memory_ = available && *available < context_.options.min_free_memory_bytes;
    if (is_short_of_memory_ && !was_short) {
      spdlog::warn("worker: {} MB of memory are left; further attempts wait",
                   *available / kMegabyte);
    }
  }
  return !is_short_of_memory_;
}

// One at a time, so that a burst of starts does not hold up the ends and the output of others.
void AttemptRunner::ScheduleStart() {
  if (start_scheduled_ || !NextLine()) return;
  if (!HasMemory()) {
    if (!look_again_.armed()) look_again_.Arm(kMemoryLookAgain, [this] { ScheduleStart(); });
    return;
  }
  start_scheduled_ = true;
  asio::post(context_.io, [this] {
    start_scheduled_ = false;
    StartWaiting();
    ScheduleStart();
  });
}

void AttemptRunner::StartWaiting() {
  Line* line = NextLine();
  if (!line) return;
  const std::string id = std::move(line->waiting.front().second);
  line->waiting.pop_front();
  ++line->running;
  ++running_;
  attempts_.at(id)->Begin();
}

void AttemptRunner::OnEnd(const std::string& attempt_id, const AttemptEnd& end) {
  auto node = attempts_.extract(attempt_id);
  // Its methods are on the stack.
  const std::shared_ptr<RunningAttempt> attempt = std::move(node.mapped());
  asio::post(context_.io, [attempt] {});
  --running_;
  const auto line = lines_.find(attempt->spec().queue);
  if (--line->second.running == 0 && line->second.waiting.empty()) lines_.erase(line);
  const auto instance = instances_.find(InstanceOf(attempt->spec()));
  std::deque<std::string>& others = instance->second;
  const bool was_first = others.front() == attempt_id;
  std::erase(others, attempt_id);
  if (others.empty()) {
    instances_.erase(instance);
  } else if (was_first && !attempts_.at(others.front())->has_begun()) {
    Enqueue(others.front());
  }
  callbacks_.on_end(attempt->spec(), attempt->start(), end);
  ScheduleStart();
}

void AttemptRunner::Stop(const std::string& attempt_id, const std::string& reason) {
  const auto it = attempts_.find(attempt_id);
  if (it == attempts_.end()) return;
  it->second->Stop(reason);
  if (it->second->has_begun()) return;
  // It only begins to tell its end.
  Line& line = lines_[it->second->spec().queue];
  std::erase_if(line.waiting, [&](const auto& entry) { return entry.second == attempt_id; });
  ++line.running;
  ++running_;
  it->second->Begin();
}

void AttemptRunner::StopAll(const std::string& reason) {
  for (const std::string& id : Ids()) Stop(id, reason);
}

void AttemptRunner::KillAll() {
  for (const auto& [id, attempt] : attempts_) attempt->Kill();
}

void AttemptRunner::Respond(const std::string& attempt_id, const Json& response) {
  const auto it = attempts_.find(attempt_id);
  if (it != attempts_.end()) it->second->Respond(response);
}

void AttemptRunner::ForEachRunning(const std::function<void(const RunningAttempt&)>& visit) const {
  for (const auto& [id, attempt] : attempts_) {
    if (attempt->has_begun()) visit(*attempt);
  }
}

std::vector<std::string> AttemptRunner::Ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, attempt] : attempts_) ids.push_back(id);
  return ids;
}

}  // namespace beeflow
