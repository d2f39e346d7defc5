// FileWait by inotify, with one file descriptor and no event loop.
#pragma once

#include <string>

#include "os/unique_fd.h"
#include "ports/file_wait.h"

namespace beeflow {

class InotifyFileWait : public FileWait {
 public:
  // The file and its folder may come later. Where the folder cannot be watched, For() returns after
  // a tenth of a second, so that its caller looks at the file that often.
  explicit InotifyFileWait(const std::string& path);

  void For(Duration longest) override;

 private:
  bool WatchFolder();  // false: not yet

  const std::string folder_;
  UniqueFd inotify_;
  int watch_ = -1;
};

}  // namespace beeflow
