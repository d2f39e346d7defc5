#include "ports/log_path.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

TEST(AttemptLogPath, FollowsAirflowsLayout) {
  const RunKey run{"etl", "manual__2021-01-01T00:00:00+00:00"};
  EXPECT_EQ(AttemptLogPath(run, "load", -1, 2),
            "dag_id=etl/run_id=manual__2021-01-01T00:00:00+00:00/task_id=load/attempt=2.log");
  EXPECT_EQ(AttemptLogPath(run, "load", 3, 1),
            "dag_id=etl/run_id=manual__2021-01-01T00:00:00+00:00/task_id=load/map_index=3/"
            "attempt=1.log");
}

TEST(AttemptLogPath, NoRunIdLeavesItsFolder) {
  EXPECT_EQ(AttemptLogPath({"d", "../../etc\n"}, "t", -1, 1),
            "dag_id=d/run_id=..%2F..%2Fetc%0A/task_id=t/attempt=1.log");
}

TEST(AttemptLogPath, EscapedAndPlainIdsDiffer) {
  EXPECT_NE(EscapeForPath("a/b"), EscapeForPath("a%2Fb"));
}

}  // namespace
}  // namespace beeflow
