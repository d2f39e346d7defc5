// Control groups: limits of memory and CPU for all processes of an attempt together. Version 2 is
// used where it offers both controllers, else version 1, else nothing.
//
// Threads: none of its own; one thread at a time. Files of the kernel are read and written, which
// takes microseconds. A process that enters a group may wait for milliseconds: never ours.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace beeflow {

struct GroupLimits {
  int64_t memory_bytes = 0;  // 0: no limit
  double cpu_share = 1;      // in cores: what it gets relative to others when all are busy
  bool cpu_quota = false;    // it gets no more than that on an idle machine either

  // A comparison with 0 in the generated code.
  auto operator<=>(const GroupLimits&) const = default;  // NOLINT(modernize-use-nullptr)
};

class ControlGroups;

// One group. Removed with this object, or, where processes are still in it, later.
class ControlGroup {
 public:
  ~ControlGroup();
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  // A process that writes "0" to each of these files enters the group, with all that it starts.
  std::vector<std::string> EntryFiles() const;
  // The command line that enters the group and then becomes the given one.
  std::vector<std::string> Entering(const std::vector<std::string>& argv) const;
  // How many processes of the group the kernel has killed because of the group's memory limit.
  int64_t OutOfMemoryKills() const;

 private:
  friend class ControlGroups;
  ControlGroup(ControlGroups* owner, std::vector<std::string> folders)
      : owner_(owner), folders_(std::move(folders)) {}

  ControlGroups* owner_;
  std::vector<std::string> folders_;  // one in version 2; one of each controller in version 1
};

class ControlGroups {
 public:
  // Finds out what the machine offers; removes groups that a killed worker has left behind.
  ControlGroups();
  ~ControlGroups();
  ControlGroups(const ControlGroups&) = delete;
  ControlGroups& operator=(const ControlGroups&) = delete;

  bool are_available() const { return !parents_.empty(); }
  // For the log: "control groups, version 1, in ...", or why there are none.
  const std::string& description() const { return description_; }

  // Must be gone before this object. kUnavailable where the kernel refuses.
  Result<std::unique_ptr<ControlGroup>> Make(const GroupLimits& limits);

 private:
  friend class ControlGroup;
  std::string TryVersion2();
  std::string TryVersion1();
  Status SetLimits(const std::vector<std::string>& folders, const GroupLimits& limits) const;
  void RemoveLater(std::vector<std::string> folders);
  void RemoveEmpty();

  int version_ = 0;
  std::vector<std::string> parents_;  // of our groups: in version 1 of memory, then of cpu
  std::vector<std::string> leftovers_;
  std::string description_;
  uint64_t last_number_ = 0;
};

}  // namespace beeflow
