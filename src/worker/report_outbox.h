// The reports that control has not acknowledged, numbered from 1 for the life of the worker.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/json.h"

namespace beeflow {

class ReportOutbox {
 public:
  struct Kept {
    std::string attempt_id;
    Json message;  // as it is sent
    bool ends_attempt = false;
  };

  // Makes the report a message, and keeps it; returns its number.
  uint64_t Add(const std::string& attempt_id, Json report, bool ends_attempt);
  // Reads an `ack` message.
  void Acknowledge(const Json& ack);

  // By number.
  const std::map<uint64_t, Kept>& reports() const { return reports_; }
  // Attempts whose end is reported and not acknowledged.
  const std::set<std::string>& ended() const { return ended_; }

 private:
  uint64_t last_ = 0;
  std::map<uint64_t, Kept> reports_;
  std::set<std::string> ended_;
};

}  // namespace beeflow
