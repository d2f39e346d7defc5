#include "store/sql/row_condition.h"

#include <algorithm>

#include "base/json.h"

namespace beeflow::sql {

std::string RowCondition::Parameter(Value value) {
  values_.push_back(std::move(value));
  return "$" + std::to_string(values_.size());
}

void RowCondition::Add(const std::string& condition) {
  sql_ += (sql_.empty() ? " WHERE " : " AND ") + condition;
}

void RowCondition::Compare(const std::string& column, const char* comparison, Value value) {
  const std::string parameter = Parameter(std::move(value));
  Add(column + comparison + parameter);
}

void RowCondition::Equals(const std::string& column, const std::string& value) {
  Compare(column, " = ", value);
}

void RowCondition::Equals(const std::string& column, int64_t value) {
  Compare(column, " = ", value);
}

// Of several values the text of a JSON list is bound, so that their number does not matter.
void RowCondition::IsAnyOf(const std::string& column, const Choice& values) {
  if (!values) return;
  if (values->size() == 1) return Equals(column, values->front());
  const std::string parameter = Parameter(DumpJson(Json(*values)));
  Add(column + " IN (SELECT value FROM json_each(" + parameter + "))");
}

void RowCondition::IsNoneOf(const std::string& column, const std::vector<std::string>& values) {
  const std::string parameter = Parameter(DumpJson(Json(values)));
  Add(column + " NOT IN (SELECT value FROM json_each(" + parameter + "))");
}

void RowCondition::IsWithin(const std::string& column, const ValueRange<Time>& range) {
  if (range.from) Compare(column, " >= ", *range.from);
  if (range.to) Compare(column, " <= ", *range.to);
}

void RowCondition::IsWithin(const std::string& column, const ValueRange<double>& range) {
  if (range.from) Compare(column, " >= ", *range.from);
  if (range.to) Compare(column, " <= ", *range.to);
}

Result<Statement> RowCondition::Prepare(Database* database, const std::string& sql) const {
  BEEFLOW_ASSIGN_OR_RETURN(Statement statement, database->PrepareOnce(sql));
  for (const Value& value : values_) statement.BindAlso(value);
  return statement;
}

Result<std::string> OrderClause(const std::string& order_by,
                                const std::vector<OrderColumn>& columns,
                                const std::vector<std::string_view>& last) {
  const bool reverse = !order_by.empty() && order_by[0] == '-';
  const std::string name = reverse ? order_by.substr(1) : order_by;
  const std::string direction = reverse ? " DESC" : "";
  std::string clause = " ORDER BY ";
  if (!order_by.empty()) {
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const OrderColumn& c) { return c.name == name; });
    if (column == columns.end()) {
      std::string names;
      for (const OrderColumn& c : columns)
        names += (names.empty() ? "" : ", ") + std::string(c.name);
      return Invalid("order_by: '" + name + "' is no column to order by here; use one of " + names +
                     ", with - before it for the reverse");
    }
    clause += std::string(column->sql) + direction + ", ";
  }
  for (const std::string_view column : last) {
    clause += (column == last.front() ? "" : ", ") + std::string(column) + direction;
  }
  return clause;
}

std::string LimitClause(const Paging& paging) {
  return " LIMIT " + std::to_string(paging.limit) + " OFFSET " + std::to_string(paging.offset);
}

}  // namespace beeflow::sql
