#include "store/sql/change_feed.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "store/sql/for_each_row.h"
#include "store/sql/queries.h"
#include "store/sql/rows.h"

namespace beeflow::sql {
namespace {

constexpr int64_t kKeptEntries = 10'000;
constexpr int64_t kTrimStep = 1'000;
constexpr int64_t kTrimMax = 5'000;

// Columns of sql::kChanges.
enum Column { kSequence, kTable, kDagId, kRunId, kTaskId, kMapIndex, kPoolName, kTask };

// Names the row that an entry is about. No id contains the separator.
void RowName(const Statement& entry, std::string* name) {
  name->clear();
  for (const int column : {kTable, kDagId, kRunId, kTaskId, kMapIndex, kPoolName}) {
    name->append(entry.Text(column));
    name->push_back('\x1f');
  }
}

using Row = decltype(Change::row);

Result<Row> CurrentTask(const Statement& entry) {
  RunKey run{entry.String(kDagId), entry.String(kRunId)};
  if (entry.IsNull(kTask)) {
    const int map_index = static_cast<int>(entry.Integer(kMapIndex));
    return Row(TaskGone{std::move(run), entry.String(kTaskId), map_index});
  }
  BEEFLOW_ASSIGN_OR_RETURN(TaskRecord task, ReadTask(entry, kTask));
  return Row(std::move(task));
}

Result<Row> CurrentRun(Database* database, RunKey key) {
  BEEFLOW_ASSIGN_OR_RETURN(auto run, LoadRunRecord(database, key));
  if (!run) return Row(RunGone{std::move(key)});
  return Row(std::move(*run));
}

Result<Row> CurrentDag(Database* database, std::string dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(auto dag, LoadDagRecord(database, dag_id));
  if (!dag) return Row(DagGone{std::move(dag_id)});
  return Row(std::move(*dag));
}

Result<Row> CurrentPool(Database* database, std::string name) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database->Query(sql::kPool, name));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return Row(PoolGone{std::move(name)});
  return Row(PoolRecord{std::move(name), static_cast<int>(rows.Integer(1))});
}

// The row that the entry names, as it is now; nullopt for a table that is not fed to the loop.
Result<std::optional<Row>> CurrentRow(Database* database, const Statement& entry) {
  const auto present = [](Result<Row> row) -> Result<std::optional<Row>> {
    if (!row.ok()) return row.error();
    return std::optional<Row>(std::move(*row));
  };
  const std::string_view table = entry.Text(kTable);
  if (table == "task_instance") return present(CurrentTask(entry));
  if (table == "dag_run") {
    return present(CurrentRun(database, {entry.String(kDagId), entry.String(kRunId)}));
  }
  if (table == "dag") return present(CurrentDag(database, entry.String(kDagId)));
  if (table == "slot_pool") return present(CurrentPool(database, entry.String(kPoolName)));
  return std::optional<Row>();
}

}  // namespace

Result<std::optional<int64_t>> ReadChanges(Database* database, Result<Statement> entries,
                                           std::vector<Change>* changes) {
  std::unordered_set<std::string> seen;
  std::string name;
  std::optional<int64_t> last;
  BEEFLOW_RETURN_IF_ERROR(ForEachRow(std::move(entries), [&](const Statement& entry) -> Status {
    last = entry.Integer(kSequence);
    RowName(entry, &name);
    if (!seen.insert(name).second) return Ok();
    BEEFLOW_ASSIGN_OR_RETURN(auto row, CurrentRow(database, entry));
    if (row) changes->push_back({*last, std::move(*row)});
    return Ok();
  }));
  return last;
}

Status LogFeed::LoadPosition(Database* database) {
  if (position_) return Ok();
  BEEFLOW_ASSIGN_OR_RETURN(position_, database->QueryInteger(kFeedPosition));
  return Ok();
}

Result<bool> LogFeed::TakeBatch(Database* database, size_t max, std::vector<Change>* changes) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const auto last,
      ReadChanges(database, database->Query(kChanges, *position_, static_cast<int64_t>(max)),
                  changes));
  if (!last) return false;
  position_ = *last;
  is_moved_ = true;
  return true;
}

Result<std::vector<Change>> LogFeed::Take(Database* database, size_t max) {
  BEEFLOW_RETURN_IF_ERROR(LoadPosition(database));
  std::vector<Change> changes;
  bool more = true;
  while (more && changes.empty()) {  // An empty answer means that the feed is at its end.
    BEEFLOW_ASSIGN_OR_RETURN(more, TakeBatch(database, std::max<size_t>(max, 1), &changes));
  }
  return changes;
}

Status LogFeed::SkipToEnd(Database* database) {
  BEEFLOW_RETURN_IF_ERROR(LoadPosition(database));
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t end, database->QueryInteger(kFeedEnd));
  if (end <= *position_) return Ok();
  position_ = end;
  is_moved_ = true;
  return Ok();
}

Status LogFeed::Save(Database* database) {
  if (is_moved_) BEEFLOW_RETURN_IF_ERROR(database->Send(kSetFeedPosition, *position_));
  return position_ ? trimmer_.Trim(database, *position_) : Ok();
}

void LogFeed::End(bool /*is_committed*/) {
  position_.reset();
  is_moved_ = false;
}

Result<bool> LogFeed::HasChanges(Database* database) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t found, database->QueryInteger(kHasChanges));
  return found != 0;
}

Status ChangeTrimmer::Trim(Database* database, int64_t position) {
  const int64_t keep_from = position - kKeptEntries;
  if (keep_from <= 0) return Ok();
  if (!oldest_) {
    BEEFLOW_ASSIGN_OR_RETURN(oldest_, database->QueryInteger(kOldestChange));
  }
  if (keep_from - *oldest_ < kTrimStep) return Ok();
  // If the transaction fails after all, what was left over goes with the next step.
  const int64_t limit = std::min(keep_from, *oldest_ + kTrimMax);
  BEEFLOW_RETURN_IF_ERROR(database->Send(kTrimChanges, limit));
  oldest_ = limit;
  return Ok();
}

}  // namespace beeflow::sql
