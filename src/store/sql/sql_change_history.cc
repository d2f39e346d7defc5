#include "store/sql/sql_change_history.h"

#include <utility>

#include "store/sql/for_each_row.h"
#include "store/sql/overview_queries.h"

namespace beeflow {
namespace {

using sql::OptionalText;
using sql::Statement;

std::optional<bool> OptionalFlag(const Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Integer(column) != 0;
}

// Columns of kLoggedChanges.
LoggedChange ReadChange(const Statement& row) {
  LoggedChange change;
  change.sequence = row.Integer(0);
  change.table = row.String(1);
  change.op = row.String(2);
  change.dag_id = row.String(3);
  change.run_id = row.String(4);
  change.task_id = row.String(5);
  if (!row.IsNull(6)) change.map_index = static_cast<int>(row.Integer(6));
  change.name = row.String(7);
  change.state = OptionalText(row, 8);
  if (!row.IsNull(9)) change.try_number = static_cast<int>(row.Integer(9));
  change.start_date = row.OptionalTime(10);
  change.end_date = row.OptionalTime(11);
  change.run_type = OptionalText(row, 12);
  change.logical_date = row.OptionalTime(13);
  change.is_paused = OptionalFlag(row, 14);
  change.is_active = OptionalFlag(row, 15);
  return change;
}

}  // namespace

Result<LoggedChanges> SqlChangeHistory::Read(int64_t after, size_t max) {
  BEEFLOW_ASSIGN_OR_RETURN(auto view, sql::TransactionScope::Read(database_.get()));
  LoggedChanges out;
  BEEFLOW_RETURN_IF_ERROR(
      sql::ForEachRow(database_->Query(sql::kLoggedRange), [&](const Statement& row) {
        out.oldest = row.Integer(0);
        out.newest = row.Integer(1);
        return Ok();
      }));
  BEEFLOW_RETURN_IF_ERROR(
      sql::ForEachRow(database_->Query(sql::kLoggedChanges, after, static_cast<int64_t>(max)),
                      [&](const Statement& row) {
                        out.changes.push_back(ReadChange(row));
                        return Ok();
                      }));
  return out;
}

}  // namespace beeflow
