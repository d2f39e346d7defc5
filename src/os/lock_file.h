// A lock that a living process holds: flock(2) on a file that also names the holder's process id.
// It ends with the last process that has the descriptor, however that process ends. Descriptors
// pass on through fork, not through exec.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "os/unique_fd.h"

namespace beeflow {

class LockFile {
 public:
  // Creates the file (mode 0600) where it is missing. kConflict where another process holds the
  // lock; the message names it.
  static Result<LockFile> Acquire(const std::string& path);

  // Whether someone holds the lock, without taking it. A file that is missing is not locked.
  static bool IsHeld(const std::string& path);
  // The process id that the file names; absent where there is none. Meaningful while IsHeld.
  static std::optional<pid_t> Holder(const std::string& path);

 private:
  explicit LockFile(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace beeflow
