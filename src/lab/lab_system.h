// A system that experiments run on, as the lab drives it: an engine of our own in a fresh home, or
// an Airflow behind its REST API. And the passing of time, as the lab waits for it.
//
// Threads: one. Calls block until they are done or have failed for good; errors name the system and
// what to do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/catalog.h"
#include "ports/clock.h"

namespace beeflow {

class LabSystem {
 public:
  virtual ~LabSystem() = default;

  // Makes a clean environment: nothing of a former experiment is left.
  virtual Status Start() = 0;
  virtual Status Publish() = 0;  // the DAG files
  // Which DAGs of the experiment the system does not know yet. An import error, or the end of the
  // system, is an error.
  virtual Result<std::vector<std::string>> MissingDags() = 0;
  virtual Status SetPoolSlots(int slots) = 0;  // of default_pool
  virtual Status SetPaused(const std::string& dag_id, bool paused) = 0;
  virtual Status Trigger(const RunKey& key) = 0;
  // The runs of the experiment's DAGs since Start, in the order of their logical dates.
  virtual Result<std::vector<RunRecord>> Runs() = 0;
  // Called while nothing runs, again and again: true once the next run will find no environment
  // that could serve it. A system that is told nothing about is always as cold as it gets.
  virtual Result<bool> BecomeCold() = 0;
  // What has been recorded; lives no longer than the system.
  virtual Result<std::unique_ptr<ExportSource>> Export() = 0;
  // Takes away what Start, Publish and Trigger brought. Also after failures of these, and when
  // there is nothing.
  virtual Status Delete() = 0;

  // How often it is worth a look.
  virtual Duration poll_interval() const = 0;
  // For the record: version and place.
  virtual std::string version() const = 0;
};

// Time for the lab; the user may interrupt.
class LabTime : public Clock {
 public:
  // Returns at that moment, or before it, when the user interrupts.
  virtual void WaitUntil(Time moment) = 0;
  virtual bool interrupted() const = 0;
};

}  // namespace beeflow
