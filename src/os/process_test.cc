#include "os/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <csignal>

#include "os/child_watch.h"
#include "os/event_loop_for_test.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

class ProcessTest : public testing::Test {
 protected:
  // Runs a shell command to its end and returns what it wrote.
  std::string Run(const std::string& command, SpawnRequest request = {}) {
    auto [output, input] = std::move(MakePipe().value());
    request.argv = {"/bin/sh", "-c", command};
    request.fds = {{input.get(), 1}, {input.get(), 2}};
    SpawnedProcess process = std::move(Spawn(request).value());
    input.reset();
    Watch(std::move(process));
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = read(output.get(), buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(n));
    }
    RunUntil(io_, [this] { return status_.has_value(); });
    return text;
  }

  void Watch(SpawnedProcess process, Leftovers leftovers = Leftovers::kKeep) {
    status_.reset();
    watch_.emplace(io_, process.pid, std::move(process.pidfd), leftovers,
                   [this](std::optional<int> status) { status_ = status.value(); });
  }

  asio::io_context io_;
  std::optional<ChildWatch> watch_;
  std::optional<int> status_;
};

TEST_F(ProcessTest, GivesOutputAndExitCode) {
  EXPECT_EQ(Run("echo out; echo err >&2; exit 3"), "out\nerr\n");
  EXPECT_EQ(DescribeExit(*status_), "exit code 3");
}

TEST_F(ProcessTest, NamesTheSignalThatEndedIt) {
  Run("kill -9 $$");
  EXPECT_EQ(DescribeExit(*status_), "signal 9 (Killed)");
}

TEST_F(ProcessTest, SetsEnvironmentAndFolder) {
  TempFolder temp;
  SpawnRequest request;
  request.environment = {{"A=b c"}};
  request.cwd = temp.path();
  EXPECT_EQ(Run("echo $A; pwd -P", request),
            "b c\n" + std::filesystem::canonical(temp.path()).string() + "\n");
}

TEST_F(ProcessTest, TheChildLeadsItsOwnSessionAndInheritsNothing) {
  signal(SIGPIPE, SIG_IGN);
  const UniqueFd leaked(fcntl(STDIN_FILENO, F_DUPFD, 20));  // not close-on-exec
  const std::string descriptor = "/proc/$$/fd/" + std::to_string(leaked.get());
  EXPECT_EQ(Run("test \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$ && echo leader; test -e " +
                descriptor + " && echo inherited; kill -PIPE $$; echo 'SIGPIPE is ignored'"),
            "leader\n");
  EXPECT_EQ(DescribeExit(*status_), "signal 13 (Broken pipe)");
  signal(SIGPIPE, SIG_DFL);
}

TEST_F(ProcessTest, MapsDescriptorsThatOverlap) {
  auto [out_a, in_a] = std::move(MakePipe().value());
  auto [out_b, in_b] = std::move(MakePipe().value());
  SpawnRequest request;
  request.argv = {"/bin/sh", "-c", "echo a >&4; echo b >&3"};
  // Each target is the source of the other where the numbers happen to be 3 and 4.
  request.fds = {{in_a.get(), 4}, {in_b.get(), 3}};
  Watch(std::move(Spawn(request).value()));
  ASSERT_TRUE(RunUntil(io_, [this] { return status_.has_value(); }));
  char text[3] = {};
  EXPECT_EQ(read(out_a.get(), text, 2), 2);
  EXPECT_STREQ(text, "a\n");
  EXPECT_EQ(read(out_b.get(), text, 2), 2);
  EXPECT_STREQ(text, "b\n");
}

TEST_F(ProcessTest, AProgramOrFolderThatIsMissingIsNamed) {
  SpawnRequest request;
  request.argv = {"/nonexistent/program"};
  EXPECT_EQ(Spawn(request).error().message,
            "cannot run /nonexistent/program: No such file or directory");
  request = {{"/bin/true"}, std::nullopt, "/nonexistent", {}};
  EXPECT_EQ(Spawn(request).error().message,
            "cannot run /bin/true in /nonexistent: No such file or directory");
}

TEST_F(ProcessTest, KillsWhatTheGroupLeavesBehind) {
  auto [output, input] = std::move(MakePipe().value());
  SpawnRequest request;
  request.argv = {"/bin/sh", "-c", "sleep 1000 & exit 0"};
  request.fds = {{input.get(), 1}};
  Watch(std::move(Spawn(request).value()), Leftovers::kKillGroup);
  input.reset();
  ASSERT_TRUE(RunUntil(io_, [this] { return status_.has_value(); }));
  EXPECT_EQ(DescribeExit(*status_), "exit code 0");
  char byte;
  EXPECT_EQ(read(output.get(), &byte, 1), 0);  // the end: no writer is left
}

// A worker killed tasks that ran: when its connection broke while it started one, asio passed the
// event of the closed connection to the new watch, which took the process for ended.
TEST_F(ProcessTest, AnEventOfADescriptorThatWasClosedEndsNoProcess) {
  using asio::posix::stream_descriptor;
  // Both are readable in the same turn of the loop; the first handler closes the other.
  auto [output_a, input_a] = std::move(MakePipe().value());
  auto [output_b, input_b] = std::move(MakePipe().value());
  stream_descriptor a(io_, output_a.release());
  stream_descriptor b(io_, output_b.release());
  input_a.reset();
  input_b.reset();
  auto [hold_output, hold_input] = std::move(MakePipe().value());
  const auto start = [&, hold = hold_output.get()](std::error_code) {
    if (watch_) return;
    a.close();
    b.close();
    SpawnRequest request;
    request.argv = {"/bin/sh", "-c", "read line; exit 5"};
    request.fds = {{hold, 0}};
    Watch(std::move(Spawn(request).value()), Leftovers::kKillGroup);
  };
  a.async_wait(stream_descriptor::wait_read, start);
  b.async_wait(stream_descriptor::wait_read, start);
  ASSERT_TRUE(RunUntil(io_, [this] { return watch_.has_value(); }));
  while (io_.poll_one() > 0) {
  }
  EXPECT_FALSE(status_.has_value());
  hold_input.reset();
  ASSERT_TRUE(RunUntil(io_, [this] { return status_.has_value(); }));
  EXPECT_EQ(DescribeExit(*status_), "exit code 5");
}

TEST_F(ProcessTest, WatchesAProcessThatIsNotAChild) {
  // The grandchild tells its id and waits until its input ends.
  auto [output, input] = std::move(MakePipe().value());
  auto [hold_output, hold_input] = std::move(MakePipe().value());
  SpawnRequest request;
  request.argv = {"/bin/sh", "-c", "cat <&3 >/dev/null 3<&- & echo $!"};
  request.fds = {{input.get(), 1}, {hold_output.get(), 3}};
  Watch(std::move(Spawn(request).value()));
  ASSERT_TRUE(RunUntil(io_, [this] { return status_.has_value(); }));
  char text[32] = {};
  ASSERT_GT(read(output.get(), text, sizeof text - 1), 0);
  bool ended = false;
  auto watch = ChildWatch::ForPid(io_, std::stoi(text), [&ended](std::optional<int> status) {
    EXPECT_FALSE(status.has_value());
    ended = true;
  });
  ASSERT_TRUE(watch.ok());
  hold_input.reset();
  EXPECT_TRUE(RunUntil(io_, [&ended] { return ended; }));
}

}  // namespace
}  // namespace beeflow
