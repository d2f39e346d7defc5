// What imports DAG files. User code never runs in the process that asks.
//
// Threads: called on the thread of the control loop; calls back on the same thread, never from
// within Parse.
#pragma once

#include <functional>
#include <string>

#include "base/json.h"
#include "base/time.h"

namespace beeflow {

class Parser {
 public:
  virtual ~Parser() = default;

  // Calls `done` once, with a result as in docs/formats/serialized-dag.md (ParsedFileFromJson reads
  // it). Whatever goes wrong, a limit that is exceeded or a parser that dies, is an import error.
  virtual void Parse(const std::string& file, Duration timeout, std::function<void(Json)> done) = 0;
};

}  // namespace beeflow
