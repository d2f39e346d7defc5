#include "worker/attempt_runner.h"

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

namespace beeflow {

AttemptRunner::AttemptRunner(AttemptContext& context, Callbacks callbacks)
    : context_(context), callbacks_(std::move(callbacks)) {}

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
    waiting_.push_back(id);
    return ScheduleStart();
  }
  for (const std::string& old : older) Stop(old, "a newer attempt of its task instance started");
}

// One at a time, so that a burst of starts does not hold up the ends and the output of others.
void AttemptRunner::ScheduleStart() {
  if (waiting_.empty() || running_ >= context_.options.max_concurrency) return;
  if (std::exchange(start_scheduled_, true)) return;
  asio::post(context_.io, [this] {
    start_scheduled_ = false;
    StartWaiting();
    ScheduleStart();
  });
}

void AttemptRunner::StartWaiting() {
  if (waiting_.empty() || running_ >= context_.options.max_concurrency) return;
  const std::string id = std::move(waiting_.front());
  waiting_.pop_front();
  ++running_;
  attempts_.at(id)->Begin();
}

void AttemptRunner::OnEnd(const std::string& attempt_id, const AttemptEnd& end) {
  auto node = attempts_.extract(attempt_id);
  // Its methods are on the stack.
  const std::shared_ptr<RunningAttempt> attempt = std::move(node.mapped());
  asio::post(context_.io, [attempt] {});
  --running_;
  const auto instance = instances_.find(InstanceOf(attempt->spec()));
  std::deque<std::string>& others = instance->second;
  const bool was_first = others.front() == attempt_id;
  std::erase(others, attempt_id);
  if (others.empty()) {
    instances_.erase(instance);
  } else if (was_first && !attempts_.at(others.front())->has_begun()) {
    waiting_.push_back(others.front());
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
  std::erase(waiting_, attempt_id);
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

bool AttemptRunner::Watches(pid_t pid) const {
  return std::any_of(attempts_.begin(), attempts_.end(),
                     [pid](const auto& entry) { return entry.second->Watches(pid); });
}

std::vector<std::string> AttemptRunner::Ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, attempt] : attempts_) ids.push_back(id);
  return ids;
}

}  // namespace beeflow
