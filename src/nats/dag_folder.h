// The DAG folder and the plugins as control hands them to workers: which files there are, under
// which version, and their contents by hash. A change of any file is another version.
//
// Threads: all on one thread. Files that nobody may read, hidden ones and compiled Python are left
// out; symbolic links are followed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "ports/clock.h"

namespace beeflow {

class DagFolder {
 public:
  struct Part {
    std::string bytes;
    int64_t size = 0;  // of the whole file
  };

  // Paths may not exist. What lies in several folders of plugins is taken from the first.
  DagFolder(Clock& clock, std::string dags_folder, std::vector<std::string> plugin_folders);

  const std::string& dags_folder() const { return dags_folder_; }
  // Of the files as they are, or were a second ago.
  const std::string& Version();
  // `version` and `files` of a `manifest` message, see docs/formats/nats.md.
  Json Manifest();
  // Absent where no file has that content any more.
  std::optional<Part> Read(const std::string& hash, int64_t offset, size_t bytes_max);

 private:
  struct File {
    std::string path;  // where it is
    int64_t size = 0;
    int64_t modified_ns = 0;
    uint64_t inode = 0;
    bool is_executable = false;
    std::string hash;
  };
  using Files = std::map<std::string, File>;  // by the path in the manifest

  void Look();
  void Walk(const std::string& folder, const std::string& name, int depth, Files* found) const;
  void AddFile(const std::string& path, const std::string& name, Files* found) const;

  Clock& clock_;
  const std::string dags_folder_;
  const std::vector<std::string> plugin_folders_;
  std::optional<Time> looked_at_;
  std::string version_;
  Files files_;
};

}  // namespace beeflow
