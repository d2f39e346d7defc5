#include "worker/trigger_process.h"

#include <fmt/format.h>

#include <asio/post.hpp>
#include <utility>

namespace beeflow {
namespace {

// A trigger that takes the process down so often is not tried again.
constexpr int kLossesMax = 3;

}  // namespace

TriggerProcess::TriggerProcess(asio::io_context& io, EnvironmentPool& pool, Callbacks callbacks)
    : io_(io), pool_(pool), callbacks_(std::move(callbacks)) {}

void TriggerProcess::Start(const std::string& attempt_id, const Json& trigger,
                           const std::string& folder, const std::string& log) {
  Json frame = {{"op", "trigger"},
                {"attempt_id", attempt_id},
                {"trigger", trigger},
                {"paths", Json::array({folder})}};
  Send(frame);
  triggers_[attempt_id] = {std::move(frame), log};
  Begin();
}

void TriggerProcess::Begin() {
  if (job_ != 0) return;
  EnvironmentJob job;
  job.kind = EnvironmentJob::Kind::kTriggers;
  job.memory_mb = pool_.memory_mb();
  job.request = {{"op", "triggers"}};
  job.on_request = [this](const Json& frame) { OnFrame(frame); };
  job.on_lost = [this](const std::string& reason, const auto&) { OnLost(reason); };
  job_ = pool_.Submit(std::move(job));
  for (const auto& [id, known] : triggers_) Send(known.frame);
}

void TriggerProcess::Send(const Json& frame) {
  if (job_ != 0) pool_.Respond(job_, frame);
}

void TriggerProcess::Stop(const std::string& attempt_id) {
  if (triggers_.erase(attempt_id) == 0) return;
  Send({{"op", "untrigger"}, {"attempt_id", attempt_id}});
  EndIfUnused();
}

void TriggerProcess::Respond(const Json& response) { Send(response); }

void TriggerProcess::OnFrame(const Json& frame) {
  const std::string id = frame.value("attempt_id", "");
  losses_in_a_row_ = 0;
  if (frame["op"] == "request") return callbacks_.on_request(id, frame);
  if (frame["op"] == "log") {
    const auto found = triggers_.find(id);
    if (found != triggers_.end()) callbacks_.on_log(found->second.log, frame);
    return;
  }
  End(id, frame);
}

void TriggerProcess::End(const std::string& attempt_id, const Json& frame) {
  if (triggers_.erase(attempt_id) == 0) return;
  EndIfUnused();
  callbacks_.on_end(attempt_id, frame);
}

void TriggerProcess::OnLost(const std::string& reason) {
  job_ = 0;
  if (++losses_in_a_row_ < kLossesMax) return Begin();
  losses_in_a_row_ = 0;
  const std::string text = fmt::format("the trigger process was lost: {}", reason);
  for (const std::string& id : Ids()) {
    End(id, {{"op", "trigger_failed"}, {"attempt_id", id}, {"error", text}});
  }
}

// Not at once: the frame that ended the last trigger may be followed by the start of the next.
void TriggerProcess::EndIfUnused() {
  if (!triggers_.empty()) return;
  asio::post(io_, [this] {
    if (triggers_.empty() && job_ != 0) pool_.Drop(std::exchange(job_, 0));
  });
}

std::vector<std::string> TriggerProcess::Ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, known] : triggers_) ids.push_back(id);
  return ids;
}

}  // namespace beeflow
