#include "scheduler/admission.h"

#include <algorithm>

namespace beeflow {

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
  const Key key(candidate.run, candidate.task);
  if (!places_.emplace(key, Place{}).second) return;
  ready_.insert({candidate, nullptr});
}

void Admission::Withdraw(const Candidate& candidate) {
  const auto it = places_.find({candidate.run, candidate.task});
  if (it == places_.end()) return;
  if (Limit* limit = it->second.limit) {
    const auto group = limit->parked_.find(it->second.need);
    group->second.erase(candidate);
    if (group->second.empty()) limit->parked_.erase(group);
  } else {
    const auto ready = ready_.find({candidate, nullptr});
    if (ready->source) ready->source->supplied_ = false;
    ready_.erase(ready);
  }
  places_.erase(it);
}

bool Admission::Waits(const Candidate& candidate) const {
  return places_.contains({candidate.run, candidate.task});
}

void Admission::Evict(Limit* limit) {
  for (const auto& [need, group] : limit->parked_) {
    for (const Candidate& candidate : group) {
      places_[{candidate.run, candidate.task}] = Place{};
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
  places_[{candidate.run, candidate.task}] = Place{};
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
    const Key key(best.candidate.run, best.candidate.task);
    const Needs needs = needs_of_(context_, best.candidate);
    const auto blocking = std::find_if(needs.begin(), needs.end(), [](const Need& need) {
      return need.limit && !need.limit->Fits(need.slots);
    });
    if (blocking == needs.end()) {
      Take(needs);
      places_.erase(key);
      admitted.push_back(best.candidate);
    } else {
      blocking->limit->parked_[blocking->slots].insert(best.candidate);
      places_[key] = Place{blocking->limit, blocking->slots};
    }
  }
  return admitted;
}

}  // namespace beeflow
