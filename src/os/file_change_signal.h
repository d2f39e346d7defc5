// Tells that one file was written to, by whichever process: wakes a reader of that file. The file
// need not exist yet, and may be removed and created anew; its folder must exist.
//
// Threads: all on the thread of the io_context. One callback stands for any number of writes.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace beeflow {

class Inotify;

class FileChangeSignal {
 public:
  static Result<std::unique_ptr<FileChangeSignal>> Watch(asio::io_context& io,
                                                         const std::string& path,
                                                         std::function<void()> callback);
  ~FileChangeSignal();

 private:
  FileChangeSignal(asio::io_context& io, std::string name, std::function<void()> callback);
  const std::string name_;
  const std::function<void()> callback_;
  std::unique_ptr<Inotify> inotify_;
};

}  // namespace beeflow
