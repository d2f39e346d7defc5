#include "world.h"

#include <utility>

namespace beeflow::scenario {
namespace {

// Far more than any scenario needs; a control loop that goes round in circles is stopped by them.
constexpr int kTurnsMax = 200;
constexpr int kMomentsMax = 10'000;

}  // namespace

void ScriptedDagCode::RunCallback(const DagCallback& callback, SlaTold /*told*/) {
  if (callback.late.empty()) return;
  for (const std::string& task : callback.late) {
    late_.push_back(callback.run.key.run_id + ":" + task);
  }
  answers_.push_back({callback.run.key, callback.late, false, true});
}

World::World(std::unique_ptr<Database> database, const ControlOptions& options)
    : database_(std::move(database)), options_(options) {
  MakeControl();
}

void World::MakeControl() {
  store_.SetStore(database_->store());
  router_ = std::make_unique<Router>(&executor_);
  router_->SetDagCode(
      &dag_code_, [](const auto&, const auto&) {}, [](const auto&) {});
  control_ = std::make_unique<Control>(options_, &clock_, &store_, router_.get());
  // No two lives of the control process draw the same attempt ids.
  options_.scheduler.seed += 1'000;
}

void World::SetOptions(const ControlOptions& options) {
  options_ = options;
  MakeControl();
}

Status World::Restart() {
  control_.reset();
  BEEFLOW_RETURN_IF_ERROR(database_->Reopen());
  MakeControl();
  return Settle();
}

Status World::Settle() {
  for (int turn = 0; turn < kTurnsMax; ++turn) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool more, control_->Turn());
    for (const Attempt& attempt : executor_.TakeUnknown()) {
      Report report = ReportOf(attempt, Outcome::kLost);
      report.end_date = now();
      report.reason = "no worker knows the attempt";
      control_->AddReport(&executor_, executor_.Number(std::move(report)));
    }
    const std::vector<NoteSlaTold> answers = dag_code_.TakeAnswers();
    for (const NoteSlaTold& told : answers) control_->AddSlaTold(told);
    BEEFLOW_ASSIGN_OR_RETURN(const bool changed, store_.HasChanges());
    if (!more && answers.empty() && !changed && executor_.all_acknowledged()) return Ok();
  }
  return Internal("the control loop does not come to rest within " + std::to_string(kTurnsMax) +
                  " turns at " + FormatIso(now()));
}

Status World::MoveTo(Time time) {
  if (time < now()) return Invalid("the clock does not go back: it is " + FormatIso(now()));
  BEEFLOW_RETURN_IF_ERROR(Settle());
  for (int moment = 0; moment < kMomentsMax; ++moment) {
    const auto due = control_->NextDue();
    if (!due || *due > time) {
      clock_.Set(time);
      return Settle();
    }
    if (*due > now()) clock_.Set(*due);
    BEEFLOW_RETURN_IF_ERROR(Settle());
  }
  return Internal("more than " + std::to_string(kMomentsMax) + " moments are due before " +
                  FormatIso(time));
}

}  // namespace beeflow::scenario
