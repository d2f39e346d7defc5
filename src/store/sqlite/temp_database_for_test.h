// For tests: a folder of its own for each test's database, and a second way in for edits by hand.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "base/result.h"

namespace beeflow {

// The value of a result that must be one.
template <typename T>
T Taken(Result<T> result) {
  return std::move(result.value());
}

class TempDatabase {
 public:
  TempDatabase() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "beeflow-store-XXXXXX").string();
    const char* made = mkdtemp(pattern.data());
    EXPECT_NE(made, nullptr);
    folder_ = pattern;
  }
  TempDatabase(const TempDatabase&) = delete;
  TempDatabase& operator=(const TempDatabase&) = delete;
  ~TempDatabase() { std::filesystem::remove_all(folder_); }

  std::string path() const { return (folder_ / "beeflow.db").string(); }
  const std::filesystem::path& folder() const { return folder_; }

  // Executes SQL as the `sqlite3` shell would: with SQLite's own settings. Returns the first column
  // of the last row.
  std::string Edit(const std::string& sql) const {
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open(path().c_str(), &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, 5000);
    std::string value;
    const auto keep = [](void* out, int, char** cells, char**) {
      *static_cast<std::string*>(out) = cells[0] ? cells[0] : "NULL";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), keep, &value, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle) << " in " << sql;
    EXPECT_EQ(sqlite3_close(handle), SQLITE_OK);
    return value;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace beeflow
