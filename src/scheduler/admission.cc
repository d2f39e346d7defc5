#include "scheduler/admission.h"

#include <algorithm>
#include <utility>

#include "scheduler/run.h"

namespace beeflow {
namespace {

TaskSlot& SlotOf(const Candidate& candidate) { return candidate.run->slots[candidate.task]; }

}  // namespace

void Admission::SetCapacity(Limit* limit, int64_t capacity) {
  if (limit->capacity_ == capacity) return;
  limit->capacity_ = capacity;
  NoteRoom(limit);
}

void Admission::Take(const Needs& needs) {
  for (const Need& need : needs) {
    if (need.limit) need.limit->used_ += need.slots;
  }
}

void Admission::Release(const Needs& needs) {
  for (const Need& need : needs) {
    if (!need.limit) continue;
    need.limit->used_ -= need.slots;
    NoteRoom(need.limit);
  }
}

void Admission::NoteRoom(Limit* limit) {
  if (limit->has_room_ || limit->parked_.empty()) return;
  limit->has_room_ = true;
  with_room_.push_back(limit);
}

void Admission::Offer(const Candidate& candidate) {
  if (std::exchange(SlotOf(candidate).waits, true)) return;
  ready_.insert({candidate, nullptr});
}

void Admission::Withdraw(const Candidate& candidate) {
  TaskSlot& slot = SlotOf(candidate);
  if (!std::exchange(slot.waits, false)) return;
  if (Limit* limit = std::exchange(slot.parked_at, nullptr)) return Unpark(limit, candidate);
  const auto ready = ready_.find({candidate, nullptr});
  if (ready->source) ready->source->supplied_ = false;
  ready_.erase(ready);
}

// There are as many groups as different needs, mostly one.
void Admission::Unpark(Limit* limit, const Candidate& candidate) {
  for (auto group = limit->parked_.begin(); group != limit->parked_.end(); ++group) {
    if (group->second.erase(candidate) == 0) continue;
    if (group->second.empty()) limit->parked_.erase(group);
    return;
  }
}

void Admission::Evict(Limit* limit) {
  for (const auto& [need, group] : limit->parked_) {
    for (const Candidate& candidate : group) {
      SlotOf(candidate).parked_at = nullptr;
      ready_.insert({candidate, nullptr});
    }
  }
  limit->parked_.clear();
  std::erase(with_room_, limit);
  limit->has_room_ = false;
}

// Moves the best candidate that is parked at the limit and fits it to the ready ones. False where
// there is none, so that the limit need not be asked again.
bool Admission::SupplyFrom(Limit* limit) {
  std::set<Candidate>* best = nullptr;
  int best_need = 0;
  for (auto& [need, group] : limit->parked_) {
    if (!limit->Fits(need)) break;
    if (!best || *group.begin() < *best->begin()) {
      best = &group;
      best_need = need;
    }
  }
  if (!best) return false;
  const Candidate candidate = *best->begin();
  best->erase(best->begin());
  if (best->empty()) limit->parked_.erase(best_need);
  limit->supplied_ = true;
  SlotOf(candidate).parked_at = nullptr;
  ready_.insert({candidate, limit});
  return true;
}

// Brings the best parked candidate of every limit with room among the ready ones, so that the best
// of the ready ones is the best of all.
void Admission::Supply() {
  std::erase_if(with_room_, [this](Limit* limit) {
    const bool keep = limit->supplied_ || SupplyFrom(limit);
    if (!keep) limit->has_room_ = false;
    return !keep;
  });
}

std::vector<Candidate> Admission::Admit() {
  std::vector<Candidate> admitted;
  for (Supply(); !ready_.empty(); Supply()) {
    const Ready best = *ready_.begin();
    ready_.erase(ready_.begin());
    if (best.source) best.source->supplied_ = false;
    const Needs needs = needs_of_(context_, best.candidate);
    const auto blocking = std::find_if(needs.begin(), needs.end(), [](const Need& need) {
      return need.limit && !need.limit->Fits(need.slots);
    });
    if (blocking == needs.end()) {
      Take(needs);
      SlotOf(best.candidate).waits = false;
      admitted.push_back(best.candidate);
    } else {
      blocking->limit->parked_[blocking->slots].insert(best.candidate);
      SlotOf(best.candidate).parked_at = blocking->limit;
    }
  }
  return admitted;
}

}  // namespace beeflow
