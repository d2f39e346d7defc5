#include "os/file_wait.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

constexpr Duration kForEver = std::chrono::minutes(10);

TEST(InotifyFileWaitTest, ReturnsAfterAWriteBeforeOrDuringTheWait) {
  TempFolder temp;
  temp.Write("log", "1");
  InotifyFileWait wait(temp / "log");
  temp.Write("log", "12");
  wait.For(kForEver);
  auto waiting = std::async(std::launch::async, [&wait] { wait.For(kForEver); });
  temp.Write("log", "123");
  waiting.get();
}

TEST(InotifyFileWaitTest, AFolderThatComesLaterIsWatchedThen) {
  TempFolder temp;
  InotifyFileWait wait(temp / "later/log");
  wait.For(kForEver);  // looks again after a moment
  std::filesystem::create_directory(temp / "later");
  temp.Write("later/log", "1");
  wait.For(kForEver);
  temp.Write("later/log", "12");
  wait.For(kForEver);
}

}  // namespace
}  // namespace beeflow
