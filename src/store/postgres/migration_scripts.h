// The text of the migrations, made from schema/postgres/*.sql when building.
#pragma once

#include "store/sql/migration_script.h"

namespace beeflow::postgres {

extern const sql::MigrationScript kMigrationScripts[];
extern const int kMigrationScriptCount;

}  // namespace beeflow::postgres
