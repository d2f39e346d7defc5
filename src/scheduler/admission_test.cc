// Admission against a model that sorts everything that waits and looks at each, every time.
#include "scheduler/admission.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/random.h"
#include "scheduler/run.h"

namespace beeflow {
namespace {

// Task instances of one run, each with its own needs and its index as its name.
class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() : admission_(&AdmissionTest::NeedsOf, this) {
    for (Limit& limit : limits_) admission_.SetCapacity(&limit, 0);
  }

  static Needs NeedsOf(void* test, const Candidate& candidate) {
    return static_cast<AdmissionTest*>(test)->needs_[candidate.task];
  }

  // A new candidate of that weight which needs slots of limit `first`, and of `second` if given.
  Candidate Make(int64_t weight, size_t first, int slots, int second = -1) {
    Needs needs;
    needs[0] = {&limits_[first], slots};
    if (second >= 0) needs[1] = {&limits_[static_cast<size_t>(second)], 1};
    needs_.push_back(needs);
    run_.slots.emplace_back();
    return {weight, Time{}, &run_, 1, static_cast<TaskIndex>(needs_.size() - 1)};
  }
  Candidate Offer(int64_t weight, size_t first, int slots = 1, int second = -1) {
    const Candidate candidate = Make(weight, first, slots, second);
    admission_.Offer(candidate);
    return candidate;
  }
  std::vector<TaskIndex> Admit() {
    std::vector<TaskIndex> out;
    for (const Candidate& candidate : admission_.Admit()) out.push_back(candidate.task);
    return out;
  }
  void Release(const Candidate& candidate) { admission_.Release(needs_[candidate.task]); }

  static constexpr size_t kLimits = 4;
  beeflow::Run run_;  // not Test::Run
  std::array<Limit, kLimits> limits_;
  std::vector<Needs> needs_;
  Admission admission_;
};

using Tasks = std::vector<TaskIndex>;

TEST_F(AdmissionTest, TakesTheHighestWeightFirst) {
  Offer(1, 0);
  Offer(3, 0);
  Offer(2, 0);
  admission_.SetCapacity(&limits_[0], 2);
  EXPECT_EQ(Admit(), (Tasks{1, 2}));
  EXPECT_EQ(limits_[0].used(), 2);
}

TEST_F(AdmissionTest, TakesTheOldestDateAmongEqualWeights) {
  Candidate later = Make(1, 0, 1);
  later.logical_date = Time(Duration(2));
  Candidate earlier = Make(1, 0, 1);
  earlier.logical_date = Time(Duration(1));
  admission_.Offer(later);
  admission_.Offer(earlier);
  admission_.SetCapacity(&limits_[0], 1);
  EXPECT_EQ(Admit(), Tasks{1});
}

TEST_F(AdmissionTest, DoesNotHoldUpWhatNeedsLess) {
  admission_.SetCapacity(&limits_[0], 3);
  Offer(3, 0, 2);
  Offer(2, 0, 2);
  Offer(1, 0, 1);
  EXPECT_EQ(Admit(), (Tasks{0, 2}));
}

TEST_F(AdmissionTest, OffersAgainWhatWasParkedWhenThereIsRoom) {
  admission_.SetCapacity(&limits_[0], 1);
  const Candidate first = Offer(2, 0);
  Offer(1, 0);
  EXPECT_EQ(Admit(), Tasks{0});
  EXPECT_EQ(Admit(), Tasks{});
  Release(first);
  EXPECT_EQ(Admit(), Tasks{1});
}

TEST_F(AdmissionTest, NeedsRoomAtAllLimits) {
  admission_.SetCapacity(&limits_[0], 5);
  Offer(1, 0, 1, 1);
  EXPECT_EQ(Admit(), Tasks{});
  admission_.SetCapacity(&limits_[1], 1);
  EXPECT_EQ(Admit(), Tasks{0});
}

TEST_F(AdmissionTest, MovesOnToTheNextLimitThatIsFull) {
  Offer(1, 0, 1, 1);
  EXPECT_EQ(Admit(), Tasks{});  // parked at the first
  admission_.SetCapacity(&limits_[0], 1);
  EXPECT_EQ(Admit(), Tasks{});  // parked at the second
  EXPECT_EQ(limits_[0].used(), 0);
  admission_.SetCapacity(&limits_[1], 1);
  EXPECT_EQ(Admit(), Tasks{0});
}

TEST_F(AdmissionTest, KnowsNoBoundWithoutLimit) {
  admission_.SetCapacity(&limits_[0], Limit::kUnlimited);
  for (int i = 0; i < 100; ++i) Offer(1, 0, 1000);
  EXPECT_EQ(Admit().size(), 100u);
}

TEST_F(AdmissionTest, AdmitsNothingWhileMoreIsUsedThanThereIs) {
  admission_.SetCapacity(&limits_[0], 3);
  const Candidate first = Offer(1, 0, 3);
  EXPECT_EQ(Admit(), Tasks{0});
  admission_.SetCapacity(&limits_[0], 1);
  Offer(1, 0);
  EXPECT_EQ(Admit(), Tasks{});
  Release(first);
  EXPECT_EQ(Admit(), Tasks{1});
}

TEST_F(AdmissionTest, ForgetsWhatIsWithdrawn) {
  const Candidate parked = Offer(1, 0);
  EXPECT_EQ(Admit(), Tasks{});
  EXPECT_TRUE(run_.slots[0].waits);
  admission_.Withdraw(parked);
  admission_.Withdraw(parked);
  EXPECT_FALSE(run_.slots[0].waits);
  admission_.SetCapacity(&limits_[0], 1);
  EXPECT_EQ(Admit(), Tasks{});
}

TEST_F(AdmissionTest, AdmitsOnceWhatIsOfferedTwice) {
  admission_.SetCapacity(&limits_[0], 5);
  const Candidate candidate = Offer(1, 0);
  admission_.Offer(candidate);
  EXPECT_EQ(Admit(), Tasks{0});
}

TEST_F(AdmissionTest, LooksAgainAtWhatWasParkedAtALimitThatGoesAway) {
  Offer(1, 0);
  EXPECT_EQ(Admit(), Tasks{});
  needs_[0][0].limit = &limits_[1];
  admission_.Evict(&limits_[0]);
  admission_.SetCapacity(&limits_[1], 1);
  EXPECT_EQ(Admit(), Tasks{0});
}

// The model: everything that waits, in the order of admission, and what each limit has left.
class NaiveAdmission {
 public:
  NaiveAdmission(const std::vector<Needs>* needs, Limit* first)
      : needs_(needs), first_(first), capacity_(4, 0), used_(4, 0) {}

  void SetCapacity(size_t limit, int64_t capacity) { capacity_[limit] = capacity; }
  void Offer(const Candidate& candidate) { waiting_.push_back(candidate); }
  void Withdraw(const Candidate& candidate) {
    std::erase_if(waiting_, [&](const Candidate& c) { return c.task == candidate.task; });
  }
  void Release(const Candidate& candidate) { Take(candidate, -1); }

  std::vector<Candidate> Admit() {
    std::sort(waiting_.begin(), waiting_.end());
    std::vector<Candidate> admitted;
    std::erase_if(waiting_, [&](const Candidate& candidate) {
      if (!Fits(candidate)) return false;
      Take(candidate, 1);
      admitted.push_back(candidate);
      return true;
    });
    return admitted;
  }
  const std::vector<Candidate>& waiting() const { return waiting_; }

 private:
  size_t IndexOf(const Limit* limit) const { return static_cast<size_t>(limit - first_); }
  bool Fits(const Candidate& candidate) const {
    for (const Need& need : (*needs_)[candidate.task]) {
      if (!need.limit) continue;
      const size_t i = IndexOf(need.limit);
      if (capacity_[i] >= 0 && used_[i] + need.slots > capacity_[i]) return false;
    }
    return true;
  }
  void Take(const Candidate& candidate, int times) {
    for (const Need& need : (*needs_)[candidate.task]) {
      if (need.limit) used_[IndexOf(need.limit)] += times * need.slots;
    }
  }

  const std::vector<Needs>* needs_;
  Limit* first_;
  std::vector<int64_t> capacity_;
  std::vector<int64_t> used_;
  std::vector<Candidate> waiting_;
};

class AdmissionProperty : public AdmissionTest, public testing::WithParamInterface<uint64_t> {
 protected:
  Candidate Any(Random* random, std::vector<Candidate>* list) {
    const size_t i = random->Below(list->size());
    const Candidate out = (*list)[i];
    list->erase(list->begin() + static_cast<std::ptrdiff_t>(i));
    return out;
  }

  void Step(Random* random) {
    const uint64_t choice = random->Below(10);
    if (choice < 5) {
      const int second = random->OneIn(3) ? 3 : -1;
      const Candidate candidate = Make(static_cast<int64_t>(random->Below(5)), random->Below(3),
                                       static_cast<int>(1 + random->Below(3)), second);
      admission_.Offer(candidate);
      model_.Offer(candidate);
    } else if (choice < 7 && !held_.empty()) {
      const Candidate candidate = Any(random, &held_);
      Release(candidate);
      model_.Release(candidate);
    } else if (choice == 7 && !model_.waiting().empty()) {
      const Candidate candidate = model_.waiting()[random->Below(model_.waiting().size())];
      admission_.Withdraw(candidate);
      model_.Withdraw(candidate);
    } else if (choice > 7) {
      const size_t limit = random->Below(kLimits);
      const int64_t capacity = static_cast<int64_t>(random->Below(9)) - 1;
      admission_.SetCapacity(&limits_[limit], capacity);
      model_.SetCapacity(limit, capacity);
    }
  }

  NaiveAdmission model_{&needs_, limits_.data()};
  std::vector<Candidate> held_;
};

TEST_P(AdmissionProperty, AdmitsWhatSortingAndScanningWould) {
  Random chance(GetParam());
  for (int round = 0; round < 500; ++round) {
    for (uint64_t steps = chance.Below(6); steps > 0; --steps) Step(&chance);
    const std::vector<Candidate> expected = model_.Admit();
    const std::vector<Candidate> admitted = admission_.Admit();
    ASSERT_EQ(admitted.size(), expected.size()) << "round " << round;
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(admitted[i].task, expected[i].task) << "round " << round << ", place " << i;
      held_.push_back(expected[i]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AdmissionProperty, testing::Range<uint64_t>(1, 21));

}  // namespace
}  // namespace beeflow
