#include "worker/output_pump.h"

#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>

namespace beeflow {
namespace {

using asio::posix::stream_descriptor;

// Shared by all pumps of the thread.
constexpr size_t kReadBytes = 64 * 1024;
// On the heap: every thread of the program would have the memory of a variable.
char* ReadBuffer() {
  static thread_local const auto kBuffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  return kBuffer.get();
}
// A pipe holds at most 1 MiB (fs.pipe-max-size) unless its writer goes on, whom we do not wait for.
constexpr size_t kDrainBytesMax = 1024 * 1024;

}  // namespace

struct OutputPump::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, Clock& the_clock, UniqueFd read_end, AttemptLog& the_log)
      : clock(the_clock), log(the_log), pipe(io, read_end.release()) {
    // Our end alone: the task's end is another open file, and stays blocking.
    std::error_code ignored;
    pipe.native_non_blocking(true, ignored);
  }

  void Wait() {
    pipe.async_wait(stream_descriptor::wait_read,
                    [self = shared_from_this()](std::error_code error) {
                      if (!error && self->open && self->Read() != 0) self->Wait();
                    });
  }

  // 0 at the end of the pipe, -1 where nothing is in it for now.
  ssize_t Read() {
    const ssize_t size = read(pipe.native_handle(), ReadBuffer(), kReadBytes);
    if (size > 0) log.Output(clock.Now(), {ReadBuffer(), static_cast<size_t>(size)});
    return size < 0 && errno != EAGAIN && errno != EINTR ? 0 : size;
  }

  void Close() {
    open = false;
    std::error_code ignored;
    pipe.close(ignored);
  }

  Clock& clock;
  AttemptLog& log;
  stream_descriptor pipe;
  bool open = true;
};

OutputPump::OutputPump(asio::io_context& io, Clock& clock, UniqueFd read_end, AttemptLog& log)
    : state_(std::make_shared<State>(io, clock, std::move(read_end), log)) {
  state_->Wait();
}

OutputPump::~OutputPump() { state_->Close(); }

void OutputPump::Finish() {
  if (!state_->open) return;
  size_t drained = 0;
  for (ssize_t size = 1; size > 0 && drained < kDrainBytesMax;) {
    size = state_->Read();
    if (size > 0) drained += static_cast<size_t>(size);
  }
  state_->log.FlushOutput(state_->clock.Now());
  state_->Close();
}

}  // namespace beeflow
