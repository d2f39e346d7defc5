// Virtual time: a clock that moves from event to event, and may jump as a real one does when it is
// set. Events are kept by the steady time that has passed; what the Clock shows is the wall's.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "ports/clock.h"

namespace beeflow {

class VirtualTime : public Clock {
 public:
  explicit VirtualTime(Time start) : now_(start) {}

  Time Now() override { return now_ + offset_; }
  Time steady() const { return now_; }
  // A wall clock time as a steady one, as far as one can tell today.
  Time ToSteady(Time wall) const { return wall - offset_; }
  // The wall clock is set forwards or back.
  void Jump(Duration by) { offset_ += by; }

  // Runs `action` once `delay` has passed. Events of the same time run in the order of their
  // making.
  void After(Duration delay, std::function<void()> action) {
    events_.emplace(std::pair(now_ + delay, ++made_), std::move(action));
  }
  std::optional<Time> NextEvent() const {
    return events_.empty() ? std::nullopt : std::optional<Time>(events_.begin()->first.first);
  }
  void RunNext() {
    auto event = events_.extract(events_.begin());
    AdvanceTo(event.key().first);
    event.mapped()();
  }
  void AdvanceTo(Time steady) {
    if (steady > now_) now_ = steady;
  }

 private:
  Time now_;
  Duration offset_{};
  uint64_t made_ = 0;
  std::map<std::pair<Time, uint64_t>, std::function<void()>> events_;
};

}  // namespace beeflow
