// Keeps the last part of what comes out of a pipe: the standard error of a helper process, for the
// message that tells why it ended.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <string>

#include "os/unique_fd.h"

namespace beeflow {

class TextTail {
 public:
  TextTail(asio::io_context& io, UniqueFd read_end);
  ~TextTail();
  TextTail(const TextTail&) = delete;
  TextTail& operator=(const TextTail&) = delete;

  // At most 4 KiB, what is still in the pipe included; without white space at the end.
  std::string Text();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace beeflow
