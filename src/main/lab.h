// `beeflow lab run`, put together: real systems, real time, real places for results.
#pragma once

#include "cli/environment.h"

namespace beeflow {

Result<std::vector<TrialReport>> RunExperiments(const ExperimentFile& file,
                                                const LabRequest& request);

}  // namespace beeflow
