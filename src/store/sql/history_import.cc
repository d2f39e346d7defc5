#include "store/sql/history_import.h"

#include <algorithm>
#include <deque>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "store/sql/for_each_row.h"
#include "store/sql/sql_secret_store.h"

namespace beeflow::sql {
namespace {

constexpr int kRunsOfABatch = 1000;
constexpr int kLogsOfABatch = 10'000;

// A table to copy from. Columns that the source lacks stay empty.
struct CopiedTable {
  std::string_view name;
  std::vector<std::string_view> columns;
};

const CopiedTable kTaskTable = {
    "task_instance", {"task_id",           "dag_id",   "run_id",      "map_index",  "start_date",
                      "end_date",          "duration", "state",       "try_number", "max_tries",
                      "hostname",          "unixname", "pool",        "pool_slots", "queue",
                      "priority_weight",   "operator", "queued_dttm", "pid",        "updated_at",
                      "rendered_map_index"}};
const std::vector<CopiedTable> kCopiedTables = {
    {"task_fail",
     {"task_id", "dag_id", "run_id", "map_index", "start_date", "end_date", "duration"}},
    {"task_map", {"dag_id", "task_id", "run_id", "map_index", "length", "keys"}},
    {"attempt",
     {"dag_id", "run_id", "task_id", "map_index", "try_number", "attempt_id", "state", "start_type",
      "start_date", "end_date", "queue_seconds", "start_seconds", "memory_bytes", "cpu_seconds",
      "environment", "hostname", "exit_code", "exit_signal", "reason"}},
    {"task_instance_note",
     {"task_id", "dag_id", "run_id", "map_index", "content", "created_at", "updated_at"}}};

const CopiedTable kPools = {"slot_pool", {"pool", "slots", "description", "include_deferred"}};
const CopiedTable kSlaMisses = {"sla_miss",
                                {"task_id", "dag_id", "execution_date", "email_sent", "timestamp",
                                 "description", "notification_sent"}};
const CopiedTable kRunNotes = {"dag_run_note", {"content"}};
const CopiedTable kLogTable = {"log",
                               {"dttm", "dag_id", "task_id", "map_index", "event", "execution_date",
                                "run_id", "owner", "extra"}};

constexpr std::string_view kRunColumns[] = {"dag_id",
                                            "queued_at",
                                            "execution_date",
                                            "start_date",
                                            "end_date",
                                            "state",
                                            "run_id",
                                            "external_trigger",
                                            "run_type",
                                            "conf",
                                            "data_interval_start",
                                            "data_interval_end",
                                            "dag_hash",
                                            "updated_at"};

constexpr ByDialect kColumnsOf = {"SELECT name FROM pragma_table_info($1)",
                                  "SELECT column_name::text FROM information_schema.columns"
                                  " WHERE table_name = $1 AND table_schema = current_schema()"};

// Copies rows into one table, of the columns that the source has.
class RowCopy {
 public:
  static Result<RowCopy> Make(Database* from, Database* to, std::string_view table,
                              std::span<const std::string_view> columns) {
    std::vector<std::string> known;
    BEEFLOW_RETURN_IF_ERROR(
        ForEachRow(from->Query(from->Choose(kColumnsOf), table), [&](const Statement& row) {
          known.push_back(row.String(0));
          return Ok();
        }));
    RowCopy copy(to);
    std::string marks;
    for (const std::string_view column : columns) {
      if (std::find(known.begin(), known.end(), column) == known.end()) continue;
      copy.columns_.push_back(column);
      copy.list_ += (copy.list_.empty() ? "" : ", ") + std::string(column);
      marks += (marks.empty() ? "$" : ", $") + std::to_string(copy.columns_.size());
    }
    copy.insert_ = "INSERT INTO " + std::string(table) + " (" + copy.list_ + ") VALUES (" + marks +
                   ") ON CONFLICT DO NOTHING";
    return copy;
  }

  // The source has no such table.
  bool is_empty() const { return columns_.empty(); }
  // The columns, for the query whose rows are copied.
  const std::string& list() const { return list_; }
  int IndexOf(std::string_view column) const {
    const auto at = std::find(columns_.begin(), columns_.end(), column);
    return at == columns_.end() ? -1 : static_cast<int>(at - columns_.begin());
  }

  // Cells as they are to be written; absent for NULL.
  using Cells = std::vector<std::optional<std::string>>;
  Cells Read(const Statement& row) const {
    Cells cells;
    for (int i = 0; i < static_cast<int>(columns_.size()); ++i) {
      cells.push_back(row.IsNull(i) ? std::nullopt : std::optional(row.String(i)));
    }
    return cells;
  }
  // How many rows were written: none where it was there.
  Result<int64_t> Write(const Cells& cells) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement statement, to_->PrepareOnce(insert_));
    statement.Bind();
    for (const auto& cell : cells) statement.BindAlso(cell);
    return statement.RunBound();
  }
  Status Copy(const Statement& row) {
    const auto written = Write(Read(row));
    return written.ok() ? Ok() : Status(written.error());
  }

 private:
  explicit RowCopy(Database* to) : to_(to) {}

  Database* to_;
  std::vector<std::string_view> columns_;
  std::string list_;
  std::string insert_;
};

bool HasEnded(std::string_view state) {
  return state == "success" || state == "failed" || state == "skipped" ||
         state == "upstream_failed" || state == "removed";
}

class Import {
 public:
  Import(const ImportSource& from, Database* to, SecretCipher* cipher,
         const std::function<void(const ImportCounts&)>& told)
      : from_(from.database),
        to_(to),
        from_secrets_(from.database, from.cipher),
        to_secrets_(to, cipher),
        told_(told) {}

  Result<ImportCounts> Run() {
    BEEFLOW_RETURN_IF_ERROR(CopySecrets());
    BEEFLOW_RETURN_IF_ERROR(CopyPools());
    BEEFLOW_RETURN_IF_ERROR(CopyDags());
    BEEFLOW_RETURN_IF_ERROR(CopyRuns());
    BEEFLOW_RETURN_IF_ERROR(CopyAll(kSlaMisses, [](const Statement&) { return Ok(); }));
    BEEFLOW_RETURN_IF_ERROR(CopyLog());
    return counts_;
  }

 private:
  // A part of the import, in a transaction. The change log tells nothing of it: who starts to work
  // on the database reads all that is active.
  template <typename Part>
  Status InTransaction(const Part& part) {
    BEEFLOW_ASSIGN_OR_RETURN(auto scope, TransactionScope::Write(to_));
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t last,
                             to_->QueryInteger("SELECT max(sequence) FROM change_log"));
    BEEFLOW_RETURN_IF_ERROR(SwitchTriggers("DISABLE"));
    BEEFLOW_RETURN_IF_ERROR(part());
    BEEFLOW_RETURN_IF_ERROR(SwitchTriggers("ENABLE"));
    BEEFLOW_RETURN_IF_ERROR(to_->Send("DELETE FROM change_log WHERE sequence > $1", last));
    return scope.Commit();
  }

  // The feed of PostgreSQL would tell of rows that the log has forgotten.
  Status SwitchTriggers(const std::string& how) {
    if (to_->dialect() != Dialect::kPostgres) return Ok();
    for (const char* table : {"dag_run", "task_instance"}) {
      BEEFLOW_ASSIGN_OR_RETURN(
          Statement statement,
          to_->PrepareOnce("ALTER TABLE " + std::string(table) + " " + how + " TRIGGER USER"));
      BEEFLOW_RETURN_IF_ERROR(statement.Send());
    }
    return Ok();
  }

  Status CopySecrets() {
    BEEFLOW_ASSIGN_OR_RETURN(const auto keys, from_secrets_.VariableKeys());
    for (const std::string& key : keys) {
      BEEFLOW_ASSIGN_OR_RETURN(const auto variable, from_secrets_.Variable(key));
      if (variable) BEEFLOW_RETURN_IF_ERROR(to_secrets_.SetVariable(*variable));
      ++counts_.variables;
    }
    BEEFLOW_ASSIGN_OR_RETURN(const auto ids, from_secrets_.ConnectionIds());
    for (const std::string& id : ids) {
      BEEFLOW_ASSIGN_OR_RETURN(const auto connection, from_secrets_.Connection(id));
      if (connection) BEEFLOW_RETURN_IF_ERROR(to_secrets_.SetConnection(*connection));
      ++counts_.connections;
    }
    return Ok();
  }

  // default_pool is there already, with the slots of a new database: those of the source count.
  Status CopyPools() {
    BEEFLOW_ASSIGN_OR_RETURN(RowCopy * pools, CopyOf(kPools));
    return CopyAll(kPools, [&](const Statement& row) -> Status {
      ++counts_.pools;
      const std::string name = row.String(pools->IndexOf("pool"));
      return to_->Send("DELETE FROM slot_pool WHERE pool = $1", name);
    });
  }

  // All rows of a table at once; `before` each is written.
  template <typename Before>
  Status CopyAll(const CopiedTable& table, const Before& before) {
    BEEFLOW_ASSIGN_OR_RETURN(RowCopy * copy, CopyOf(table));
    if (copy->is_empty()) return Ok();
    return InTransaction([&]() -> Status {
      BEEFLOW_ASSIGN_OR_RETURN(
          Statement rows,
          from_->PrepareOnce("SELECT " + copy->list() + " FROM " + std::string(table.name)));
      rows.Bind();
      return ForEachRow(std::move(rows), [&](const Statement& row) -> Status {
        BEEFLOW_RETURN_IF_ERROR(before(row));
        return copy->Copy(row);
      });
    });
  }

  Status CopyDags() {
    return InTransaction([&]() -> Status {
      return ForEachRow(
          from_->Query("SELECT dag_id, is_paused, fileloc, owners FROM dag ORDER BY dag_id"),
          [&](const Statement& row) -> Status {
            ++counts_.dags;
            return to_->Send(
                "INSERT INTO dag (dag_id, is_paused, is_active, fileloc, owners)"
                " VALUES ($1, $2, FALSE, $3, $4)"
                " ON CONFLICT (dag_id) DO UPDATE SET is_paused = excluded.is_paused",
                row.Text(0), row.Integer(1) != 0, row.Text(2), row.Text(3));
          });
    });
  }

  Status CopyRuns() {
    BEEFLOW_ASSIGN_OR_RETURN(RowCopy runs, RowCopy::Make(from_, to_, "dag_run", kRunColumns));
    int64_t last_id = -1;
    for (bool more = true; more;) {
      more = false;
      Status copied = InTransaction([&]() -> Status {
        BEEFLOW_ASSIGN_OR_RETURN(
            Statement rows,
            from_->PrepareOnce("SELECT " + runs.list() +
                               ", id FROM dag_run WHERE id > $1 ORDER BY id LIMIT " +
                               std::to_string(kRunsOfABatch)));
        rows.Bind(last_id);
        return ForEachRow(std::move(rows), [&](const Statement& row) -> Status {
          more = true;
          last_id = row.Integer(row.columns() - 1);
          return CopyRun(row, last_id, &runs);
        });
      });
      if (!copied.ok()) return copied;
      if (more) told_(counts_);
    }
    return Ok();
  }

  Status CopyRun(const Statement& row, int64_t source_id, RowCopy* runs) {
    auto cells = runs->Read(row);
    const auto cell = [&](std::string_view column) -> std::optional<std::string>& {
      return cells[static_cast<size_t>(runs->IndexOf(column))];
    };
    auto& state = cell("state");
    if (!state || !HasEnded(*state)) state = "queued";
    auto& conf = cell("conf");
    if (conf && !ParseJson(*conf).ok()) conf.reset();
    const std::string dag_id = cell("dag_id").value_or("");
    const std::string run_id = cell("run_id").value_or("");
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t written, runs->Write(cells));
    if (written == 0) return Ok();
    ++counts_.runs;
    BEEFLOW_RETURN_IF_ERROR(CopyTable(kTaskTable, dag_id, run_id));
    for (const CopiedTable& table : kCopiedTables) {
      BEEFLOW_RETURN_IF_ERROR(CopyTable(table, dag_id, run_id));
    }
    BEEFLOW_RETURN_IF_ERROR(CopyXComs(dag_id, run_id));
    return CopyNote(source_id, dag_id, run_id);
  }

  Status CopyTable(const CopiedTable& table, const std::string& dag_id, const std::string& run_id) {
    BEEFLOW_ASSIGN_OR_RETURN(RowCopy * copy, CopyOf(table));
    if (copy->is_empty()) return Ok();
    BEEFLOW_ASSIGN_OR_RETURN(
        Statement rows,
        from_->PrepareOnce("SELECT " + copy->list() + " FROM " + std::string(table.name) +
                           " WHERE dag_id = $1 AND run_id = $2"));
    rows.Bind(dag_id, run_id);
    const bool is_task = &table == &kTaskTable;
    return ForEachRow(std::move(rows), [&](const Statement& row) -> Status {
      auto cells = copy->Read(row);
      if (is_task) {
        ++counts_.tasks;
        auto& state = cells[static_cast<size_t>(copy->IndexOf("state"))];
        if (state && !HasEnded(*state)) state.reset();
      }
      BEEFLOW_RETURN_IF_ERROR(copy->Write(cells));
      return Ok();
    });
  }

  // Made at the first use.
  Result<RowCopy*> CopyOf(const CopiedTable& table) {
    for (auto& [name, copy] : copies_) {
      if (name == table.name) return &copy;
    }
    BEEFLOW_ASSIGN_OR_RETURN(RowCopy copy, RowCopy::Make(from_, to_, table.name, table.columns));
    copies_.emplace_back(table.name, std::move(copy));
    return &copies_.back().second;
  }

  Status CopyXComs(const std::string& dag_id, const std::string& run_id) {
    return ForEachRow(
        from_->Query("SELECT task_id, map_index, key, value, timestamp FROM xcom"
                     " WHERE dag_id = $1 AND run_id = $2",
                     dag_id, run_id),
        [&](const Statement& row) -> Status {
          if (!row.IsNull(3) && !ParseJson(row.Text(3)).ok()) return Ok();  // pickled
          return to_->Send(
              "INSERT INTO xcom (dag_run_id, dag_id, run_id, task_id, map_index, key, value,"
              " timestamp) SELECT id, dag_id, run_id, $1, $2, $3, $4, $5 FROM dag_run"
              " WHERE dag_id = $6 AND run_id = $7 ON CONFLICT DO NOTHING",
              row.Text(0), row.Integer(1), row.Text(2), row.Text(3), row.OptionalTime(4), dag_id,
              run_id);
        });
  }

  Status CopyNote(int64_t source_id, const std::string& dag_id, const std::string& run_id) {
    BEEFLOW_ASSIGN_OR_RETURN(const RowCopy* notes, CopyOf(kRunNotes));
    if (notes->is_empty()) return Ok();
    return ForEachRow(from_->Query("SELECT content, created_at, updated_at FROM dag_run_note"
                                   " WHERE dag_run_id = $1",
                                   source_id),
                      [&](const Statement& row) -> Status {
                        return to_->Send(
                            "INSERT INTO dag_run_note (dag_run_id, content, created_at, updated_at)"
                            " SELECT id, $1, $2, $3 FROM dag_run WHERE dag_id = $4 AND run_id = $5"
                            " ON CONFLICT DO NOTHING",
                            row.Text(0), row.OptionalTime(1), row.OptionalTime(2), dag_id, run_id);
                      });
  }

  Status CopyLog() {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t known, to_->QueryInteger("SELECT count(*) FROM log"));
    if (known > 0) return Ok();  // It has no key by which a line would be known again.
    BEEFLOW_ASSIGN_OR_RETURN(RowCopy * log, CopyOf(kLogTable));
    int64_t last_id = -1;
    for (bool more = true; more;) {
      more = false;
      BEEFLOW_RETURN_IF_ERROR(InTransaction([&]() -> Status {
        BEEFLOW_ASSIGN_OR_RETURN(
            Statement rows, from_->PrepareOnce("SELECT " + log->list() +
                                               ", id FROM log WHERE id > $1 ORDER BY id LIMIT " +
                                               std::to_string(kLogsOfABatch)));
        rows.Bind(last_id);
        return ForEachRow(std::move(rows), [&](const Statement& row) -> Status {
          more = true;
          last_id = row.Integer(row.columns() - 1);
          return log->Copy(row);
        });
      }));
    }
    return Ok();
  }

  Database* from_;
  Database* to_;
  SqlSecretStore from_secrets_;
  SqlSecretStore to_secrets_;
  const std::function<void(const ImportCounts&)>& told_;
  std::deque<std::pair<std::string_view, RowCopy>> copies_;  // by the table; they stay in place
  ImportCounts counts_;
};

}  // namespace

Result<ImportCounts> ImportHistory(const ImportSource& from, Database* to, SecretCipher* cipher,
                                   const std::function<void(const ImportCounts&)>& told) {
  return Import(from, to, cipher, told).Run();
}

}  // namespace beeflow::sql
