// A channel between hosts that loses, repeats, delays and reorders messages, is cut off from some
// hosts for a while, is down, and forgets all that is under way.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <utility>

#include "base/random.h"
#include "sim/virtual_time.h"

namespace beeflow {

// Chances in thousandths.
struct LossyChannelOptions {
  uint64_t seed = 0;
  int lost = 0;
  int twice = 0;
  int late = 0;  // by seconds
};

class LossyChannel {
 public:
  // A message arrives by being carried out.
  using Message = std::function<void()>;

  // `time` outlives the channel.
  LossyChannel(VirtualTime* time, const LossyChannelOptions& options)
      : time_(time), options_(options), random_(options.seed) {}

  // Between two hosts, each named by a number.
  void Send(int from, int to, const Message& message) {
    if (!Reaches(from, to) || Chance(options_.lost)) return;
    Carry(from, to, message);
    if (Chance(options_.twice)) Carry(from, to, message);
  }
  bool Reaches(int from, int to) const { return IsReachable(from) && IsReachable(to); }
  bool IsReachable(int host) const { return is_up_ && !cut_off_.contains(host); }

  void CutOff(int host) { cut_off_.insert(host); }
  void Join(int host) { cut_off_.erase(host); }
  void SetUp(bool up) { is_up_ = up; }
  // What is under way is gone.
  void Wipe() { ++wipes_; }
  // All hosts are there, and messages arrive once and soon.
  void StopFaults() {
    options_.lost = options_.twice = options_.late = 0;
    is_up_ = true;
    cut_off_.clear();
  }

 private:
  bool Chance(int thousandths) { return random_.Below(1000) < static_cast<uint64_t>(thousandths); }
  void Carry(int from, int to, const Message& message) {
    const Duration delay_max = Chance(options_.late) ? Seconds(40) : Seconds(0.02);
    const auto delay = random_.Below(static_cast<uint64_t>(delay_max.count()));
    time_->After(Duration(static_cast<Duration::rep>(delay)),
                 [this, from, to, message, wipes = wipes_] {
                   if (wipes == wipes_ && Reaches(from, to)) message();
                 });
  }

  VirtualTime* const time_;
  LossyChannelOptions options_;
  Random random_;
  std::set<int> cut_off_;
  bool is_up_ = true;
  int wipes_ = 0;
};

}  // namespace beeflow
