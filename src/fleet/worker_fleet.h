// A model of always-on workers, as managed Airflow has them: each runs a fixed number of tasks at a
// time, further ones wait in order, and the number of workers follows the backlog: with a delay,
// since a worker takes minutes to appear, and not at once down again.
//
// Modelled after Amazon MWAA: wanted workers = ceil((waiting + running) / tasks_per_worker), within
// the bounds (https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-autoscaling.html); 240 to 270
// s until one is there (Mikina, Zuk, Rzadca: sAirflow, Euro-Par 2024). docs/pool-executor.md says
// what it leaves out.
//
// Pure: no clock; the same calls give the same answers. Threads: one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/random.h"
#include "base/time.h"

namespace beeflow {

// Which of the workers with a free slot takes the next task.
enum class Placement : uint8_t {
  kLeastLoaded,
  // Whoever asks the queue first; a worker that has tasks already asks less often. Tasks gather on
  // some workers while others idle.
  kRandom,
};

struct FleetOptions {
  int min_workers = 1;
  int max_workers = 1;  // at least min_workers
  int tasks_per_worker = 5;
  Duration provision_min{};   // from the decision that a worker is needed until it takes tasks:
  Duration provision_max{};   // uniformly distributed between the two
  Duration order_interval{};  // between the orders of two workers; 0: all that are wanted, at once
  Duration cooldown{};        // how long a worker above min_workers idles before it goes away
  Duration task_start{};      // from a slot to the start of the task in it
  Placement placement = Placement::kLeastLoaded;
  uint64_t seed = 0;
};

class WorkerFleet {
 public:
  using TaskId = uint64_t;

  // min_workers workers are there from the beginning.
  explicit WorkerFleet(const FleetOptions& options);

  // A task that waits for a slot. Known ids are ignored.
  void Add(TaskId id);
  // A task that runs already, found so after a restart: its worker is there.
  void Adopt(TaskId id, Time now);
  // It has ended, or need not be started any more. False: unknown.
  bool Remove(TaskId id, Time now);
  // It waits, or has a slot but is not started yet.
  bool IsPending(TaskId id) const;
  // The worker in whose slot it is, if it is in one.
  std::optional<int> WorkerOf(TaskId id) const;

  // All that has happened by `now`: workers come and go, waiting tasks get slots. Returns the tasks
  // that start, in order; each is returned once.
  std::vector<TaskId> Advance(Time now);
  // When Advance is due again if nothing is added or removed before.
  std::optional<Time> NextDue() const;

  int workers() const { return static_cast<int>(workers_.size()); }
  int waiting() const { return static_cast<int>(waiting_.size()); }
  int with_slots() const { return static_cast<int>(placed_.size()); }

 private:
  struct Worker {
    int tasks = 0;
    Time idle_since{};
  };
  struct Slot {
    int worker = 0;
    bool started = false;
  };

  int Wanted() const;
  int AddWorker(Time now);
  void AppearWorkers(Time now);
  void OrderWorkers(Time now);
  void DismissWorkers(Time now);
  void PlaceWaiting(Time now);
  bool WantsMore() const;
  std::optional<int> LeastLoaded() const;
  std::optional<int> RandomFree();

  const FleetOptions options_;
  Random random_;
  int last_worker_ = 0;
  std::map<int, Worker> workers_;         // by number, in order of appearance
  std::multimap<Time, TaskId> starting_;  // by the time of the start
  std::vector<Time> provisioning_;        // when each appears
  Time next_order_{};                     // no worker is ordered before
  std::deque<TaskId> waiting_;
  std::map<TaskId, Slot> placed_;
};

}  // namespace beeflow
