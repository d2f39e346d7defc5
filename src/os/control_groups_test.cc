// On a machine without control groups, or where this user may make none, these are skipped.
#include "os/control_groups.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "os/child_watch.h"
#include "os/event_loop_for_test.h"
#include "os/process.h"

namespace beeflow {
namespace {

class ControlGroupsTest : public testing::Test {
 protected:
  // Runs a shell command in the group; returns its wait status.
  int RunIn(const ControlGroup& group, const std::string& command) {
    std::string enter;
    for (const std::string& file : group.EntryFiles()) enter += "echo 0 > " + file + " && ";
    SpawnRequest request;
    request.argv = {"/bin/sh", "-c", enter + command};
    SpawnedProcess process = std::move(Spawn(request).value());
    std::optional<int> status;
    const ChildWatch watch(io_, process.pid, std::move(process.pidfd), Leftovers::kKillGroup,
                           [&](std::optional<int> ended) { status = ended; });
    EXPECT_TRUE(RunUntil(io_, [&] { return status.has_value(); }));
    return status.value_or(-1);
  }

  asio::io_context io_;
};

TEST_F(ControlGroupsTest, LimitTheMemoryOfAllProcessesTogether) {
  ControlGroups groups;
  if (!groups.are_available()) GTEST_SKIP() << groups.description();
  const auto small = std::move(groups.Make({int64_t{32} << 20, 1, false}).value());
  EXPECT_EQ(small->OutOfMemoryKills(), 0);
  EXPECT_EQ(RunIn(*small, "true"), 0);
  EXPECT_NE(RunIn(*small, "exec /usr/bin/python3 -c 'x = b\"x\" * (100 << 20)'"), 0);
  EXPECT_GT(small->OutOfMemoryKills(), 0);
  const auto large = std::move(groups.Make({int64_t{400} << 20, 0.5, true}).value());
  EXPECT_EQ(RunIn(*large, "exec /usr/bin/python3 -c 'x = b\"x\" * (100 << 20)'"), 0);
  EXPECT_EQ(large->OutOfMemoryKills(), 0);
}

TEST_F(ControlGroupsTest, AreRemovedWhenTheyAreNotUsedAnyMore) {
  std::string file;
  {
    ControlGroups groups;
    if (!groups.are_available()) GTEST_SKIP() << groups.description();
    const auto group = std::move(groups.Make({}).value());
    file = group->EntryFiles()[0];
    EXPECT_EQ(access(file.c_str(), F_OK), 0);
  }
  EXPECT_NE(access(file.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace beeflow
