// Copies what a growing log file has gained since the last call.
#pragma once

#include <fstream>
#include <ostream>
#include <string>
#include <utility>

#include "base/result.h"

namespace beeflow {

class LogTail {
 public:
  // `prefix` goes before each line; `start` bytes of the file are left out. The file need not exist
  // yet.
  explicit LogTail(std::string path, std::string prefix = "", std::streamoff start = 0)
      : path_(std::move(path)), prefix_(std::move(prefix)), position_(start) {}

  const std::string& path() const { return path_; }
  bool Exists() const;

  // Copies the lines that are complete.
  Status CopyTo(std::ostream& out);
  // No more comes: copies the line that has no end too.
  Status Finish(std::ostream& out);

 private:
  bool HasShrunk(std::ifstream& file) const;
  void FindPlace(std::ifstream& file);

  std::string path_;
  std::string prefix_;
  std::streamoff position_;
  std::streamoff left_out_ = 0;    // before position_, as the file said when it shrank last
  std::streamoff mark_bytes_ = 0;  // of the line that says so
  std::string partial_;            // a line whose end is not written yet
};

}  // namespace beeflow
