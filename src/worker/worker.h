// The worker process: runs attempts and parses DAG files on behalf of control, and outlives it. It
// ends when nothing is left to do and control agrees.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>

#include "base/result.h"
#include "worker/control_link.h"
#include "worker/worker_options.h"

namespace beeflow {

// The exit code of a worker that found another one alive.
constexpr int kWorkerAlreadyRuns = 3;

// Runs a worker to its end; returns its exit code. Forks (see guard.h): call it early, while the
// process has one thread.
int RunWorker(const WorkerOptions& options);

// The same over another channel than the Unix socket.
using MakeControlLink =
    std::function<Result<std::unique_ptr<ControlLink>>(asio::io_context&, ControlLink::Callbacks)>;
int RunWorker(const WorkerOptions& options, const MakeControlLink& make_link);

}  // namespace beeflow
