// `beeflow export`: the tables of the metadata database as CSV files, in the folder layout of the
// published experiments.
#pragma once

#include <string>
#include <vector>

#include "ports/catalog.h"

namespace beeflow {

// Writes DIR/<system>/export/<table>/dt=YYYY-MM-DD_HH-MM/<table>.csv for the tables dagrun,
// taskinstance, taskfail, attempt and dagtask. Each file appears under its name only when it is
// complete. Returns the files written.
Result<std::vector<std::string>> WriteExport(ExportSource* source, const std::string& folder,
                                             const std::string& system, Time now);

}  // namespace beeflow
