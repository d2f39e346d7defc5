#include "os/file_change_signal.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "os/event_loop_for_test.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

TEST(FileChangeSignalTest, TellsOfWritesRemovalAndRecreation) {
  asio::io_context io;
  TempFolder temp;
  int calls = 0;
  auto watch = FileChangeSignal::Watch(io, temp / "db-wal", [&calls] { ++calls; });
  ASSERT_TRUE(watch.ok());
  const auto told = [&] {
    const bool was_told = RunUntil(io, [&calls] { return calls > 0; });
    io.restart();
    io.poll();
    calls = 0;
    return was_told;
  };
  temp.Write("db-wal", "1");
  EXPECT_TRUE(told());
  std::ofstream file(temp / "db-wal", std::ios::app);
  file << "2" << std::flush;
  EXPECT_TRUE(told());
  std::filesystem::remove(temp / "db-wal");
  EXPECT_TRUE(told());
  temp.Write("db-wal", "3");
  EXPECT_TRUE(told());
}

TEST(FileChangeSignalTest, OtherFilesOfTheFolderDoNotMatter) {
  asio::io_context io;
  TempFolder temp;
  int calls = 0;
  auto watch = FileChangeSignal::Watch(io, temp / "db-wal", [&calls] { ++calls; });
  ASSERT_TRUE(watch.ok());
  temp.Write("db", "1");
  io.run_one();  // the event was read
  EXPECT_EQ(calls, 0);
}

TEST(FileChangeSignalTest, AMissingFolderIsAnError) {
  asio::io_context io;
  EXPECT_FALSE(FileChangeSignal::Watch(io, "/nonexistent/x/db", [] {}).ok());
}

}  // namespace
}  // namespace beeflow
