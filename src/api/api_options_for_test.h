// What a server over a seeded database is given: all that opens, and stand-ins for the engine.
#pragma once

#include "api/api.h"
#include "api/seeded_database_for_test.h"

namespace beeflow {

// Clock and authenticator are the caller's to add. The database outlives what it opens.
ApiOptions OptionsFor(const SeededDatabase& database);

}  // namespace beeflow
