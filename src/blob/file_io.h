// Files as the stores read and write them: parts of a file, and files that appear only when they
// are complete.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace beeflow {

// An open file to read from. Move-only.
class InputFile {
 public:
  // Errors name the path.
  static Result<InputFile> Open(const std::string& path);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  uint64_t size() const { return size_; }  // when it was opened
  const std::string& path() const { return path_; }
  // Reads `size` bytes, fewer only at the end of the file. Does not move any position.
  Result<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) const;

 private:
  InputFile(std::string path, int fd, uint64_t size);

  std::string path_;
  int fd_;
  uint64_t size_;
};

// A file that is written beside its path and takes its place by Commit; without one, it is removed.
class NewFile {
 public:
  // Makes the folders on the way. Errors name the path.
  static Result<NewFile> Create(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  Status Append(const char* data, size_t size);
  // Begins anew.
  Status Truncate();
  // Durable on return.
  Status Commit();

  // Whether a file's name is that of one that was never committed.
  static bool IsUnfinished(const std::string& name);

 private:
  NewFile(std::string path, std::string temporary, int fd);
  Error Failed() const;

  std::string path_;
  std::string temporary_;  // "" once it is gone
  int fd_;
};

}  // namespace beeflow
