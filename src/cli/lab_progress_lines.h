// How far `lab run` is: on a terminal one line that is drawn anew, elsewhere a line for each step.
#pragma once

#include <ostream>
#include <string>

#include "lab/lab_run.h"

namespace beeflow {

class LabProgressLines : public LabProgress {
 public:
  // `err` outlives it.
  LabProgressLines(std::ostream* err, bool is_terminal) : err_(*err), is_terminal_(is_terminal) {}

  void Update(const LabStatus& status) override;
  void Ended(const TrialReport& report) override;

 private:
  void Erase();

  std::ostream& err_;
  const bool is_terminal_;
  std::string told_;  // what has not to be told again
  bool drawn_ = false;
};

// "failed: the DAG file ...", "5 runs in 2 min 40 s", "5 runs (1 failed) ...".
std::string DescribeTrial(const TrialReport& report);

}  // namespace beeflow
