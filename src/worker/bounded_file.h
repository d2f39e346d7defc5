// A text file that grows up to a limit. What goes beyond costs lines in the middle: its first and
// its last quarter stay, and a line between them tells how much was left out. Readers see the file
// shrink then.
//
// Errors: writing never fails as far as the caller can tell; a full disk costs text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/unique_fd.h"

namespace beeflow {

class BoundedFile {
 public:
  // Creates the folders on the way; appends where the file exists. `bytes_max` 0: no limit.
  static Result<BoundedFile> Open(const std::string& path, int64_t bytes_max);

  // Whole lines. `stamp` begins the line that tells what was left out.
  void Append(std::string_view text, std::string_view stamp);

 private:
  BoundedFile(UniqueFd fd, std::string path, int64_t bytes_max, int64_t size)
      : fd_(std::move(fd)), path_(std::move(path)), bytes_max_(bytes_max), size_(size) {}
  bool Shorten(std::string_view stamp);

  UniqueFd fd_;
  std::string path_;
  int64_t bytes_max_ = 0;
  int64_t size_ = 0;
  int64_t head_end_ = 0;    // of what stays at the beginning; 0: nothing was left out so far
  int64_t mark_bytes_ = 0;  // of the line behind it
  int64_t left_out_bytes_ = 0;
};

}  // namespace beeflow
