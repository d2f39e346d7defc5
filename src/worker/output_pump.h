// Carries what a task writes into its pipe over to its log file.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <memory>

#include "os/unique_fd.h"
#include "ports/clock.h"
#include "worker/attempt_log.h"

namespace beeflow {

class OutputPump {
 public:
  // `clock` and `log` must outlive the pump.
  OutputPump(asio::io_context& io, Clock& clock, UniqueFd read_end, AttemptLog& log);
  ~OutputPump();
  OutputPump(const OutputPump&) = delete;
  OutputPump& operator=(const OutputPump&) = delete;

  // The writer has ended: takes what is in the pipe, and closes it. Whoever still holds the other
  // end (a process that left the group) is not waited for.
  void Finish();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace beeflow
