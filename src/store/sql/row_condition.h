// The condition of a query whose filters vary, put together with the values that are bound to it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "ports/history.h"
#include "store/sql/database.h"

namespace beeflow::sql {

class RowCondition {
 public:
  // `column` and `condition` are parts of SQL, written in the program; values come from outside.
  void Equals(const std::string& column, const std::string& value);
  void Equals(const std::string& column, int64_t value);
  // Absent: no condition.
  void IsAnyOf(const std::string& column, const Choice& values);
  void IsNoneOf(const std::string& column, const std::vector<std::string>& values);
  void IsWithin(const std::string& column, const ValueRange<Time>& range);
  void IsWithin(const std::string& column, const ValueRange<double>& range);
  void Add(const std::string& condition);

  bool empty() const { return sql_.empty(); }
  // " WHERE ...", or "".
  const std::string& sql() const { return sql_; }
  // Compiles `sql`, in which the condition stands once, and binds its values.
  Result<Statement> Prepare(Database* database, const std::string& sql) const;

 private:
  void Compare(const std::string& column, const char* comparison, Value value);
  std::string Parameter(Value value);

  std::string sql_;
  std::vector<Value> values_;
};

// A column that a list can be ordered by: its name in the API, and in SQL.
struct OrderColumn {
  std::string_view name;
  std::string_view sql;
};

// " ORDER BY ...": by the column that `order_by` names, then by `last`, columns that tell all rows
// apart. kInvalid, naming the columns, for another one.
Result<std::string> OrderClause(const std::string& order_by,
                                const std::vector<OrderColumn>& columns,
                                const std::vector<std::string_view>& last);
std::string LimitClause(const Paging& paging);

}  // namespace beeflow::sql
