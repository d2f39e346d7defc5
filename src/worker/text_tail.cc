#include "worker/text_tail.h"

#include <fcntl.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>

namespace beeflow {
namespace {
using asio::posix::stream_descriptor;
constexpr size_t kTailBytes = 4096;
}  // namespace

struct TextTail::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, UniqueFd read_end) : pipe(io, read_end.release()) {
    fcntl(pipe.native_handle(), F_SETFL, O_NONBLOCK);
  }

  void Wait() {
    pipe.async_wait(stream_descriptor::wait_read,
                    [self = shared_from_this()](std::error_code error) {
                      if (!error && self->open && self->Read() != 0) self->Wait();
                    });
  }

  // 0 at the end of the pipe, -1 where nothing is in it for now.
  ssize_t Read() {
    char buffer[kTailBytes];
    const ssize_t size = read(pipe.native_handle(), buffer, sizeof buffer);
    if (size > 0) tail.append(buffer, static_cast<size_t>(size));
    if (tail.size() > kTailBytes) tail.erase(0, tail.size() - kTailBytes);
    return size < 0 && errno != EAGAIN && errno != EINTR ? 0 : size;
  }

  std::string tail;
  bool open = true;
  stream_descriptor pipe;
};

TextTail::TextTail(asio::io_context& io, UniqueFd read_end)
    : state_(std::make_shared<State>(io, std::move(read_end))) {
  state_->Wait();
}

TextTail::~TextTail() {
  state_->open = false;
  std::error_code ignored;
  state_->pipe.close(ignored);
}

std::string TextTail::Text() {
  constexpr int kReadsMax = 64;  // whoever else holds the pipe may write on
  for (int i = 0; i < kReadsMax && state_->Read() > 0; ++i) continue;
  const size_t last = state_->tail.find_last_not_of(" \t\r\n");
  return state_->tail.substr(0, last == std::string::npos ? 0 : last + 1);
}

}  // namespace beeflow
