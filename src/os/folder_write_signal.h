// Tells that a file below one folder was written to, by whichever process, however deep: wakes a
// reader of many logs. Folders that appear later are watched too.
//
// Threads: all on the thread of the io_context. One callback stands for any number of writes.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/inotify.h"

namespace beeflow {

class FolderWriteSignal {
 public:
  // The folder must exist.
  static Result<std::unique_ptr<FolderWriteSignal>> Watch(asio::io_context& io,
                                                          const std::string& folder,
                                                          std::function<void()> callback);

 private:
  FolderWriteSignal(asio::io_context& io, std::function<void()> callback);
  Status Add(const std::string& folder);
  void AddBelow(const std::string& folder);
  void OnEvents(const std::vector<InotifyEvent>& events);

  const std::function<void()> callback_;
  std::map<int, std::string> folders_;  // by watch
  Inotify inotify_;
};

}  // namespace beeflow
