// The DAG folder of control and the copies of a worker, one beside the other.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <asio/post.hpp>
#include <filesystem>
#include <optional>

#include "nats/dag_cache.h"
#include "nats/dag_folder.h"
#include "os/event_loop_for_test.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

class TestClock : public Clock {
 public:
  Time Now() override { return now; }
  Time now{};
};

class DagFilesTest : public testing::Test {
 protected:
  DagFilesTest()
      : folder_(clock_, temp_ / "dags", {temp_ / "plugins"}),
        cache_(io_, temp_ / "cache", [this](const Json& asked) { Answer(asked); }) {}

  // As control does, after a turn of the loop.
  void Answer(const Json& asked) {
    ++asked_;
    asio::post(io_, [this, asked] {
      if (asked["op"] == "manifest") return cache_.OnManifest(folder_.Manifest());
      if (on_file_) std::exchange(on_file_, nullptr)();
      const std::string hash = asked["hash"];
      const auto part = folder_.Read(hash, asked["offset"], 4);
      Json answer = {{"op", "file"}, {"hash", hash}, {"offset", asked["offset"]}};
      if (!part) {
        answer["gone"] = true;
        return cache_.OnFile(answer, "");
      }
      answer["size"] = part->size;
      cache_.OnFile(answer, part->bytes);
    });
  }

  Result<DagCache::Folder> Get() {
    std::optional<Result<DagCache::Folder>> got;
    cache_.Get(folder_.Version(), [&](const Result<DagCache::Folder>& folder) { got = folder; });
    RunUntil(io_, [&] { return got.has_value(); });
    return got.value();
  }

  void Change(const std::string& name, const std::string& text) {
    temp_.Write(name, text);
    clock_.now += Seconds(2);
  }

  static std::string Read(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  asio::io_context io_;
  TempFolder temp_;
  TestClock clock_;
  DagFolder folder_;
  int asked_ = 0;
  std::function<void()> on_file_;  // is called when a file is asked for
  DagCache cache_;
};

TEST_F(DagFilesTest, ACopyIsCompleteAndReadOnly) {
  temp_.Write("dags/a.py", "text of a");
  temp_.Write("dags/sub/empty.py", "");
  chmod(temp_.Write("dags/run.sh", "#!/bin/sh").c_str(), 0755);
  temp_.Write("plugins/p.py", "plugin");
  const auto folder = Get();
  ASSERT_TRUE(folder.ok()) << folder.error().message;
  const std::filesystem::path path = folder->path;
  EXPECT_EQ(Read(path / "dags/a.py"), "text of a");
  EXPECT_EQ(std::filesystem::file_size(path / "dags/sub/empty.py"), 0U);
  EXPECT_EQ(Read(path / "plugins/p.py"), "plugin");
  struct stat info {};
  ASSERT_EQ(stat((path / "dags/a.py").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0444U);
  ASSERT_EQ(stat((path / "dags/run.sh").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0555U);
}

TEST_F(DagFilesTest, WhatIsThereIsNotAskedForAgain) {
  temp_.Write("dags/a.py", "a");
  temp_.Write("dags/b.py", "b");
  ASSERT_TRUE(Get().ok());
  const int before = asked_;
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(asked_, before);
  Change("dags/b.py", "c");
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(asked_, before + 2);  // what there is, and the one new file
}

TEST_F(DagFilesTest, AChangeIsAVersionOfItsOwn) {
  temp_.Write("dags/a.py", "old");
  const auto before = Get();
  Change("dags/a.py", "new");
  const auto after = Get();
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_NE(before->path, after->path);
  EXPECT_EQ(Read(before->path + "/dags/a.py"), "old");
  EXPECT_EQ(Read(after->path + "/dags/a.py"), "new");
}

TEST_F(DagFilesTest, AChangeWhileItIsReadYieldsTheLaterVersion) {
  temp_.Write("dags/a.py", "old");
  on_file_ = [this] { Change("dags/a.py", "later"); };
  const auto folder = Get();
  ASSERT_TRUE(folder.ok()) << folder.error().message;
  EXPECT_EQ(Read(folder->path + "/dags/a.py"), "later");
}

TEST_F(DagFilesTest, VersionsThatNobodyUsesAreRemovedBeyondANumber) {
  std::vector<DagCache::Folder> folders;
  for (int i = 0; i < 8; ++i) {
    Change("dags/a.py", "version " + std::to_string(i));
    const auto folder = Get();
    ASSERT_TRUE(folder.ok());
    folders.push_back(*folder);
    if (i > 0) cache_.Release(folder->version);
  }
  EXPECT_TRUE(std::filesystem::exists(folders[0].path));  // in use
  EXPECT_FALSE(std::filesystem::exists(folders[1].path));
  EXPECT_TRUE(std::filesystem::exists(folders[7].path));
}

TEST_F(DagFilesTest, APathThatLeadsOutIsRefused) {
  temp_.Write("dags/a.py", "a");
  std::optional<Result<DagCache::Folder>> got;
  cache_.Get("00", [&](const Result<DagCache::Folder>& folder) { got = folder; });
  cache_.OnManifest(
      {{"version", "00"}, {"files", {{{"path", "dags/../../x"}, {"hash", "00"}, {"size", 0}}}}});
  ASSERT_TRUE(got);
  EXPECT_FALSE(got->ok());
}

}  // namespace
}  // namespace beeflow
