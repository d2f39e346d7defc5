// Lets only a few requests at once have user code run: whoever may look at a task must not be able
// to fill the machine with processes. Any thread.
#pragma once

#include <memory>
#include <semaphore>

#include "base/result.h"

namespace beeflow {

class CodeGate {
 public:
  static constexpr int kAtOnce = 4;
  static constexpr std::chrono::seconds kPatience{10};

  struct Leave {
    void operator()(CodeGate* gate) const { gate->places_.release(); }
  };
  using Pass = std::unique_ptr<CodeGate, Leave>;  // must not outlive the gate

  // Waits for a place; kUnavailable where none gets free.
  Result<Pass> Enter();

 private:
  std::counting_semaphore<kAtOnce> places_{kAtOnce};
};

}  // namespace beeflow
