#include "store/sql/list_query.h"

#include <algorithm>

namespace beeflow::sql {

std::string LowerAscii(std::string text) {
  for (char& c : text) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

void ListQuery::AddParameter(Value value) {
  values_.push_back(std::move(value));
  sql_ += "$" + std::to_string(values_.size());
}

void ListQuery::Where(std::string_view condition, Value value) {
  sql_ += (has_condition_ ? " AND " : " WHERE ") + std::string(condition) + " ";
  has_condition_ = true;
  AddParameter(std::move(value));
}

void ListQuery::WhereIn(std::string_view condition, const std::vector<std::string>& values,
                        std::string_view also) {
  sql_ += (has_condition_ ? " AND " : " WHERE ") + std::string(condition) + " (";
  has_condition_ = true;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) sql_ += ", ";
    AddParameter(values[i]);
  }
  sql_ += ")" + std::string(also);
}

Status ListQuery::Order(const ListRange& range, std::span<const Column> columns,
                        std::string_view id) {
  const std::string direction = range.descending ? " DESC" : "";
  std::string order;
  if (!range.order_by.empty()) {
    const auto is_it = [&](const Column& column) { return column.first == range.order_by; };
    const auto found = std::find_if(columns.begin(), columns.end(), is_it);
    if (found == columns.end()) {
      std::string names;
      for (const Column& column : columns) {
        names += (names.empty() ? "" : ", ") + std::string(column.first);
      }
      return Invalid("a list cannot be ordered by '" + range.order_by + "'; use one of " + names);
    }
    order = std::string(found->second) + direction + ", ";
  }
  ending_ = " ORDER BY " + order + std::string(id) + direction + " LIMIT " +
            std::to_string(range.limit) + " OFFSET " + std::to_string(range.offset);
  return Ok();
}

void ListQuery::OrderBy(std::string_view columns) { ending_ = " ORDER BY " + std::string(columns); }

Result<Statement> ListQuery::Bind(Database* database, const std::string& sql) const {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->PrepareOnce(sql));
  for (const Value& value : values_) rows.BindAlso(value);
  return rows;
}

Result<Statement> ListQuery::Run(Database* database) const {
  return Bind(database, sql_ + ending_);
}

Result<int64_t> ListQuery::Count(Database* database) const {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows,
                           Bind(database, "SELECT count(*) FROM (" + sql_ + ") matching"));
  BEEFLOW_RETURN_IF_ERROR(rows.Step());
  return rows.Integer(0);
}

}  // namespace beeflow::sql
