// Commands in a real sandbox: what they see, what they may do, and how they end.
#include "worker/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "os/process.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

class SandboxTest : public testing::Test {
 protected:
  SandboxTest() {
    std::filesystem::create_directory(own_);
    command_.cwd = own_;
    command_.writable = {own_};
    command_.drop_root = geteuid() == 0;
    if (command_.drop_root) {
      EXPECT_EQ(chown(own_.c_str(), kNobody, kNobody), 0);
    }
  }

  // Starts `bash -c script`; its output comes through the pipe.
  SpawnedProcess Start(const std::string& script) {
    command_.argv = {"bash", "-c", script};
    auto pipe = MakePipe();
    output_ = std::move(pipe->first);
    SpawnRequest request;
    request.argv = SandboxArgv(policy_, command_);
    request.fds = {{pipe->second.get(), 1}, {pipe->second.get(), 2}};
    auto process = Spawn(request);
    EXPECT_TRUE(process.ok());
    return std::move(*process);
  }
  // Reads up to the end of all that write, or up to that text.
  std::string ReadUntil(const std::string& text = "") {
    std::string all;
    std::array<char, 4096> part{};
    while (text.empty() || all.find(text) == std::string::npos) {
      const ssize_t count = read(output_.get(), part.data(), part.size());
      if (count <= 0) break;
      all.append(part.data(), static_cast<size_t>(count));
    }
    return all;
  }
  static int Wait(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return status;
  }
  std::string Run(const std::string& script) {
    const SpawnedProcess process = Start(script);
    std::string text = ReadUntil();
    status_ = Wait(process.pid);
    return text;
  }

  TempFolder temp_;
  const std::string own_ = temp_ / "own";
  SandboxPolicy policy_;
  SandboxedCommand command_;
  UniqueFd output_;
  int status_ = 0;
};

TEST_F(SandboxTest, TheExitCodeAndTheOutputAreThoseOfTheCommand) {
  EXPECT_EQ(Run("echo out; echo err >&2; exit 7"), "out\nerr\n");
  EXPECT_EQ(DescribeExit(status_), "exit code 7");
}

TEST_F(SandboxTest, FilesThatAreNotItsOwnAreNotThere) {
  temp_.Write("secret", "s3cret");
  EXPECT_EQ(Run("ls " + temp_.path() + "; cat " + (temp_ / "secret") + " 2>/dev/null"), "own\n");
  EXPECT_EQ(Run("echo x > mine && cat mine && echo y > /tmp/z && cat /tmp/z"), "x\ny\n");
  EXPECT_FALSE(std::filesystem::exists("/tmp/z"));
}

TEST_F(SandboxTest, NamedPathsCanBeReadAndThoseForWritingWritten) {
  const std::string shown = temp_ / "shown";
  const std::string shared = temp_ / "shared";
  for (const std::string& folder : {shown, shared}) std::filesystem::create_directory(folder);
  temp_.Write("shown/data", "data\n");
  chmod(shared.c_str(), 0777);
  AddSandboxPaths(shown + "," + shared + ":rw", &policy_);
  EXPECT_EQ(Run("cat " + shown + "/data; echo no > " + shown + "/data || echo refused"),
            "data\nbash: line 1: " + shown + "/data: Read-only file system\nrefused\n");
  Run("echo kept > " + shared + "/result");
  EXPECT_EQ(temp_.Read("shared/result"), "kept\n");
}

TEST_F(SandboxTest, WhatIsHiddenBelowTheSystemsFoldersIsNotSeenWithThem) {
  policy_.hidden = {"/usr/share", "/home/somebody"};
  policy_.read_only = {"/usr/share/doc"};
  EXPECT_EQ(Run("ls /usr/share; test -d /usr/bin && echo programs"), "doc\nprograms\n");
}

TEST_F(SandboxTest, ItSeesNoProcessButItsOwnAndIsNotRoot) {
  EXPECT_EQ(Run("ls -d /proc/" + std::to_string(getpid()) + " 2>/dev/null"), "");
  const std::string user = std::to_string(geteuid() == 0 ? kNobody : static_cast<int>(geteuid()));
  EXPECT_EQ(Run("id -u"), user + "\n");
}

TEST_F(SandboxTest, WithoutANetworkThereIsOnlyALoopback) {
  policy_.network = false;
  EXPECT_EQ(Run("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '"), "lo\n");
}

TEST_F(SandboxTest, SigtermReachesTheCommandWhichMayCleanUp) {
  const SpawnedProcess process = Start(
      "trap 'echo cleaning up; exit 5' TERM; echo ready; while :; do read -t 1 < /dev/zero; done");
  EXPECT_EQ(ReadUntil("ready\n"), "ready\n");
  SignalGroup(process.pid, SIGTERM);
  EXPECT_EQ(ReadUntil(), "cleaning up\n");
  EXPECT_EQ(DescribeExit(Wait(process.pid)), "exit code 5");
}

// The pipe is closed only when the last process that writes to it has ended.
TEST_F(SandboxTest, NothingOutlivesTheCommandOrAKilledSandbox) {
  EXPECT_EQ(Run("(trap '' TERM; setsid sleep 1000) & disown; echo done"), "done\n");
  const SpawnedProcess process = Start("setsid sleep 1000 & echo ready; sleep 1000");
  EXPECT_EQ(ReadUntil("ready\n"), "ready\n");
  SignalGroup(process.pid, SIGKILL);
  EXPECT_EQ(ReadUntil(), "");
  EXPECT_EQ(Wait(process.pid), SIGKILL);
}

}  // namespace
}  // namespace beeflow
