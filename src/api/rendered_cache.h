// The rendered template fields of tries that were asked for: they are those of when the try ran, so
// they need not be rendered each time that somebody looks. Any thread.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/json.h"
#include "ports/history.h"

namespace beeflow {

class RenderedCache {
 public:
  static std::string KeyOf(const TaskRecord& task);

  std::optional<Json> Find(const std::string& key);
  // Large ones are not kept.
  void Keep(const std::string& key, const Json& fields);

 private:
  static constexpr size_t kKept = 1000;
  static constexpr size_t kBytesMax = 16 << 10;  // of one

  std::mutex mutex_;
  std::map<std::string, Json> fields_;
  std::deque<std::string> order_;  // in which they came
};

}  // namespace beeflow
