#include "store/sql/sql_change_history.h"

#include <algorithm>
#include <iterator>
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

// SQLite has one writer at a time.
Result<SqlChangeHistory::Running> SqlChangeHistory::FindRunning() {
  if (database_->dialect() == sql::Dialect::kSqlite) return Running{};
  BEEFLOW_ASSIGN_OR_RETURN(Statement row, database_->Query(sql::kRunningTransactions));
  BEEFLOW_ASSIGN_OR_RETURN(const bool is_there, row.Step());
  BEEFLOW_CHECK(is_there);
  return Running{row.Integer(0), row.Integer(1)};
}

Status SqlChangeHistory::ReadRange(LoggedChanges* out) {
  return sql::ForEachRow(database_->Query(sql::kLoggedRange), [&](const Statement& row) {
    out->oldest = row.Integer(0);
    out->newest = row.Integer(1);
    return Ok();
  });
}

Status SqlChangeHistory::ReadLate(std::vector<LoggedChange>* changes) {
  std::deque<Gap> left;
  for (Gap gap : gaps_) {
    BEEFLOW_RETURN_IF_ERROR(sql::ForEachRow(
        database_->Query(sql::kLoggedBetween, gap.first, gap.last), [&](const Statement& row) {
          changes->push_back(ReadChange(row));
          const int64_t sequence = changes->back().sequence;
          if (sequence > gap.first) left.push_back({gap.first, sequence - 1, gap.until});
          gap.first = sequence + 1;
          return Ok();
        }));
    if (gap.first <= gap.last) left.push_back(gap);
  }
  gaps_ = std::move(left);
  return Ok();
}

void SqlChangeHistory::NoteGaps(int64_t after, const std::vector<LoggedChange>& changes,
                                const Running& running) {
  for (const LoggedChange& change : changes) {
    if (change.sequence > after + 1) {
      gaps_.push_back({after + 1, change.sequence - 1, running.next});
    }
    after = change.sequence;
  }
  std::erase_if(gaps_, [&](const Gap& gap) { return gap.until <= running.oldest; });
}

Result<LoggedChanges> SqlChangeHistory::Read(int64_t after, size_t max) {
  if (after != position_) gaps_.clear();
  BEEFLOW_ASSIGN_OR_RETURN(auto view, sql::TransactionScope::Read(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(const Running running, FindRunning());
  LoggedChanges out;
  BEEFLOW_RETURN_IF_ERROR(ReadRange(&out));
  std::vector<LoggedChange> changes;
  BEEFLOW_RETURN_IF_ERROR(
      sql::ForEachRow(database_->Query(sql::kLoggedChanges, after, static_cast<int64_t>(max)),
                      [&](const Statement& row) {
                        changes.push_back(ReadChange(row));
                        return Ok();
                      }));
  BEEFLOW_RETURN_IF_ERROR(ReadLate(&out.changes));
  // What is gone from the log was not held by anyone.
  NoteGaps(std::max(after, out.oldest - 1), changes, running);
  position_ = changes.empty() ? after : changes.back().sequence;
  out.changes.insert(out.changes.end(), std::make_move_iterator(changes.begin()),
                     std::make_move_iterator(changes.end()));
  out.last = position_;
  out.settled = gaps_.empty() ? position_ : gaps_.front().first - 1;
  return out;
}

Result<LoggedChanges> SqlChangeHistory::End() {
  BEEFLOW_ASSIGN_OR_RETURN(auto view, sql::TransactionScope::Read(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(const Running running, FindRunning());
  LoggedChanges out;
  BEEFLOW_RETURN_IF_ERROR(ReadRange(&out));
  out.last = out.newest;
  out.settled = out.newest;
  if (running.oldest == running.next) return out;
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t before_gap, database_->QueryInteger(sql::kBeforeFirstGap));
  if (before_gap > 0) out.settled = before_gap;
  return out;
}

}  // namespace beeflow
