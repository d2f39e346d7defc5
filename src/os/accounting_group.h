// A control group above that of a container. The engine makes and removes the container's own group
// below it; what the kernel has counted stays readable here, since it counts for the groups above,
// too.
//
// Threads: one thread at a time. Files of the kernel are read and written, which takes
// microseconds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beeflow {

// What all processes below a group took together; absent is what the kernel does not tell.
struct GroupUsage {
  std::optional<double> cpu_seconds;
  std::optional<int64_t> memory_bytes_max;  // at a time, of what counts for the limit of memory
  bool ran_out_of_memory = false;           // a process was killed; only version 2 tells
};

class AccountingGroups;

class AccountingGroup {
 public:
  // Removes it, with the groups below; those that something still runs in are removed later.
  ~AccountingGroup();
  AccountingGroup(const AccountingGroup&) = delete;
  AccountingGroup& operator=(const AccountingGroup&) = delete;

  // As container engines name it: from where the hierarchies are mounted.
  const std::string& path() const { return path_; }
  GroupUsage Usage() const;

 private:
  friend class AccountingGroups;
  AccountingGroup(AccountingGroups* owner, std::string path)
      : owner_(owner), path_(std::move(path)) {}

  AccountingGroups* const owner_;
  const std::string path_;
};

class AccountingGroups {
 public:
  AccountingGroups() = default;
  ~AccountingGroups() { RemoveEmpty(); }
  AccountingGroups(const AccountingGroups&) = delete;
  AccountingGroups& operator=(const AccountingGroups&) = delete;

  // Must be gone before this object. The first time it finds out what the machine offers, and
  // removes groups that a killed worker has left behind. Null where this process may make none: it
  // is not root, or there are no control groups.
  std::unique_ptr<AccountingGroup> Make();

 private:
  friend class AccountingGroup;
  void Look();
  void RemoveStale() const;
  void RemoveLater(const std::string& path);
  void RemoveEmpty();

  bool has_looked_ = false;
  int version_ = 0;                       // of the control groups; 0: none to be made
  std::vector<std::string> hierarchies_;  // folders in which engines make groups
  std::vector<std::string> leftovers_;    // paths
  uint64_t last_number_ = 0;
};

}  // namespace beeflow
