// The text of the migrations, made from schema/sqlite/*.sql when building.
#pragma once

namespace beeflow::sqlite {

struct MigrationScript {
  int version;
  const char* sql;
};

// In order of their versions, which count from 1 without gaps.
extern const MigrationScript kMigrationScripts[];
extern const int kMigrationScriptCount;

}  // namespace beeflow::sqlite
