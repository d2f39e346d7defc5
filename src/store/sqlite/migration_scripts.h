// The text of the migrations, made from schema/sqlite/*.sql when building.
#pragma once

#include "store/sql/migration_script.h"

namespace beeflow::sqlite {

extern const sql::MigrationScript kMigrationScripts[];
extern const int kMigrationScriptCount;

}  // namespace beeflow::sqlite
