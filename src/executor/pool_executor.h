// The pool executor: the baseline that Beeflow is compared with. A fleet of always-on workers, as
// managed Airflow has them (fleet/worker_fleet.h), decides when an attempt gets a slot; what runs
// it then is another executor.
//
// It keeps no truth: attempts that wait here are queued in the database, and are started again
// after a restart of control.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "fleet/worker_fleet.h"
#include "os/delay_timer.h"
#include "ports/clock.h"
#include "ports/executor.h"

namespace beeflow {

class PoolExecutor : public Executor {
 public:
  // `clock` and `runner` outlive it. All that it measures are spans: the clock must be one that
  // nobody sets. Whoever takes the runner's reports shows them to OnReport.
  PoolExecutor(asio::io_context& io, Clock& clock, Executor& runner, const FleetOptions& options);

  void Start(Attempt attempt) override;
  void Resume(Attempt attempt) override;
  void Cancel(AttemptId attempt, const std::string& reason) override;
  void Retain(const std::unordered_set<AttemptId>& known) override;
  void Acknowledge(const std::vector<uint64_t>& reports) override;

  // An attempt that ended frees its slot.
  void OnReport(const Report& report);

 private:
  void Step();
  void TellWorkers();

  Clock& clock_;
  Executor& runner_;
  WorkerFleet fleet_;
  int workers_told_ = 0;
  std::map<AttemptId, Attempt> pending_;  // the runner has not got them yet
  DelayTimer due_;
};

}  // namespace beeflow
