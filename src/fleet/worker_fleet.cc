#include "fleet/worker_fleet.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "base/result.h"

namespace beeflow {

WorkerFleet::WorkerFleet(const FleetOptions& options) : options_(options), random_(options.seed) {
  BEEFLOW_CHECK(options.min_workers >= 1 && options.max_workers >= options.min_workers);
  BEEFLOW_CHECK(options.tasks_per_worker >= 1);
  BEEFLOW_CHECK(options.provision_max >= options.provision_min);
  for (int i = 0; i < options.min_workers; ++i) AddWorker(Time{});
}

int WorkerFleet::AddWorker(Time now) {
  workers_[++last_worker_].idle_since = now;
  return last_worker_;
}

void WorkerFleet::Add(TaskId id) {
  const bool waits = std::find(waiting_.begin(), waiting_.end(), id) != waiting_.end();
  if (!waits && !placed_.contains(id)) waiting_.push_back(id);
}

void WorkerFleet::Adopt(TaskId id, Time now) {
  if (placed_.contains(id)) return;
  std::erase(waiting_, id);
  // More tasks than slots run only where the settings were changed in between.
  std::optional<int> worker = LeastLoaded();
  if (!worker) worker = workers() < options_.max_workers ? AddWorker(now) : workers_.begin()->first;
  ++workers_.at(*worker).tasks;
  placed_[id] = {*worker, true};
}

bool WorkerFleet::Remove(TaskId id, Time now) {
  if (std::erase(waiting_, id) > 0) return true;
  const auto node = placed_.extract(id);
  if (node.empty()) return false;
  Worker& worker = workers_.at(node.mapped().worker);
  if (--worker.tasks == 0) worker.idle_since = now;
  std::erase_if(starting_, [id](const auto& entry) { return entry.second == id; });
  return true;
}

bool WorkerFleet::IsPending(TaskId id) const {
  const auto it = placed_.find(id);
  if (it != placed_.end()) return !it->second.started;
  return std::find(waiting_.begin(), waiting_.end(), id) != waiting_.end();
}

std::optional<int> WorkerFleet::WorkerOf(TaskId id) const {
  const auto it = placed_.find(id);
  return it == placed_.end() ? std::nullopt : std::optional<int>(it->second.worker);
}

std::vector<WorkerFleet::TaskId> WorkerFleet::Advance(Time now) {
  AppearWorkers(now);
  PlaceWaiting(now);
  OrderWorkers(now);
  DismissWorkers(now);
  std::vector<TaskId> started;
  while (!starting_.empty() && starting_.begin()->first <= now) {
    const TaskId id = starting_.begin()->second;
    starting_.erase(starting_.begin());
    placed_.at(id).started = true;
    started.push_back(id);
  }
  return started;
}

std::optional<Time> WorkerFleet::NextDue() const {
  std::optional<Time> due;
  const auto consider = [&due](Time time) { due = due ? std::min(*due, time) : time; };
  if (!starting_.empty()) consider(starting_.begin()->first);
  for (const Time appears : provisioning_) consider(appears);
  if (WantsMore()) consider(next_order_);
  if (workers() > options_.min_workers) {
    for (const auto& [number, worker] : workers_) {
      if (worker.tasks == 0) consider(worker.idle_since + options_.cooldown);
    }
  }
  return due;
}

int WorkerFleet::Wanted() const {
  const int tasks = waiting() + with_slots();
  const int wanted = (tasks + options_.tasks_per_worker - 1) / options_.tasks_per_worker;
  return std::clamp(wanted, options_.min_workers, options_.max_workers);
}

void WorkerFleet::AppearWorkers(Time now) {
  const auto arrived = std::erase_if(provisioning_, [now](Time appears) { return appears <= now; });
  for (size_t i = 0; i < arrived; ++i) AddWorker(now);
}

bool WorkerFleet::WantsMore() const {
  return workers() + static_cast<int>(provisioning_.size()) < Wanted();
}

// A worker that is on its way is not called off.
void WorkerFleet::OrderWorkers(Time now) {
  const Duration spread = options_.provision_max - options_.provision_min;
  while (WantsMore() && next_order_ <= now) {
    if (options_.order_interval > Duration::zero()) next_order_ = now + options_.order_interval;
    const auto extra = random_.Below(static_cast<uint64_t>(spread.count()) + 1);
    provisioning_.push_back(now + options_.provision_min +
                            Duration(static_cast<Duration::rep>(extra)));
  }
}

void WorkerFleet::DismissWorkers(Time now) {
  int surplus = workers() - Wanted();
  for (auto it = workers_.end(); surplus > 0 && it != workers_.begin();) {
    --it;
    if (it->second.tasks > 0 || it->second.idle_since + options_.cooldown > now) continue;
    it = workers_.erase(it);
    --surplus;
  }
}

std::optional<int> WorkerFleet::LeastLoaded() const {
  const auto least = std::min_element(
      workers_.begin(), workers_.end(),
      [](const auto& a, const auto& b) { return a.second.tasks < b.second.tasks; });
  if (least->second.tasks >= options_.tasks_per_worker) return std::nullopt;
  return least->first;
}

// A worker that holds n tasks is 1 / (1 + n) as likely as an idle one.
std::optional<int> WorkerFleet::RandomFree() {
  constexpr uint64_t kWeight = 5040;           // divisible by all small numbers
  std::vector<std::pair<uint64_t, int>> free;  // the sum of the weights so far, and the worker
  uint64_t sum = 0;
  for (const auto& [number, worker] : workers_) {
    if (worker.tasks >= options_.tasks_per_worker) continue;
    sum += kWeight / static_cast<uint64_t>(1 + worker.tasks);
    free.emplace_back(sum, number);
  }
  if (free.empty()) return std::nullopt;
  const std::pair<uint64_t, int> drawn(random_.Below(sum), INT_MAX);
  return std::upper_bound(free.begin(), free.end(), drawn)->second;
}

void WorkerFleet::PlaceWaiting(Time now) {
  while (!waiting_.empty()) {
    const std::optional<int> worker =
        options_.placement == Placement::kRandom ? RandomFree() : LeastLoaded();
    if (!worker) return;
    const TaskId id = waiting_.front();
    waiting_.pop_front();
    ++workers_.at(*worker).tasks;
    placed_[id] = {*worker, false};
    starting_.emplace(now + options_.task_start, id);
  }
}

}  // namespace beeflow
