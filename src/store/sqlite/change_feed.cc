#include "store/sqlite/change_feed.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "store/sql/queries.h"
#include "store/sqlite/rows.h"

namespace beeflow::sqlite {
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

Status ChangeReader::LoadPosition() {
  if (position_) return Ok();
  BEEFLOW_ASSIGN_OR_RETURN(position_, database_->QueryInteger(sql::kFeedPosition));
  return Ok();
}

Result<bool> ChangeReader::TakeBatch(size_t max, std::vector<Change>* changes) {
  std::unordered_set<std::string> seen;
  std::string name;
  bool found = false;
  BEEFLOW_ASSIGN_OR_RETURN(Statement entries,
                           database_->Query(sql::kChanges, *position_, static_cast<int64_t>(max)));
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool entry, entries.Step());
    if (!entry) return found;
    found = true;
    moved_ = true;
    position_ = entries.Integer(kSequence);
    RowName(entries, &name);
    if (!seen.insert(name).second) continue;
    BEEFLOW_ASSIGN_OR_RETURN(auto row, CurrentRow(database_, entries));
    if (row) changes->push_back({*position_, std::move(*row)});
  }
}

Result<std::vector<Change>> ChangeReader::Take(size_t max) {
  BEEFLOW_RETURN_IF_ERROR(LoadPosition());
  std::vector<Change> changes;
  bool more = true;
  while (more && changes.empty()) {  // An empty answer means that the feed is at its end.
    BEEFLOW_ASSIGN_OR_RETURN(more, TakeBatch(std::max<size_t>(max, 1), &changes));
  }
  return changes;
}

Status ChangeReader::SkipToEnd() {
  BEEFLOW_RETURN_IF_ERROR(LoadPosition());
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t end, database_->QueryInteger(sql::kFeedEnd));
  if (end <= *position_) return Ok();
  position_ = end;
  moved_ = true;
  return Ok();
}

Status ChangeReader::Save() {
  if (!moved_) return Ok();
  BEEFLOW_RETURN_IF_ERROR(database_->Execute(sql::kSetFeedPosition, *position_));
  moved_ = false;
  return Ok();
}

Status ChangeTrimmer::Trim(Database* database, int64_t position) {
  const int64_t keep_from = position - kKeptEntries;
  if (keep_from <= 0) return Ok();
  if (!oldest_) {
    BEEFLOW_ASSIGN_OR_RETURN(oldest_, database->QueryInteger(sql::kOldestChange));
  }
  if (keep_from - *oldest_ < kTrimStep) return Ok();
  // If the transaction fails after all, what was left over goes with the next step.
  const int64_t limit = std::min(keep_from, *oldest_ + kTrimMax);
  BEEFLOW_RETURN_IF_ERROR(database->Execute(sql::kTrimChanges, limit));
  oldest_ = limit;
  return Ok();
}

}  // namespace beeflow::sqlite
