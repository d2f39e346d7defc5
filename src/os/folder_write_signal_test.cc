#include "os/folder_write_signal.h"

#include <gtest/gtest.h>

#include "os/event_loop_for_test.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

TEST(FolderWriteSignalTest, TellsOfWritesInFoldersThatWereThereAndThatAppear) {
  asio::io_context io;
  TempFolder temp;
  temp.Write("old/deep/log", "1");
  int calls = 0;
  auto watch = FolderWriteSignal::Watch(io, temp.path(), [&calls] { ++calls; });
  ASSERT_TRUE(watch.ok());
  const auto told = [&] {
    const bool was_told = RunUntil(io, [&calls] { return calls > 0; });
    io.restart();
    io.poll();
    calls = 0;
    return was_told;
  };
  std::ofstream old_file(temp / "old/deep/log", std::ios::app);
  old_file << "2" << std::flush;
  EXPECT_TRUE(told());
  // Folders in folders, made at once: the inner ones are there before the outer one is watched.
  temp.Write("new/deep/er/log", "3");
  EXPECT_TRUE(told());
  std::ofstream new_file(temp / "new/deep/er/log", std::ios::app);
  new_file << "4" << std::flush;
  EXPECT_TRUE(told());
}

TEST(FolderWriteSignalTest, AMissingFolderIsAnError) {
  asio::io_context io;
  EXPECT_FALSE(FolderWriteSignal::Watch(io, "/nonexistent/x", [] {}).ok());
}

}  // namespace
}  // namespace beeflow
