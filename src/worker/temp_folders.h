// The temporary folders in which Bash commands run. A folder is removed when its attempt ends, a
// full one by a process of its own, so that the worker never waits for a disk; what a killed worker
// left behind goes when the next one starts. A folder that nothing was done to is used again: on
// ext4, making a folder takes the longer the more were removed in the last seconds.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/child_watch.h"

namespace beeflow {

class TempFolders {
 public:
  TempFolders(asio::io_context& io, std::string parent) : io_(io), parent_(std::move(parent)) {}
  ~TempFolders();
  TempFolders(const TempFolders&) = delete;
  TempFolders& operator=(const TempFolders&) = delete;

  // Makes the parent where it is missing, and empties it.
  Status Prepare();
  // An empty folder for this user alone.
  Result<std::string> Make();
  void Remove(const std::string& folder);
  bool Watches(pid_t pid) const { return removers_.contains(pid); }

 private:
  asio::io_context& io_;
  const std::string parent_;
  std::vector<std::string> pristine_;
  std::map<pid_t, ChildWatch> removers_;
};

}  // namespace beeflow
