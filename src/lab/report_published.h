// Published figures beside what was measured: which of them belong to which group of a report.
#pragma once

#include "lab/report.h"

namespace beeflow {

// `published` is data/published_figures.json or null; kInvalid where it does not read as that.
Status AddPublished(const Json& published, LabReport* report);

}  // namespace beeflow
