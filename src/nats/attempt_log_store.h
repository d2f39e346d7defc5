// The logs of attempts on workers elsewhere, written into [logging] base_log_folder in Airflow's
// layout, as the attempts' own worker would have written them.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "scheduler/attempt.h"

namespace beeflow {

class AttemptLogStore {
 public:
  explicit AttemptLogStore(std::string folder) : folder_(std::move(folder)) {}

  // How long the file of the attempt's try is; 0 where there is none.
  int64_t Size(const Attempt& attempt) const;
  // Writes at that place; `cut`: what follows it is removed before.
  Status Write(const Attempt& attempt, int64_t offset, bool cut, const std::string& text) const;

 private:
  std::string PathOf(const Attempt& attempt) const;

  const std::string folder_;
};

}  // namespace beeflow
