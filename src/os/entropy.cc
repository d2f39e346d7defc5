#include "os/entropy.h"

#include <sys/random.h>

#include "base/result.h"

namespace beeflow {

uint64_t RandomSeed() {
  uint64_t seed = 0;
  // Requests of up to 256 bytes are neither cut short nor interrupted (getrandom(2)).
  BEEFLOW_CHECK(getrandom(&seed, sizeof seed, 0) == sizeof seed);
  return seed;
}

}  // namespace beeflow
