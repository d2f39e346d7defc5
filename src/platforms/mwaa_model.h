// Managed Airflow (Amazon MWAA): a scheduler that polls, a queue, and Celery workers that are
// always on and share their processor among their tasks. docs/lab-simulate.md tells where each
// value comes from.
//
// A task's life: the scheduler's pass finds it, and sends it to the queue after those before it. A
// worker with a free slot takes it; which one is chance. Its process loads Airflow and the DAG file
// (start_work) until the task counts as started, runs up to the author's code (begin_work), and
// cleans up after the end (end_work): all on the worker's processor, among the others there. The
// slot is free after that.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "fleet/shared_processor.h"
#include "fleet/worker_fleet.h"
#include "platforms/platform_model.h"

namespace beeflow {

struct MwaaOptions {
  int min_workers = 1;
  int max_workers = 25;
  int tasks_per_worker = 5;  // a small environment's
  double worker_processors = 1;
  double poll_seconds = 0.5;         // between two passes of the schedulers
  double run_start_seconds = 0.15;   // of a scheduler, for each run that it starts
  double send_seconds = 0.07;        // of a scheduler, for each task that it sends
  double start_work_seconds = 2.2;   // processor time until the task counts as started
  double begin_work_seconds = 0.36;  // from there to the author's code
  double end_work_seconds = 1.0;     // after the end, until the slot is free
  double work_spread = 0.25;         // by which each of the three may differ
  double provision_seconds_min = 240;
  double provision_seconds_max = 270;
  double order_interval_seconds = 45;  // between the orders of two workers
  double cooldown_seconds = 210;
};

class MwaaModel : public PlatformModel {
 public:
  MwaaModel(const MwaaOptions& options, const ModelSurroundings& surroundings);

  Time NextTurn(Time known) override;

 protected:
  void Take(const std::vector<AttemptId>& queued, int runs_started) override;
  void Release(AttemptId id) override;

 private:
  enum class Stage : uint8_t { kSent, kStarting, kBeginning, kRunning, kEnding };
  struct Place {
    Stage stage = Stage::kSent;
    int worker = 0;
  };
  struct Worker {
    explicit Worker(double processors) : processor(processors) {}
    SharedProcessor processor;
    std::optional<Time> wake;  // when its processor is looked at next
  };

  void StepFleet();
  void StepWorker(int number);
  void WakeWorker(int number);
  void AddWork(AttemptId id, Stage stage, double seconds);
  void OnWorkDone(AttemptId id);

  const MwaaOptions options_;
  WorkerFleet fleet_;
  std::map<int, Worker> workers_;  // those that ever had a task, by the fleet's number
  std::unordered_map<AttemptId, Place> places_;
  std::optional<Time> fleet_wake_;
  Time sender_free_{};
  Duration phase_{};  // of the polls
};

}  // namespace beeflow
