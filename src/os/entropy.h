// Randomness from the operating system: seeds for base/random.h, and tokens.
#pragma once

#include <cstdint>

namespace beeflow {

// 64 unpredictable bits. Blocks only while the system boots.
uint64_t RandomSeed();

}  // namespace beeflow
