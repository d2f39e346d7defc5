// Opens the stores of store/sql on an SQLite file, its schema brought up to date where needed.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "store/sql/sql_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/migration.h"

namespace beeflow::sqlite {

// A store with a connection of its own, made of that and of `more`. kNotFound where there is no
// file and none is to be made.
template <typename AStore, typename... More>
Result<std::unique_ptr<AStore>> OpenAs(const std::string& path, OpenMode mode = OpenMode::kExisting,
                                       More... more) {
  BEEFLOW_ASSIGN_OR_RETURN(auto database, OpenMigrated(path, mode));
  return std::make_unique<AStore>(std::move(database), std::move(more)...);
}

inline Result<std::unique_ptr<SqlStore>> OpenStore(const std::string& path, OpenMode mode) {
  return OpenAs<SqlStore, std::unique_ptr<sql::ChangeFeed>>(path, mode,
                                                            std::make_unique<sql::LogFeed>());
}

}  // namespace beeflow::sqlite
