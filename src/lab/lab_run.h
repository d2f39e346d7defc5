// `beeflow lab run`: carries out the trials of an experiment file, one after the other. A failing
// one does not stop the rest; those whose results are there already are skipped, so that the same
// call goes on after an interruption.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lab/experiment.h"
#include "lab/lab_system.h"

namespace beeflow {

// Where trials leave their results, each under the name of its system.
class LabResults {
 public:
  virtual ~LabResults() = default;
  // The record of a trial that has finished; null where none has.
  virtual Result<Json> Record(const std::string& system) = 0;
  // Stores the tables and then the record, which makes it finished, in the place of what is there.
  virtual Status Save(const std::string& system, ExportSource* tables, const Json& record,
                      Time now) = 0;
  // For people: where that system's results are.
  virtual std::string Address(const std::string& system) const = 0;
};

enum class TrialEnd { kFinished, kSkipped, kFailed, kInterrupted };

struct TrialReport {
  std::string system;
  TrialEnd end = TrialEnd::kFinished;
  Status error;         // kFailed
  int runs = 0;         // recorded
  int runs_failed = 0;  // of these
  int runs_expected = 0;
  Duration took{};
  std::string address;  // of the results
};

// What goes on, for people.
struct LabStatus {
  size_t number = 0;  // of the trial, from 1
  size_t count = 0;
  std::string system;
  std::string doing;
  Duration remaining{};  // of all trials
};

class LabProgress {
 public:
  virtual ~LabProgress() = default;
  virtual void Update(const LabStatus& status) = 0;
  virtual void Ended(const TrialReport& report) = 0;
};

// What RunLab works with; all outlives the call.
struct LabParts {
  LabTime* time = nullptr;
  LabProgress* progress = nullptr;
  std::function<Result<std::unique_ptr<LabSystem>>(const Controller&, const Experiment&)>
      open_system;
  std::function<Result<std::unique_ptr<LabResults>>(const Controller&)> open_results;
  Json surroundings;   // goes into every record: version, machine
  bool again = false;  // carry out finished trials, too, and replace their results
};

// The reports of all trials that were begun or skipped, in order. An error means that nothing was
// begun: results cannot be reached, or are those of another definition (kConflict).
Result<std::vector<TrialReport>> RunLab(const ExperimentFile& file, const LabParts& parts);

}  // namespace beeflow
