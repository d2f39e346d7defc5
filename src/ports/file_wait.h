// Waiting for writes to one file, on a thread that has nothing else to do meanwhile.
#pragma once

#include "base/time.h"

namespace beeflow {

class FileWait {
 public:
  virtual ~FileWait() = default;
  // Returns once the file may have been written to since the last call, at the latest after
  // `longest`.
  virtual void For(Duration longest) = 0;
};

}  // namespace beeflow
