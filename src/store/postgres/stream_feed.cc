#include "store/postgres/stream_feed.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "store/sql/queries.h"

namespace beeflow::postgres {
namespace {

// Both in the columns of sql::kChanges.

// $1 is a list of entries, since the change log may have forgotten them.
constexpr std::string_view kStreamedChanges =
    "SELECT c.sequence, c.table_name, c.dag_id, c.run_id, c.task_id, c.map_index, "
    "c.pool, " BEEFLOW_TASK_COLUMNS
    " FROM json_to_recordset($1::json) AS c(place integer, sequence bigint, table_name text,"
    " dag_id text, run_id text, task_id text, map_index integer, pool text)"
    " LEFT JOIN task_instance t ON c.table_name = 'task_instance'"
    " AND t.dag_id = c.dag_id AND t.run_id = c.run_id AND t.task_id = c.task_id"
    " AND t.map_index = c.map_index ORDER BY c.place";
constexpr std::string_view kOwnChanges =
    "SELECT c.sequence, c.table_name, c.dag_id, c.run_id, c.task_id, c.map_index, "
    "c.pool, " BEEFLOW_TASK_COLUMNS
    " FROM change_log c LEFT JOIN task_instance t ON c.table_name = 'task_instance'"
    " AND t.dag_id = c.dag_id AND t.run_id = c.run_id AND t.task_id = c.task_id"
    " AND t.map_index = c.map_index"
    " WHERE c.sequence > $1 AND c.xmin = pg_current_xact_id_if_assigned()::xid"
    " ORDER BY c.sequence LIMIT $2";
constexpr std::string_view kSnapshot = "SELECT pg_current_snapshot()::text";
constexpr std::string_view kOwnId = "SELECT pg_current_xact_id()::text::bigint";

// What a snapshot sees (PostgreSQL's documentation, table 9.79): "xmin:xmax:xip,xip,...".
class Visibility {
 public:
  explicit Visibility(std::string_view snapshot) {
    const auto number = [&snapshot] {
      uint64_t value = 0;
      const auto end = std::from_chars(snapshot.data(), snapshot.data() + snapshot.size(), value);
      snapshot.remove_prefix(static_cast<size_t>(end.ptr - snapshot.data()));
      if (!snapshot.empty()) snapshot.remove_prefix(1);
      return value;
    };
    number();  // all before it have ended, and none of them is listed
    next_ = number();
    while (!snapshot.empty()) running_.insert(static_cast<uint32_t>(number()));
  }

  // Ids of the replication protocol lack the upper half, and go round.
  bool Sees(uint32_t id) const {
    const auto distance = static_cast<int32_t>(id - static_cast<uint32_t>(next_));
    return distance < 0 && !running_.contains(id);
  }

 private:
  uint64_t next_ = 0;  // the first that had not begun
  std::set<uint32_t> running_;
};

Json EntryToJson(const LogEntry& entry, size_t place) {
  Json json = {{"place", place},         {"sequence", entry.sequence}, {"table_name", entry.table},
               {"dag_id", entry.dag_id}, {"run_id", entry.run_id},     {"task_id", entry.task_id},
               {"pool", entry.pool}};
  if (entry.map_index) json["map_index"] = *entry.map_index;
  return json;
}

}  // namespace

// A commit is handed out as soon as it is in the log, which is a moment before other transactions
// see it (and longer, where the server waits for a standby server). What cannot be seen yet goes
// back.
Result<std::vector<LoggedTransaction>> StreamFeed::TakeVisible(sql::Database* database,
                                                               size_t max) {
  std::vector<LoggedTransaction> transactions = replication_->Take(max);
  if (transactions.empty()) return transactions;
  BEEFLOW_ASSIGN_OR_RETURN(sql::Statement row, database->Query(kSnapshot));
  BEEFLOW_ASSIGN_OR_RETURN(const bool is_there, row.Step());
  BEEFLOW_CHECK(is_there);
  const Visibility visibility(row.Text(0));
  const auto unseen =
      std::find_if(transactions.begin(), transactions.end(),
                   [&](const LoggedTransaction& one) { return !visibility.Sees(one.id); });
  if (unseen == transactions.end()) return transactions;
  replication_->PutBack(static_cast<size_t>(transactions.end() - unseen));
  transactions.erase(unseen, transactions.end());
  has_unseen_ = true;
  return transactions;
}

Status StreamFeed::TakeOthers(sql::Database* database, size_t max, std::vector<Change>* changes) {
  while (changes->empty() && !has_unseen_) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto transactions, TakeVisible(database, max));
    if (transactions.empty()) return Ok();
    Json entries = Json::array();
    for (const LoggedTransaction& transaction : transactions) {
      for (const LogEntry& entry : transaction.entries) {
        entries.push_back(EntryToJson(entry, entries.size()));
        last_others_ = std::max(last_others_, entry.sequence);
      }
    }
    BEEFLOW_RETURN_IF_ERROR(
        sql::ReadChanges(database, database->Query(kStreamedChanges, DumpJson(entries)), changes));
  }
  return Ok();
}

Status StreamFeed::TakeOwn(sql::Database* database, size_t max, std::vector<Change>* changes) {
  while (changes->empty()) {
    BEEFLOW_ASSIGN_OR_RETURN(
        const auto last,
        sql::ReadChanges(database,
                         database->Query(kOwnChanges, last_own_.value_or(newest_),
                                         static_cast<int64_t>(std::max<size_t>(max, 1))),
                         changes));
    if (!last) return Ok();
    last_own_ = *last;
  }
  return Ok();
}

Result<std::vector<Change>> StreamFeed::Take(sql::Database* database, size_t max) {
  std::vector<Change> changes;
  BEEFLOW_RETURN_IF_ERROR(TakeOthers(database, max, &changes));
  if (changes.empty()) BEEFLOW_RETURN_IF_ERROR(TakeOwn(database, max, &changes));
  return changes;
}

Status StreamFeed::SkipToEnd(sql::Database* database) {
  constexpr size_t kAtATime = 10'000;
  while (!has_unseen_) {
    BEEFLOW_ASSIGN_OR_RETURN(const auto transactions, TakeVisible(database, kAtATime));
    if (transactions.empty()) break;
  }
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t end, database->QueryInteger(sql::kFeedEnd));
  last_others_ = std::max(last_others_, end);
  return Ok();
}

Status StreamFeed::Save(sql::Database* database) {
  if (last_own_) {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t id, database->QueryInteger(kOwnId));
    replication_->Expect(static_cast<uint32_t>(id), *last_own_);
  }
  return trimmer_.Trim(database, std::max({newest_, last_others_, last_own_.value_or(0)}));
}

void StreamFeed::End(bool is_committed) {
  if (is_committed) {
    newest_ = std::max({newest_, last_others_, last_own_.value_or(0)});
    replication_->Acknowledge();
  } else {
    replication_->PutBack();
  }
  last_own_.reset();
  if (std::exchange(has_unseen_, false)) look_again_();
}

Result<bool> StreamFeed::HasChanges(sql::Database* /*database*/) {
  return replication_->has_changes();
}

}  // namespace beeflow::postgres
