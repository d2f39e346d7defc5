// The number by which workers elsewhere tell control processes apart; PostgreSQL's is in
// store/postgres/leader.h.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "store/sqlite/database.h"

namespace beeflow::sqlite {

// A number higher than all that were returned for this database before, wherever the clock has
// been; and no lower than the time, so that a database that was made anew, or restored from a copy,
// does not begin below what workers have heard of the one before.
Result<int64_t> RaiseEpoch(Database* database, Time now);

}  // namespace beeflow::sqlite
