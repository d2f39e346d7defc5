// Reads the rows of a query.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "store/sql/database.h"

namespace beeflow::sql {

// Calls `visit` for each row until it fails. The first failure, of the query or of `visit`.
template <typename Visit>
Status ForEachRow(Result<Statement> rows, const Visit& visit) {
  if (!rows.ok()) return rows.error();
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows->Step());
    if (!row) return Ok();
    BEEFLOW_RETURN_IF_ERROR(visit(*rows));
  }
}

// Nothing for SQL's NULL.
inline std::optional<std::string> OptionalText(const Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.String(column);
}

}  // namespace beeflow::sql
