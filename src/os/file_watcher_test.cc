#include "os/file_watcher.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "os/event_loop_for_test.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

class FileWatcherTest : public testing::Test {
 protected:
  FileWatcherTest() { fs::create_directory(dags_); }

  Paths Start(IgnoreSyntax syntax = IgnoreSyntax::kRegexp) {
    FileWatcher::Callbacks callbacks;
    callbacks.changed = [this](const std::vector<FileChange>& changes) {
      for (const FileChange& change : changes) {
        seen_.push_back((change.removed ? "-" : "+") + change.path.substr(dags_.size() + 1));
      }
    };
    callbacks.warning = [this](const std::string& text) { warnings_.push_back(text); };
    watcher_ = std::make_unique<FileWatcher>(io_, dags_, syntax, callbacks);
    Paths files = watcher_->Start().value();
    for (std::string& path : files) path.erase(0, dags_.size() + 1);
    return files;
  }

  // Waits until exactly these changes were seen, and forgets them.
  void Expect(const Paths& expected) {
    RunUntil(io_, [&] { return seen_.size() >= expected.size(); });
    EXPECT_EQ(seen_, expected);
    seen_.clear();
  }

  // Nothing is reported for what came before: shown by a later change that is.
  void ExpectNothing() {
    temp_.Write("dags/marker.py", std::to_string(++markers_));
    Expect({"+marker.py"});
  }

  asio::io_context io_;
  TempFolder temp_;
  const std::string dags_ = temp_ / "dags";
  std::unique_ptr<FileWatcher> watcher_;
  Paths seen_;
  Paths warnings_;
  int markers_ = 0;
};

TEST_F(FileWatcherTest, FindsTheFilesThatAreThere) {
  temp_.Write("dags/b.py", "");
  temp_.Write("dags/sub/deep/a.py", "");
  temp_.Write("dags/notes.txt", "");
  temp_.Write("dags/__pycache__/c.py", "");
  EXPECT_EQ(Start(), (Paths{"b.py", "sub/deep/a.py"}));
}

TEST_F(FileWatcherTest, PackagedDagsAreFilesToo) {
  temp_.Write("dags/a.zip", "1");
  EXPECT_EQ(Start(), (Paths{"a.zip"}));
  temp_.Write("dags/a.zip", "22");
  Expect({"+a.zip"});
}

TEST_F(FileWatcherTest, ReportsNewChangedAndRemovedFilesWithin100Milliseconds) {
  Start();
  const auto begin = std::chrono::steady_clock::now();
  temp_.Write("dags/a.py", "1");
  Expect({"+a.py"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100));
  temp_.Write("dags/a.py", "22");
  Expect({"+a.py"});
  fs::remove(dags_ + "/a.py");
  Expect({"-a.py"});
}

TEST_F(FileWatcherTest, SeesAnEditorThatRenamesATemporaryFile) {
  temp_.Write("dags/a.py", "1");
  Start();
  temp_.Write("dags/.a.py.swp", "2");
  fs::rename(dags_ + "/.a.py.swp", dags_ + "/a.py");
  Expect({"+a.py"});
}

TEST_F(FileWatcherTest, SeesFoldersAppearMoveAndVanish) {
  Start();
  temp_.Write("dags/new/deep/a.py", "1");
  Expect({"+new/deep/a.py"});
  temp_.Write("dags/new/deep/b.py", "1");
  Expect({"+new/deep/b.py"});
  fs::rename(dags_ + "/new", dags_ + "/old");
  Expect({"-new/deep/a.py", "-new/deep/b.py", "+old/deep/a.py", "+old/deep/b.py"});
  temp_.Write("dags/old/deep/a.py", "22");
  Expect({"+old/deep/a.py"});
  fs::rename(dags_ + "/old", temp_ / "outside");
  Expect({"-old/deep/a.py", "-old/deep/b.py"});
  temp_.Write("outside/deep/a.py", "333");
  ExpectNothing();
}

TEST_F(FileWatcherTest, FollowsLinksToFilesAndFolders) {
  temp_.Write("real/a.py", "1");
  temp_.Write("single.py", "1");
  Start();
  fs::create_directory_symlink(temp_ / "real", dags_ + "/linked");
  Expect({"+linked/a.py"});
  fs::create_symlink(temp_ / "single.py", dags_ + "/one.py");
  Expect({"+one.py"});
  temp_.Write("real/a.py", "22");
  Expect({"+linked/a.py"});
  temp_.Write("single.py", "22");
  Expect({"+one.py"});
  temp_.Write("single.new", "333");
  fs::rename(temp_ / "single.new", temp_ / "single.py");
  Expect({"+one.py"});
  temp_.Write("single.py", "4444");
  Expect({"+one.py"});
}

TEST_F(FileWatcherTest, FollowsALinkThatIsPointedElsewhere) {
  temp_.Write("v1/a.py", "1");
  temp_.Write("v2/a.py", "2");
  fs::create_directory_symlink(temp_ / "v1", dags_ + "/current");
  EXPECT_EQ(Start(), (Paths{"current/a.py"}));
  fs::create_directory_symlink(temp_ / "v2", dags_ + "/next");
  Expect({"+next/a.py"});
  fs::rename(dags_ + "/next", dags_ + "/current");
  Expect({"+current/a.py", "-next/a.py"});
}

TEST_F(FileWatcherTest, DoesNotFollowLinksInCircles) {
  temp_.Write("dags/sub/a.py", "1");
  fs::create_directory_symlink(dags_, dags_ + "/sub/up");
  EXPECT_EQ(Start(), (Paths{"sub/a.py"}));
}

TEST_F(FileWatcherTest, HonoursIgnoreFilesAndTheirChanges) {
  temp_.Write("dags/.airflowignore", "helper\n");
  temp_.Write("dags/helper.py", "");
  temp_.Write("dags/helpers/x.py", "");
  temp_.Write("dags/dag.py", "");
  EXPECT_EQ(Start(), (Paths{"dag.py"}));
  temp_.Write("dags/.airflowignore", "^dag\n");
  Expect({"-dag.py", "+helper.py", "+helpers/x.py"});
  fs::remove(dags_ + "/.airflowignore");
  Expect({"+dag.py"});
}

TEST_F(FileWatcherTest, NamesAnInvalidIgnorePatternOnce) {
  temp_.Write("dags/.airflowignore", "(\n");
  Start();
  ExpectNothing();
  EXPECT_EQ(warnings_.size(), 1u);
}

TEST_F(FileWatcherTest, WaitsUntilANewFileIsClosed) {
  Start();
  std::ofstream file(dags_ + "/a.py");
  file << "half" << std::flush;
  io_.poll();
  EXPECT_TRUE(seen_.empty());
  file << " whole";
  file.close();
  Expect({"+a.py"});
}

TEST_F(FileWatcherTest, SurvivesThatTheFolderIsReplaced) {
  temp_.Write("dags/a.py", "1");
  Start();
  fs::rename(dags_, temp_ / "former");
  Expect({"-a.py"});
  temp_.Write("next/b.py", "1");
  fs::rename(temp_ / "next", dags_);
  Expect({"+b.py"});
  temp_.Write("dags/b.py", "22");
  Expect({"+b.py"});
}

TEST_F(FileWatcherTest, AMissingFolderHoldsNoFiles) {
  fs::remove(dags_);
  EXPECT_EQ(Start(), Paths{});
  temp_.Write("dags/a.py", "1");
  Expect({"+a.py"});
}

TEST_F(FileWatcherTest, ReportsAllOfALargeBurst) {
  Start();
  Paths expected;
  for (int i = 100; i < 400; ++i) {
    const std::string name = "f" + std::to_string(i) + ".py";
    temp_.Write("dags/" + name, "x");
    expected.push_back("+" + name);
  }
  RunUntil(io_, [&] { return seen_.size() >= expected.size(); });
  std::sort(seen_.begin(), seen_.end());
  EXPECT_EQ(seen_, expected);
}

}  // namespace
}  // namespace beeflow
