// Composes the statement of a list: a beginning, conditions, an order and a part. What comes from
// outside is bound as a parameter, or is looked up in a list of columns; it never becomes SQL.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ports/inventory.h"
#include "store/sql/database.h"

namespace beeflow::sql {

// For comparisons with SQL's lower(), which leaves other letters alone.
std::string LowerAscii(std::string text);

class ListQuery {
 public:
  // A name that callers use and the column that it means.
  using Column = std::pair<std::string_view, std::string_view>;

  explicit ListQuery(std::string_view beginning) : sql_(beginning) {}

  // " AND <condition> $n": the condition ends where the parameter is to stand.
  void Where(std::string_view condition, Value value);
  template <typename T>
  void WhereIf(std::string_view condition, const std::optional<T>& value) {
    if (value) Where(condition, *value);
  }
  // " AND <condition> ($n, ...)"; `also` follows within the condition.
  void WhereIn(std::string_view condition, const std::vector<std::string>& values,
               std::string_view also = "");
  // kInvalid, with the names that there are, for an unknown order. `id` breaks ties.
  Status Order(const ListRange& range, std::span<const Column> columns, std::string_view id);
  // In this order, all of it.
  void OrderBy(std::string_view columns);

  Result<Statement> Run(Database* database) const;
  // How many rows match, for a part that is empty since it begins behind the last one.
  Result<int64_t> Count(Database* database) const;

 private:
  void AddParameter(Value value);
  Result<Statement> Bind(Database* database, const std::string& sql) const;

  std::string sql_;
  std::string ending_;
  bool has_condition_ = false;
  std::vector<Value> values_;
};

}  // namespace beeflow::sql
