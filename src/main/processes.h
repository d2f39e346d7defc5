// The worker process, seen from both sides: the command line that control starts it with, and the
// program that reads it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "executor/worker_channel.h"
#include "worker/attempt_limits.h"
#include "worker/container_engine.h"
#include "worker/worker_options.h"

namespace beeflow {

// The attempt channel, with a command line that tells `beeflow worker` all it needs to know, so
// that it reads no configuration of its own.
WorkerChannelOptions ChannelOptions(const Config& config);
// The same with sockets and locks in another folder.
WorkerChannelOptions ChannelOptionsIn(const Config& config, const std::string& run_folder);

// What an attempt of that queue may use.
AttemptLimits LimitsOfQueue(const Config& config, const std::string& queue);

// What section [container] says; what must be kept of running containers is in `run_folder`.
ContainerOptions ContainerOptionsFrom(const Config& config, const std::string& run_folder);

// What the settings name for the worker and is not there, each in words that name the setting.
std::vector<std::string> MissingForWorker(const Config& config);

// Reads the arguments behind the verb of such a command line. Returns the exit code where there is
// nothing to run.
std::optional<int> ReadWorkerOptions(const std::vector<std::string>& arguments,
                                     WorkerOptions* read);

// `beeflow worker --socket ...`, with the arguments behind the verb. Returns the exit code.
int RunWorkerProcess(const std::vector<std::string>& arguments);

void SetLogLevel(const Config& config);

// Lets DAG files see the configuration as Airflow's: AIRFLOW__SECTION__KEY in our environment and
// in that of all processes started from now on; those that hold secrets are removed.
void ExportAirflowVariables(const Config& config);

}  // namespace beeflow
