// Opening the metadata database as the configuration says.
#pragma once

#include <memory>

#include "config/config.h"
#include "ports/catalog.h"

namespace beeflow {

// Creates the database where there is none, with default_pool as the configuration wants it.
Status CreateDatabase(const Config& config);

Result<std::unique_ptr<Catalog>> OpenCatalog(const Config& config);

}  // namespace beeflow
