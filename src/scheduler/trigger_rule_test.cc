// Trigger rules from counts. What they mean to users is told, case by case, in
// tests/scenarios/trigger_rules.scenario; here is what text cannot show: counts of many upstream
// tasks against a reading of the documentation that looks at one upstream task after the other.
#include "scheduler/trigger_rule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace beeflow {
namespace {

constexpr std::array kStates = {
    TaskState::kNone,    TaskState::kRunning,        TaskState::kSuccess,   TaskState::kFailed,
    TaskState::kSkipped, TaskState::kUpstreamFailed, TaskState::kUpForRetry};
constexpr std::array kRules = {
    TriggerRule::kAllSuccess,  TriggerRule::kAllFailed,  TriggerRule::kAllDone,
    TriggerRule::kAllSkipped,  TriggerRule::kOneSuccess, TriggerRule::kOneFailed,
    TriggerRule::kOneDone,     TriggerRule::kNoneFailed, TriggerRule::kNoneFailedMinOneSuccess,
    TriggerRule::kNoneSkipped, TriggerRule::kAlways};

using States = std::vector<TaskState>;

UpstreamCounts CountsOf(const States& states) {
  UpstreamCounts counts;
  counts.total = static_cast<uint32_t>(states.size());
  for (const TaskState state : states) counts.Add(state, 1);
  return counts;
}

bool IsFailure(TaskState s) { return s == TaskState::kFailed || s == TaskState::kUpstreamFailed; }
bool IsSuccess(TaskState s) { return s == TaskState::kSuccess; }
bool IsSkip(TaskState s) { return s == TaskState::kSkipped; }
bool IsDone(TaskState s) { return IsFinished(s); }

template <typename Predicate>
bool Any(const States& states, Predicate predicate) {
  return std::any_of(states.begin(), states.end(), predicate);
}
template <typename Predicate>
bool All(const States& states, Predicate predicate) {
  return std::all_of(states.begin(), states.end(), predicate);
}

// Whether the rule is met: the words of the documentation.
bool IsMet(TriggerRule rule, const States& s) {
  const auto fine = [](TaskState state) { return IsSuccess(state) || IsSkip(state); };
  switch (rule) {
    case TriggerRule::kAllSuccess:
      return All(s, IsSuccess);
    case TriggerRule::kAllFailed:
      return All(s, IsFailure);
    case TriggerRule::kAllDone:
    case TriggerRule::kAllDoneSetupSuccess:  // of a teardown without setups
      return All(s, IsDone);
    case TriggerRule::kAllSkipped:
      return All(s, IsSkip);
    case TriggerRule::kOneSuccess:
      return Any(s, IsSuccess);
    case TriggerRule::kOneFailed:
      return Any(s, IsFailure);
    case TriggerRule::kOneDone:
      return Any(s, IsSuccess) || Any(s, [](TaskState x) { return x == TaskState::kFailed; });
    case TriggerRule::kNoneFailed:
      return All(s, fine);
    case TriggerRule::kNoneFailedMinOneSuccess:
      return All(s, fine) && Any(s, IsSuccess);
    case TriggerRule::kNoneSkipped:
      return All(s, IsDone) && !Any(s, IsSkip);
    case TriggerRule::kAlways:
      return true;
  }
  return false;
}

// Calls `visit` for every choice of `count` states.
template <typename Visit>
void ForAll(size_t count, States* states, const Visit& visit) {
  if (states->size() == count) return visit(*states);
  for (const TaskState state : kStates) {
    states->push_back(state);
    ForAll(count, states, visit);
    states->pop_back();
  }
}

class TriggerRuleTest : public testing::TestWithParam<TriggerRule> {};

TEST_P(TriggerRuleTest, RunsExactlyWhenTheRuleIsMet) {
  States states;
  for (const size_t count : {1, 2, 3, 4}) {
    ForAll(count, &states, [&](const States& s) {
      EXPECT_EQ(Evaluate(GetParam(), CountsOf(s)) == Verdict::kRun, IsMet(GetParam(), s))
          << testing::PrintToString(s);
    });
  }
}

TEST_P(TriggerRuleTest, IsDecidedOnceAllUpstreamTasksAreDone) {
  States states;
  ForAll(3, &states, [&](const States& s) {
    if (!All(s, IsDone)) return;
    EXPECT_NE(Evaluate(GetParam(), CountsOf(s)), Verdict::kWait) << testing::PrintToString(s);
  });
}

TEST_P(TriggerRuleTest, WhatEndedWithoutRunningWouldNeverHaveRun) {
  States states;
  ForAll(3, &states, [&](const States& s) {
    const Verdict verdict = Evaluate(GetParam(), CountsOf(s));
    if (verdict != Verdict::kSkip && verdict != Verdict::kUpstreamFailed) return;
    // Whatever becomes of those that are not done, the rule is not met.
    States later = s;
    for (const TaskState end : {TaskState::kSuccess, TaskState::kFailed, TaskState::kSkipped}) {
      for (size_t i = 0; i < s.size(); ++i) later[i] = IsDone(s[i]) ? s[i] : end;
      EXPECT_FALSE(IsMet(GetParam(), later)) << testing::PrintToString(s);
    }
  });
}

TEST_P(TriggerRuleTest, NoUpstreamTaskIsNoDependency) {
  EXPECT_EQ(Evaluate(GetParam(), UpstreamCounts()), Verdict::kRun);
}

std::string NameOf(const testing::TestParamInfo<TriggerRule>& info) {
  return std::string(ToString(info.param));
}

INSTANTIATE_TEST_SUITE_P(Rules, TriggerRuleTest, testing::ValuesIn(kRules), NameOf);

TEST(UpstreamCounts, FollowTheStatesThatTheyAreTold) {
  UpstreamCounts counts = CountsOf({TaskState::kSuccess, TaskState::kFailed, TaskState::kRunning});
  EXPECT_EQ(counts.done(), 2u);
  counts.Add(TaskState::kFailed, -1);  // it was cleared
  counts.Add(TaskState::kNone, 1);
  EXPECT_EQ(counts.failed, 0u);
  EXPECT_EQ(counts.done(), 1u);
}

}  // namespace
}  // namespace beeflow
