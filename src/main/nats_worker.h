// Workers on other hosts: what the settings say of NATS, for both ends, and `beeflow worker`.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "nats/nats_executor.h"

namespace beeflow {

// Of the control process.
Result<NatsExecutorOptions> NatsExecutorOptionsFrom(const Config& config);
// Queues whose tasks run on the host of the control process.
std::vector<std::string> LocalQueues(const Config& config);

// What the worker of this host has and does, null where none is there, and workers elsewhere
// (NatsExecutor::Describe), told as one.
Json DescribeTogether(const Json& here, const Json& elsewhere);

// `beeflow worker`, with the arguments behind the verb: the worker of this host's own server where
// they name a socket, otherwise one that takes tasks from NATS until a signal ends it. Returns the
// exit code.
int RunWorkerCommand(const std::vector<std::string>& arguments);

}  // namespace beeflow
