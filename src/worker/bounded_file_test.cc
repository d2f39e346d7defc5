#include "worker/bounded_file.h"

#include <gtest/gtest.h>

#include <sstream>

#include "os/temp_folder_for_test.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

TEST(BoundedFileTest, KeepsTheBeginningAndTheEnd) {
  constexpr int kLines = 5000;
  constexpr int64_t kBytesMax = 20000;
  TempFolder temp;
  BoundedFile file = std::move(BoundedFile::Open(temp / "x.log", kBytesMax).value());
  int64_t written = 0;
  for (int i = 0; i < kLines; ++i) {
    const std::string line = "line " + std::to_string(i) + "\n";
    written += static_cast<int64_t>(line.size());
    file.Append(line, "");
    EXPECT_LE(std::filesystem::file_size(temp / "x.log"), static_cast<uint64_t>(kBytesMax));
  }
  std::istringstream text(temp.Read("x.log"));
  int before = 0, after = 0;
  int64_t left_out = 0, kept = 0;
  for (std::string line; std::getline(text, line);) {
    if (const auto bytes = LeftOutBytes(line)) {
      EXPECT_EQ(left_out, 0) << "one mark, whose number grows";
      left_out = *bytes;
      continue;
    }
    kept += static_cast<int64_t>(line.size()) + 1;
    if (left_out == 0) {
      EXPECT_EQ(line, "line " + std::to_string(before++));
    } else {
      if (after == 0) after = std::stoi(line.substr(5));
      EXPECT_EQ(line, "line " + std::to_string(after++));
    }
  }
  EXPECT_GT(before, 100);
  EXPECT_EQ(after, kLines);
  EXPECT_EQ(kept + left_out, written);
}

TEST(BoundedFileTest, WithoutALimitNothingIsLeftOut) {
  TempFolder temp;
  BoundedFile file = std::move(BoundedFile::Open(temp / "x.log", 0).value());
  for (int i = 0; i < 1000; ++i) file.Append("0123456789\n", "");
  EXPECT_EQ(temp.Read("x.log").size(), 11000u);
}

}  // namespace
}  // namespace beeflow
