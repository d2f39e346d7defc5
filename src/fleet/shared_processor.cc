#include "fleet/shared_processor.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace beeflow {
namespace {

bool LessLeft(const std::pair<const SharedProcessor::JobId, double>& a,
              const std::pair<const SharedProcessor::JobId, double>& b) {
  return a.second < b.second;
}

// Ends are rounded up, so that at the time that NextDone names the job is done.
Duration RoundUp(double microseconds) {
  return Duration(static_cast<Duration::rep>(std::ceil(microseconds)));
}

}  // namespace

double SharedProcessor::Rate() const {
  return std::min(1.0, processors_ / static_cast<double>(left_.size()));
}

void SharedProcessor::Work(Time now) {
  while (!left_.empty()) {
    const auto next = std::min_element(left_.begin(), left_.end(), LessLeft);
    const Duration needed = RoundUp(next->second / Rate());
    const bool ends = worked_until_ + needed <= now;
    const Duration span = ends ? needed : now - worked_until_;
    const double work = static_cast<double>(span.count()) * Rate();
    for (auto& [id, left] : left_) left = std::max(0.0, left - work);
    worked_until_ += span;
    if (!ends) return;
    done_.push_back(next->first);
    left_.erase(next);
  }
  worked_until_ = std::max(worked_until_, now);
}

void SharedProcessor::Add(JobId id, Duration work, Time now) {
  Work(now);
  left_[id] = static_cast<double>(work.count());
}

void SharedProcessor::Remove(JobId id, Time now) {
  Work(now);
  left_.erase(id);
  std::erase(done_, id);
}

std::vector<SharedProcessor::JobId> SharedProcessor::Advance(Time now) {
  Work(now);
  return std::exchange(done_, {});
}

std::optional<Time> SharedProcessor::NextDone() const {
  if (!done_.empty()) return worked_until_;
  if (left_.empty()) return std::nullopt;
  const auto next = std::min_element(left_.begin(), left_.end(), LessLeft);
  return worked_until_ + RoundUp(next->second / Rate());
}

}  // namespace beeflow
