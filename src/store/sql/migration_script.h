// One step of a database schema.
#pragma once

namespace beeflow::sql {

// Scripts are numbered from 1 without gaps, and listed in this order.
struct MigrationScript {
  int version;
  const char* sql;
};

}  // namespace beeflow::sql
