#include "api/code_gate.h"

#include <string>

namespace beeflow {

Result<CodeGate::Pass> CodeGate::Enter() {
  if (places_.try_acquire_for(kPatience)) return Pass(this);
  return Unavailable("the code of DAG files answers " + std::to_string(kAtOnce) +
                     " other requests; try again");
}

}  // namespace beeflow
