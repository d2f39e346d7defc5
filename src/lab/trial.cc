#include "lab/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace beeflow {
namespace {

// For estimates alone: setting up and taking down, and a run of which nothing is known.
constexpr Duration kOverhead = std::chrono::seconds(5);
constexpr Duration kUnknownRun = std::chrono::seconds(15);

int Rounds(const Experiment& experiment) {
  return *experiment.runs + (experiment.start == StartKind::kWarm ? 1 : 0);
}

Duration EstimateCollecting(const Experiment& experiment) {
  Duration estimate = experiment.collection_time.value_or(Duration::max());
  if (experiment.period) {
    const Duration round = std::max(*experiment.period, kUnknownRun);
    estimate = std::min(estimate, round * Rounds(experiment));
  }
  return estimate == Duration::max() ? kUnknownRun * *experiment.runs : estimate;
}

}  // namespace

Duration EstimateTrial(const Experiment& experiment) {
  return kOverhead + EstimateCollecting(experiment);
}

Trial::Trial(const Experiment& experiment, Duration dags_timeout, std::string run_prefix)
    : experiment_(experiment), dags_timeout_(dags_timeout), run_prefix_(std::move(run_prefix)) {}

int Trial::rounds() const { return Rounds(experiment_); }

int Trial::runs_expected() const {
  return experiment_.runs.value_or(0) * static_cast<int>(experiment_.dag_ids.size());
}

Step Trial::Next(Time now) {
  switch (stage_) {
    case Stage::kStart:
      return {StepKind::kStart};
    case Stage::kPublish:
      return {StepKind::kPublish};
    case Stage::kAwaitDags:
      if (!dags_deadline_) dags_deadline_ = now + dags_timeout_;
      return {waiting_ ? StepKind::kWait : StepKind::kFindDags, {}, dags_deadline_};
    case Stage::kSetPool:
      return {StepKind::kSetPool};
    case Stage::kUnpause:
      return {StepKind::kUnpause, {experiment_.dag_ids[next_dag_], ""}};
    case Stage::kCollect:
      return NextOfCollecting(now);
    case Stage::kPause:
      return {StepKind::kPause, {experiment_.dag_ids[next_dag_], ""}};
    case Stage::kExport:
      return {StepKind::kExport};
    case Stage::kDelete:
      return {StepKind::kDelete};
    case Stage::kDone:
      break;
  }
  return {};
}

Step Trial::NextOfCollecting(Time now) {
  if (waiting_) {
    std::optional<Time> until = CollectingEnds();
    const bool by_period = is_triggered() && active_ == 0 && round_began_ && look_ != Look::kCold;
    const Time due = by_period ? *round_began_ + *experiment_.period : Time::max();
    if (by_period && due > now) until = std::min(until.value_or(due), due);
    return {StepKind::kWait, {}, until};
  }
  if (triggering_) {
    const std::string& dag_id = experiment_.dag_ids[next_dag_];
    return {StepKind::kTrigger, {dag_id, fmt::format("{}__{}", run_prefix_, round_)}};
  }
  return {look_ == Look::kCold ? StepKind::kBecomeCold : StepKind::kFindRuns};
}

void Trial::GoTo(Stage stage) {
  stage_ = stage;
  next_dag_ = 0;
  waiting_ = false;
  look_ = Look::kRuns;
}

void Trial::OnDone(Time now) {
  const bool all_dags = next_dag_ + 1 == experiment_.dag_ids.size();
  switch (stage_) {
    case Stage::kStart:
      return GoTo(Stage::kPublish);
    case Stage::kPublish:
      return GoTo(Stage::kAwaitDags);
    case Stage::kSetPool:
      return GoTo(Stage::kUnpause);
    case Stage::kUnpause:
      collecting_since_ = now;
      if (!all_dags) ++next_dag_;
      return all_dags ? GoTo(Stage::kCollect) : void();
    case Stage::kCollect:
      if (waiting_)
        waiting_ = false;
      else if (triggering_)
        OnTriggered(now);
      return;
    case Stage::kPause:
      if (!all_dags) ++next_dag_;
      return all_dags ? GoTo(Stage::kExport) : void();
    case Stage::kExport:
      exported_ = true;
      return GoTo(Stage::kDelete);
    case Stage::kDelete:
      return GoTo(Stage::kDone);
    case Stage::kAwaitDags:
      waiting_ = false;
      return;
    case Stage::kDone:
      return;
  }
}

void Trial::OnTriggered(Time now) {
  if (next_dag_ == 0) round_began_ = now;
  if (++next_dag_ < experiment_.dag_ids.size()) return;
  next_dag_ = 0;
  triggering_ = false;
  cold_ = false;
  ++round_;
}

void Trial::OnFailed(const Error& error) {
  if (outcome_.ok()) outcome_ = error;
  // What could not be started may have left something, too.
  GoTo(stage_ == Stage::kDelete ? Stage::kDone : Stage::kDelete);
}

void Trial::Interrupt() {
  if (stage_ >= Stage::kExport) return;  // it is about to end anyway
  interrupted_ = true;
  GoTo(Stage::kDelete);
}

void Trial::OnMissingDags(const std::vector<std::string>& missing, Time now) {
  missing_ = missing;
  if (missing.empty()) return GoTo(Stage::kSetPool);
  waiting_ = true;
  if (now < *dags_deadline_) return;
  OnFailed(NotFound(fmt::format(
      "{} {} not there {:.0f} s after {} was published; does it define {}?",
      missing.size() == 1 ? "DAG" : "DAGs", fmt::join(missing, ", "), ToSeconds(dags_timeout_),
      experiment_.dags_path, missing.size() == 1 ? "it" : "them")));
}

std::optional<Time> Trial::CollectingEnds() const {
  if (!experiment_.collection_time) return std::nullopt;
  return collecting_since_ + *experiment_.collection_time;
}

void Trial::OnRuns(const std::vector<RunRecord>& runs, Time now) {
  active_ = 0;
  for (const RunRecord& run : runs) active_ += IsFinished(run.state) ? 0 : 1;
  Record(runs);
  if (HasCollected(now)) return EndCollecting();
  if (!is_triggered() || active_ > 0 || round_ == rounds()) {
    waiting_ = true;
  } else if (experiment_.start == StartKind::kCold && !cold_) {
    look_ = Look::kCold;
  } else {
    BeginRound(now);
  }
}

void Trial::OnCold(bool cold) {
  cold_ = cold;
  waiting_ = !cold;
  look_ = cold ? Look::kRuns : Look::kCold;
}

void Trial::BeginRound(Time now) {
  if (round_began_ && !longest_round_) longest_round_ = now - *round_began_;
  triggering_ = !round_began_ || now >= *round_began_ + *experiment_.period;
  waiting_ = !triggering_;
}

// Runs that have ended, but the first of each DAG where it warms up.
void Trial::Record(const std::vector<RunRecord>& runs) {
  recorded_.clear();
  std::map<std::string, int> seen;
  for (const RunRecord& run : runs) {
    if (is_triggered() && !run.key.run_id.starts_with(run_prefix_ + "__")) continue;
    const bool warms_up = seen[run.key.dag_id]++ == 0 && experiment_.start == StartKind::kWarm;
    if (!warms_up && IsFinished(run.state)) recorded_.push_back(run);
  }
}

bool Trial::HasCollected(Time now) const {
  const auto ends = CollectingEnds();
  if (ends && now >= *ends) return true;
  if (!experiment_.runs) return false;
  if (is_triggered()) return round_ == rounds() && active_ == 0;
  std::map<std::string, int> ended;
  for (const RunRecord& run : recorded_) ++ended[run.key.dag_id];
  return std::all_of(experiment_.dag_ids.begin(), experiment_.dag_ids.end(),
                     [&](const std::string& dag_id) { return ended[dag_id] >= *experiment_.runs; });
}

void Trial::EndCollecting() {
  if (!recorded_.empty()) return GoTo(Stage::kPause);
  OnFailed(Unavailable(fmt::format(
      "no run has ended within {:.0f} s; metrics_collection_time_seconds gives more time",
      ToSeconds(experiment_.collection_time.value_or(Duration(0))))));
}

std::string Trial::Describe() const {
  switch (stage_) {
    case Stage::kStart:
      return "starting";
    case Stage::kPublish:
      return "publishing DAG files";
    case Stage::kAwaitDags:
      return missing_.empty() ? "waiting for the DAGs"
                              : fmt::format("waiting for {} DAGs", missing_.size());
    case Stage::kSetPool:
    case Stage::kUnpause:
      return "unpausing";
    case Stage::kCollect:
      return DescribeCollecting();
    case Stage::kPause:
      return "pausing";
    case Stage::kExport:
      return "exporting";
    case Stage::kDelete:
      return "cleaning up";
    case Stage::kDone:
      break;
  }
  return "done";
}

std::string Trial::DescribeCollecting() const {
  if (look_ == Look::kCold) return "waiting for the environments to end";
  const size_t runs = recorded_.size();
  if (!is_triggered()) {
    const int expected = runs_expected();
    return expected == 0 ? fmt::format("{} runs", runs)
                         : fmt::format("{} of {} runs", runs, expected);
  }
  const bool warms_up = experiment_.start == StartKind::kWarm;
  if (warms_up && round_ <= 1 && active_ > 0) return "warming up";
  return fmt::format("{} of {} runs", runs, runs_expected());
}

Time Trial::EstimateEnd(Time now) const {
  if (stage_ > Stage::kCollect) return now + kOverhead / 2;
  if (stage_ < Stage::kCollect) return now + EstimateTrial(experiment_);
  Time end = CollectingEnds().value_or(Time::max());
  if (is_triggered()) {
    const Duration round = std::max(*experiment_.period, longest_round_.value_or(kUnknownRun));
    const Time current = round_began_ ? std::max(now, *round_began_ + round) : now;
    end = std::min(end, current + round * (rounds() - round_));
  }
  if (end == Time::max()) end = collecting_since_ + EstimateCollecting(experiment_);
  return std::max(end, now) + kOverhead / 2;
}

}  // namespace beeflow
