// A small, fast, seeded generator (SplitMix64, Steele et al. 2014). All randomness reaches the code
// through one of these, handed in by its owner, so that a run can be replayed from its seed.
#pragma once

#include <cstdint>

namespace beeflow {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  // Uniform in [0, bound); bound > 0. The bias of the modulo is below 2^-32 for bounds below 2^32.
  uint64_t Below(uint64_t bound);
  // True with probability numerator / denominator.
  bool OneIn(uint64_t denominator) { return Below(denominator) == 0; }

 private:
  uint64_t state_;
};

}  // namespace beeflow
