// `beeflow export`: the tables of the metadata database as CSV files, in the folder layout of the
// published experiments.
#pragma once

#include <functional>
#include <string>

#include "ports/blob_store.h"
#include "ports/catalog.h"

namespace beeflow {

// Stores <system>/export/<table>/dt=YYYY-MM-DD_HH-MM/<table>.csv for the tables dagrun,
// taskinstance, taskfail, attempt and dagtask. Each is written to a temporary file first, and so
// appears under its key only when it is complete. `stored` is told the address of each, in order;
// those that were stored before a failure stay.
Status WriteExport(ExportSource* source, BlobStore* store, const std::string& system, Time now,
                   const std::function<void(const std::string& address)>& stored);

}  // namespace beeflow
