// What a worker has and does at the moment, for people.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "worker/attempt_runner.h"
#include "worker/environment_pool.h"

namespace beeflow {

// `name` is the worker's, "host:pid". The fields are those of the message `described`, see
// docs/formats/attempt-channel.md.
Json DescribeWorker(const std::string& name, Time started, const EnvironmentPool& pool,
                    const AttemptRunner& runner);

}  // namespace beeflow
