#include "lab/result_set.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "lab/csv_table.h"
#include "lab/export_rows.h"

namespace beeflow {
namespace {

namespace fs = std::filesystem;

// A table has a folder by its name in the published experiments or by Airflow's.
struct TableNames {
  std::string_view published;
  std::string_view airflow;
};
constexpr TableNames kRuns = {"dagrun", "dag_run"};
constexpr TableNames kTasks = {"taskinstance", "task_instance"};
constexpr TableNames kAttempts = {"attempt", "attempt"};
constexpr TableNames kDagTasks = {"dagtask", "dag_task"};

bool IsFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::vector<fs::path> Sorted(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// The files of one table, the earliest export first: dt=... sorts by time.
std::vector<std::string> FilesOf(const fs::path& folder, const TableNames& table) {
  std::vector<fs::path> folders;
  for (const std::string_view name : {table.published, table.airflow}) {
    folders.push_back(folder / name);
    std::vector<fs::path> inner = Sorted(folders.back());
    std::erase_if(inner, [](const fs::path& path) { return !IsFolder(path); });
    folders.insert(folders.end(), inner.begin(), inner.end());
    if (table.published == table.airflow) break;
  }
  std::vector<std::string> files;
  std::stable_sort(folders.begin(), folders.end(), [](const fs::path& a, const fs::path& b) {
    return a.filename() < b.filename();
  });
  for (const fs::path& one : folders) {
    for (const fs::path& file : Sorted(one)) {
      if (file.extension() == ".csv" && !IsFolder(file)) files.push_back(file.string());
    }
  }
  return files;
}

bool IsExport(const fs::path& folder) {
  return !FilesOf(folder, kRuns).empty() || !FilesOf(folder, kTasks).empty();
}

// The folders <system>/export at or below `folder`, by path.
std::vector<fs::path> FindExports(const fs::path& folder) {
  if (IsExport(folder)) return {folder};
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!IsFolder(entry->path()) || !IsExport(entry->path())) continue;
    found.push_back(entry->path());
    entry.disable_recursion_pending();
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Sorts by `key`, and keeps the last of those with the same one.
template <typename Row, typename Key>
void KeepLatest(std::vector<Row>* rows, const Key& key) {
  std::stable_sort(rows->begin(), rows->end(),
                   [&](const Row& a, const Row& b) { return key(a) < key(b); });
  const auto end = std::unique(rows->rbegin(), rows->rend(),
                               [&](const Row& a, const Row& b) { return key(a) == key(b); });
  rows->erase(rows->begin(), end.base());
}

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// By way of the form that the parser writes, so that everything is checked and completed.
Result<std::shared_ptr<const Dag>> MakeDag(const std::string& dag_id,
                                           const std::vector<DagTaskRow>& rows) {
  std::unordered_map<std::string, size_t> places;
  Json tasks = Json::array();
  for (const DagTaskRow& row : rows) {
    Json task = {{"task_id", row.task_id}, {"downstream", Json::array()}};
    if (!row.operator_name.empty()) task["operator"] = row.operator_name;
    if (!row.queue.empty()) task["queue"] = row.queue;
    if (!row.pool.empty()) task["pool"] = row.pool;
    places.emplace(row.task_id, tasks.size());
    tasks.push_back(std::move(task));
  }
  for (const DagTaskRow& row : rows) {
    for (const std::string& upstream : Words(row.upstream_task_ids)) {
      const auto place = places.find(upstream);
      if (place == places.end()) {
        return Invalid("DAG " + dag_id + ", task " + row.task_id + ": its upstream task '" +
                       upstream + "' has no row; export the whole table");
      }
      tasks[place->second]["downstream"].push_back(row.task_id);
    }
  }
  return DagFromJson({{"dag_id", dag_id}, {"tasks", std::move(tasks)}});
}

// Reads the files of one export into a ResultSet.
class ExportReader {
 public:
  explicit ExportReader(const fs::path& folder) : folder_(folder) {}

  Result<ResultSet> Read() {
    const fs::path named = folder_.filename() == "export" ? folder_.parent_path() : folder_;
    std::error_code error;
    set_.system = fs::weakly_canonical(named, error).filename().string();
    set_.source = named.string();
    BEEFLOW_RETURN_IF_ERROR(ForEachFile(kRuns, [this](CsvTable* table) { return Runs(table); }));
    BEEFLOW_RETURN_IF_ERROR(ForEachFile(kTasks, [this](CsvTable* table) { return Tasks(table); }));
    BEEFLOW_RETURN_IF_ERROR(
        ForEachFile(kAttempts, [this](CsvTable* table) { return Attempts(table); }));
    BEEFLOW_RETURN_IF_ERROR(
        ForEachFile(kDagTasks, [this](CsvTable* table) { return DagTasks(table); }));
    SortRuns();
    return std::move(set_);
  }

 private:
  template <typename Visit>
  Status ForEachFile(const TableNames& table, const Visit& visit) {
    for (const std::string& path : FilesOf(folder_, table)) {
      BEEFLOW_ASSIGN_OR_RETURN(const auto file, CsvTable::Open(path));
      BEEFLOW_RETURN_IF_ERROR(visit(file.get()));
    }
    return Ok();
  }

  // Calls `visit` for each row; the row's own failures end it.
  template <typename Visit>
  static Status ForEachRow(CsvTable* table, const Visit& visit) {
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, table->Next());
      if (!row) return Ok();
      visit();
      if (!table->status().ok()) return table->status();
    }
  }

  static std::string IndexKey(const RunKey& key) { return key.dag_id + '\n' + key.run_id; }

  ExportedRun* Find(const RunKey& key) {
    const auto found = index_.find(IndexKey(key));
    return found == index_.end() ? nullptr : &set_.runs[found->second];
  }

  Status Runs(CsvTable* table) {
    BEEFLOW_ASSIGN_OR_RETURN(const RunRows rows, RunRows::On(table));
    return ForEachRow(table, [&] {
      RunRecord run = rows.Read();
      const auto [place, added] = index_.emplace(IndexKey(run.key), set_.runs.size());
      if (added) set_.runs.emplace_back();
      set_.runs[place->second].run = std::move(run);
    });
  }

  // Task instances of runs that the export does not have are left out.
  Status Tasks(CsvTable* table) {
    BEEFLOW_ASSIGN_OR_RETURN(const TaskRows rows, TaskRows::On(table));
    BEEFLOW_RETURN_IF_ERROR(ForEachRow(table, [&] {
      TaskInfo task = rows.Read();
      if (ExportedRun* run = Find(task.record.run)) run->tasks.push_back(std::move(task));
    }));
    for (ExportedRun& run : set_.runs) {
      KeepLatest(&run.tasks, [](const TaskInfo& task) {
        return std::tie(task.record.task_id, task.record.map_index);
      });
    }
    return Ok();
  }

  Status Attempts(CsvTable* table) {
    BEEFLOW_ASSIGN_OR_RETURN(const AttemptRows rows, AttemptRows::On(table));
    BEEFLOW_RETURN_IF_ERROR(ForEachRow(table, [&] {
      if (ExportedRun* run = Find(rows.ReadRun())) run->attempts.push_back(rows.Read());
    }));
    for (ExportedRun& run : set_.runs) {
      KeepLatest(&run.attempts, [](const AttemptInfo& attempt) {
        return std::tie(attempt.task_id, attempt.map_index, attempt.try_number, attempt.attempt_id);
      });
    }
    return Ok();
  }

  // A DAG has the tasks that the latest file tells of it.
  Status DagTasks(CsvTable* table) {
    BEEFLOW_ASSIGN_OR_RETURN(const DagTaskRows rows, DagTaskRows::On(table));
    std::map<std::string, std::vector<DagTaskRow>> dags;
    BEEFLOW_RETURN_IF_ERROR(ForEachRow(table, [&] {
      DagTaskRow row = rows.Read();
      dags[row.dag_id].push_back(std::move(row));
    }));
    for (const auto& [id, tasks] : dags) {
      const auto dag = MakeDag(id, tasks);
      if (!dag.ok()) return Invalid(table->name() + ": " + dag.error().message);
      set_.dags[id] = *dag;
    }
    return Ok();
  }

  void SortRuns() {
    const auto start = [](const ExportedRun& run) {
      return run.run.start_date.value_or(run.run.queued_at.value_or(Time::max()));
    };
    std::sort(set_.runs.begin(), set_.runs.end(), [&](const auto& a, const auto& b) {
      return std::forward_as_tuple(start(a), a.run.key.dag_id, a.run.key.run_id) <
             std::forward_as_tuple(start(b), b.run.key.dag_id, b.run.key.run_id);
    });
  }

  const fs::path folder_;
  ResultSet set_;
  std::unordered_map<std::string, size_t> index_;  // of set_.runs, by IndexKey
};

}  // namespace

Result<std::vector<ResultSet>> ReadResults(const std::string& folder) {
  if (!IsFolder(folder)) {
    return NotFound(folder + ": is no folder; name one that `beeflow export --to` wrote");
  }
  const std::vector<fs::path> exports = FindExports(folder);
  if (exports.empty()) {
    return NotFound(folder +
                    ": there is no export at or below it; an export has its files as "
                    "<system>/export/dagrun/dt=<date>/dagrun.csv, see docs/lab-data.md");
  }
  std::vector<ResultSet> sets;
  for (const fs::path& path : exports) {
    if (FilesOf(path, kRuns).empty()) {
      return NotFound(path.string() + ": there is no table dagrun; export it, too");
    }
    BEEFLOW_ASSIGN_OR_RETURN(ResultSet set, ExportReader(path).Read());
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace beeflow
