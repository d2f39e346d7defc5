// Watches the DAG folder: which files (*.py, and *.zip with packaged DAGs) it holds, and which of
// them change. Symbolic links are followed, `.airflowignore` files are honoured, and it does not
// matter how a file is written: in place, by way of a temporary file, by moving a folder or by
// pointing a link elsewhere. The folder itself may appear, vanish and be replaced.
//
// Threads: all on the thread of the io_context. Nothing runs while nothing changes.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "os/airflow_ignore.h"
#include "os/delay_timer.h"
#include "os/inotify.h"

namespace beeflow {

struct FileChange {
  std::string path;
  bool removed = false;  // or no longer to be looked at
};

class FileWatcher {
 public:
  struct Callbacks {
    std::function<void(const std::vector<FileChange>&)> changed;  // never empty; sorted by path
    std::function<void(const std::string&)> warning;              // one line for the log
  };

  FileWatcher(asio::io_context& io, const std::string& folder, IgnoreSyntax syntax,
              Callbacks callbacks);
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Starts to watch, and returns the files that are there now, sorted; only later changes go to the
  // callback. A folder that is missing is no error, and holds no files; its parent must exist.
  Result<std::vector<std::string>> Start();

 private:
  // What tells one version of a file from another.
  struct Signature {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    uint32_t mode = 0;
    bool operator==(const Signature&) const = default;
  };
  using Files = std::map<std::string, Signature>;
  struct Scan;

  Files ScanTree();
  void ScanFolder(const std::string& folder, const IgnoreRules& rules, Scan* scan);
  void ScanEntry(const std::string& path, const IgnoreRules& rules, Scan* scan);
  void Watch(const std::string& path, uint32_t mask, Scan* scan);
  void OnEvents(const std::vector<InotifyEvent>& events);
  bool Matters(const InotifyEvent& event) const;
  bool IsBeingWritten(const InotifyEvent& event) const;
  void Rescan();

  const std::string folder_;  // absolute, without a slash at the end
  const IgnoreSyntax syntax_;
  const Callbacks callbacks_;
  DelayTimer settle_;
  Files files_;
  std::map<int, std::string> watches_;  // and one path of each
  int parent_watch_ = -1;
  std::set<std::string> warned_;
  Inotify inotify_;
};

}  // namespace beeflow
