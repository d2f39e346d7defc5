#include "sim/control_process.h"

#include <utility>

namespace beeflow {

ControlProcess::ControlProcess(const WorldOptions& world, const ControlOptions& options,
                               const Ports& ports, Random* random)
    : ports_(ports),
      options_(options),
      random_(random),
      wrapped_store_(world.wrap_store ? world.wrap_store(ports.store) : nullptr),
      wrapped_executor_(world.wrap_executor ? world.wrap_executor(ports.executor) : nullptr),
      store_(wrapped_store_ ? wrapped_store_.get() : ports.store, ports.memory, random->Next()),
      gate_(wrapped_executor_ ? wrapped_executor_.get() : ports.executor) {
  StartAnew();
}

void ControlProcess::StartAnew() {
  control_.reset();
  router_.emplace(&gate_);
  options_.scheduler.seed = random_->Next();
  control_.emplace(options_, ports_.clock, &store_, &*router_);
  work_ = true;
}

void ControlProcess::AddReport(NumberedReport report) {
  work_ = true;
  control_->AddReport(&gate_, std::move(report));
}

void ControlProcess::AddFile(const ParsedFile& file, bool is_removed) {
  work_ = true;
  if (is_removed) {
    control_->AddRemovedFile(file.path);
  } else {
    control_->AddFile(file);
  }
}

bool ControlProcess::NeedsTurn() {
  if (hangs_) return false;
  if (work_ || *store_.HasChanges()) return true;
  const auto due = control_->NextDue();
  return due && *due <= ports_.clock->Now();
}

std::optional<Time> ControlProcess::NextDue() {
  const auto due = hangs_ ? std::nullopt : control_->NextDue();
  return due ? std::optional<Time>(ports_.clock->ToSteady(*due)) : std::nullopt;
}

Status ControlProcess::Turn(StoreFault fault) {
  store_.Arm(fault);
  const auto more = control_->Turn();
  store_.Arm(StoreFault::kNone);
  work_ = !more.ok() || *more;
  return more.ok() ? Ok() : Status(more.error());
}

void ControlProcess::DropCache() {
  control_->DropCache();
  work_ = true;
}

void ControlProcess::WakeUp() {
  hangs_ = false;
  gate_.Open();
}

}  // namespace beeflow
