#include "platforms/mwaa_model.h"

#include <algorithm>
#include <string>

namespace beeflow {
namespace {

FleetOptions FleetOf(const MwaaOptions& options, uint64_t seed) {
  FleetOptions out;
  out.min_workers = options.min_workers;
  out.max_workers = options.max_workers;
  out.tasks_per_worker = options.tasks_per_worker;
  out.provision_min = Seconds(options.provision_seconds_min);
  out.provision_max = Seconds(options.provision_seconds_max);
  out.order_interval = Seconds(options.order_interval_seconds);
  out.cooldown = Seconds(options.cooldown_seconds);
  out.placement = Placement::kRandom;
  out.seed = seed;
  return out;
}

}  // namespace

MwaaModel::MwaaModel(const MwaaOptions& options, const ModelSurroundings& surroundings)
    : PlatformModel(surroundings), options_(options), fleet_(FleetOf(options, surroundings.seed)) {
  phase_ = Seconds(Uniform(0, options.poll_seconds));
  CountWorkers(fleet_.workers());
}

Time MwaaModel::NextTurn(Time known) {
  const Duration poll = Seconds(options_.poll_seconds);
  const Duration since = (known - phase_).time_since_epoch();
  return Time{} + phase_ + (since / poll + 1) * poll;
}

void MwaaModel::Take(const std::vector<AttemptId>& queued, int runs_started) {
  sender_free_ = std::max(sender_free_, now()) + Seconds(options_.run_start_seconds) * runs_started;
  for (const AttemptId id : queued) {
    places_[id] = {};
    sender_free_ += Seconds(options_.send_seconds);
    time().After(sender_free_ - now(), [this, id] {
      if (!places_.contains(id)) return;
      fleet_.Add(id);
      StepFleet();
    });
  }
}

void MwaaModel::Release(AttemptId id) {
  const auto place = places_.extract(id);
  if (place.empty()) return;
  const auto worker = workers_.find(place.mapped().worker);
  if (worker != workers_.end()) {
    worker->second.processor.Remove(id, now());
    WakeWorker(worker->first);
  }
  if (fleet_.Remove(id, now())) StepFleet();
}

void MwaaModel::StepFleet() {
  for (const uint64_t id : fleet_.Advance(now())) {
    const int worker = fleet_.WorkerOf(id).value();
    workers_.try_emplace(worker, options_.worker_processors);
    places_.at(id).worker = worker;
    AddWork(id, Stage::kStarting, options_.start_work_seconds);
  }
  CountWorkers(fleet_.workers());
  const auto due = fleet_.NextDue();
  if (!due || due == fleet_wake_) return;
  fleet_wake_ = due;
  time().After(std::max(Duration::zero(), *due - now()), [this, due] {
    if (fleet_wake_ != due) return;  // planned anew since
    fleet_wake_.reset();
    StepFleet();
  });
}

void MwaaModel::AddWork(AttemptId id, Stage stage, double seconds) {
  Place& place = places_.at(id);
  place.stage = stage;
  const double spread = Uniform(1 - options_.work_spread, 1 + options_.work_spread);
  workers_.at(place.worker).processor.Add(id, Seconds(seconds * spread), now());
  WakeWorker(place.worker);
}

void MwaaModel::WakeWorker(int number) {
  Worker& worker = workers_.at(number);
  const auto due = worker.processor.NextDone();
  if (due == worker.wake) return;
  worker.wake = due;
  if (!due) return;
  time().After(std::max(Duration::zero(), *due - now()), [this, number, due] {
    Worker& woken = workers_.at(number);
    if (woken.wake != due) return;  // planned anew since
    woken.wake.reset();
    StepWorker(number);
  });
}

void MwaaModel::StepWorker(int number) {
  for (const uint64_t id : workers_.at(number).processor.Advance(now())) OnWorkDone(id);
  WakeWorker(number);
}

void MwaaModel::OnWorkDone(AttemptId id) {
  Place& place = places_.at(id);
  if (place.stage == Stage::kStarting) {
    SetStarted(id, "worker" + std::to_string(place.worker), "");
    AddWork(id, Stage::kBeginning, options_.begin_work_seconds);
  } else if (place.stage == Stage::kBeginning) {
    place.stage = Stage::kRunning;
    time().After(Seconds(BodySeconds(*Find(id))), [this, id] {
      if (!places_.contains(id)) return;
      SetEnded(id, Duration::zero());
      AddWork(id, Stage::kEnding, options_.end_work_seconds);
    });
  } else {
    places_.erase(id);
    fleet_.Remove(id, now());
    StepFleet();
  }
}

}  // namespace beeflow
