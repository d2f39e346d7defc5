// Who may start: task instances that are ready, in the order of their priority, against limits on
// how many run at once (parallelism, pools, max_active_tasks, max_active_tis_per_dag).
//
// One that does not fit is parked at the first limit that stops it, and looked at again only when
// that limit has room: the work grows with what changes, not with how many wait. As in Airflow, one
// that needs more pool slots than are free does not hold up those behind it that need fewer.
//
// Whether a task instance waits, and at which limit, is noted in its TaskSlot. While it waits, its
// Candidate must not change, since it is found by its place in the order.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "base/time.h"
#include "dag/dag.h"

namespace beeflow {

struct Run;

// The order of admission: highest weight first, then the oldest logical date, then the database's
// order of runs, then the DAG's order of tasks.
struct Candidate {
  int64_t weight = 0;
  Time logical_date{};
  Run* run = nullptr;  // alive as long as it is offered
  int64_t run_id = 0;
  uint32_t task = 0;  // its SlotIndex

  auto Order() const { return std::tuple(-weight, logical_date, run_id, task); }
  bool operator<(const Candidate& other) const { return Order() < other.Order(); }
};

// One limit. Its owner keeps it alive while something is parked at it.
class Limit {
 public:
  static constexpr int64_t kUnlimited = -1;

  bool Fits(int need) const { return capacity_ == kUnlimited || used_ + need <= capacity_; }
  int64_t capacity() const { return capacity_; }
  int64_t used() const { return used_; }

 private:
  friend class Admission;
  int64_t capacity_ = 0;
  int64_t used_ = 0;
  bool has_room_ = false;  // is in Admission::with_room_
  bool supplied_ = false;  // one that was parked here is back among the ready ones
  std::map<int, std::set<Candidate>> parked_;  // by need
};

// What one task instance takes of one limit.
struct Need {
  Limit* limit = nullptr;
  int slots = 1;
};
using Needs = std::array<Need, 5>;  // unused entries have no limit

class Admission {
 public:
  // Computes what a candidate needs. Called again at each look, since limits may have changed.
  using NeedsOf = Needs (*)(void* context, const Candidate& candidate);

  Admission(NeedsOf needs_of, void* context) : needs_of_(needs_of), context_(context) {}

  void SetCapacity(Limit* limit, int64_t capacity);
  void Take(const Needs& needs);
  void Release(const Needs& needs);

  void Offer(const Candidate& candidate);
  void Withdraw(const Candidate& candidate);  // no effect where it is not waiting
  // Withdraws all that are parked at the limit and offers them again: for a limit that goes away.
  void Evict(Limit* limit);

  // The candidates that fit now, best first; takes their needs. The others stay parked.
  std::vector<Candidate> Admit();

 private:
  struct Ready {
    Candidate candidate;
    Limit* source = nullptr;
    bool operator<(const Ready& other) const { return candidate < other.candidate; }
  };

  static void Unpark(Limit* limit, const Candidate& candidate);
  void NoteRoom(Limit* limit);
  void Supply();
  bool SupplyFrom(Limit* limit);

  NeedsOf needs_of_;
  void* context_;
  std::set<Ready> ready_;
  std::vector<Limit*> with_room_;
};

}  // namespace beeflow
