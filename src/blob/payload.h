// What a request carries: text, or a range of a file, which is read as it is sent and never held in
// memory.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "blob/file_io.h"

namespace beeflow {

class Payload {
 public:
  Payload() = default;
  explicit Payload(std::string text) : text_(std::move(text)), size_(text_.size()) {}
  // `file` outlives the payload.
  Payload(const InputFile* file, uint64_t offset, uint64_t size)
      : file_(file), offset_(offset), size_(size) {}

  uint64_t size() const { return size_; }
  // Copies up to `size` bytes from `position` on; 0 at the end. An error if the file has shrunk.
  Result<size_t> ReadAt(uint64_t position, char* buffer, size_t size) const;
  // SHA-256 in lower-case hexadecimal digits; reads everything.
  Result<std::string> Sha256() const;

 private:
  std::string text_;
  const InputFile* file_ = nullptr;
  uint64_t offset_ = 0;
  uint64_t size_ = 0;
};

}  // namespace beeflow
