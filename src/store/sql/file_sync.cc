#include "store/sql/file_sync.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "store/sql/queries.h"
#include "timetable/timetable.h"

namespace beeflow::sql {
namespace {

// The schedule as Airflow shows it; the parser's answer was checked, so it can be read.
std::string ScheduleText(const Dag& dag) {
  const auto timetable = Timetable::FromJson(dag.schedule);
  return timetable.ok() ? timetable->Summary() : "";
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string StackTrace(const ParsedFile& file) {
  const ImportError& error = *file.error;
  std::string text = error.message + "\n" + file.path;
  if (error.line) text += ":" + std::to_string(*error.line);
  if (!error.traceback.empty()) text += "\n" + error.traceback;
  return text;
}

Status SetImportError(Database* database, const std::string& path, const std::string& text,
                      Time now) {
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kSetImportError, now, path, text));
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kMarkImportErrors, true, path));
  return Ok();
}

class FileSync {
 public:
  FileSync(Database* database, const ParsedFile& file, bool paused_at_creation, Time now)
      : database_(database), file_(file), paused_at_creation_(paused_at_creation), now_(now) {}

  Status Run() {
    std::unordered_set<std::string> defined;
    for (const ParsedDag& dag : file_.dags) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool stored, SyncDag(dag));
      if (stored) defined.insert(dag.dag->id);
    }
    BEEFLOW_RETURN_IF_ERROR(DeactivateOthers(defined));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kSetCode, file_.path, now_, file_.code));
    if (!conflicts_.empty()) return SetImportError(database_, file_.path, conflicts_, now_);
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteImportError, file_.path));
    return Ok();
  }

 private:
  // False where another file has the DAG.
  Result<bool> SyncDag(const ParsedDag& parsed) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool mine, Claim(*parsed.dag));
    if (!mine) return false;
    BEEFLOW_ASSIGN_OR_RETURN(const bool known, IsLatestVersion(parsed));
    if (!known) {
      BEEFLOW_RETURN_IF_ERROR(StoreVersion(parsed));
    } else {
      BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kTouchDag, file_.path, now_, parsed.dag->id));
    }
    return true;
  }

  Result<bool> IsLatestVersion(const ParsedDag& parsed) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kSerializedDag, parsed.dag->id));
    BEEFLOW_ASSIGN_OR_RETURN(const bool exists, rows.Step());
    return exists && rows.Text(0) == parsed.hash;
  }

  // Makes sure that the DAG has a row that is this file's. A file keeps a DAG while it defines it.
  Result<bool> Claim(const Dag& dag) {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kDagFile, dag.id));
    BEEFLOW_ASSIGN_OR_RETURN(const bool exists, rows.Step());
    if (!exists) {
      const bool paused = dag.is_paused_upon_creation.value_or(paused_at_creation_);
      BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kInsertDag, dag.id, paused, file_.path));
      return true;
    }
    const std::string_view owner = rows.Text(0);
    if (owner == file_.path || rows.Integer(1) == 0) return true;
    conflicts_ += "DAG " + dag.id + " is already defined by " + std::string(owner) +
                  "; the definition in " + file_.path +
                  " is ignored. Give one of the two another dag_id, or delete one of the files\n";
    return false;
  }

  Status StoreVersion(const ParsedDag& parsed) {
    const Dag& dag = *parsed.dag;
    BEEFLOW_RETURN_IF_ERROR(database_->Send(
        sql::kUpdateDag, file_.path, now_, Joined(dag.owners), dag.description, ScheduleText(dag),
        dag.max_active_tasks.value_or(kDefaultMaxActiveTasks), dag.max_active_runs,
        parsed.display_name.empty() ? std::nullopt : std::optional(parsed.display_name),
        HasTaskLimits(dag), dag.id));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kRetireVersion, dag.id));
    BEEFLOW_RETURN_IF_ERROR(
        database_->Send(sql::kInsertVersion, dag.id, file_.path, parsed.data, now_, parsed.hash));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteTags, dag.id));
    for (const std::string& tag : dag.tags) {
      BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kInsertTag, dag.id, tag));
    }
    return StoreDatasets(dag);
  }

  static bool HasTaskLimits(const Dag& dag) {
    return std::any_of(dag.tasks.begin(), dag.tasks.end(), [](const Task& task) {
      return task.max_active_tis_per_dag || task.max_active_tis_per_dagrun;
    });
  }

  Status StoreDatasets(const Dag& dag) {
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteDatasetSchedule, dag.id));
    BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeleteOutlets, dag.id));
    if (dag.datasets) {
      for (const std::string& name : dag.datasets->Names()) {
        BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kEnsureDataset, name, now_, now_));
        BEEFLOW_RETURN_IF_ERROR(
            database_->Send(sql::kAddDatasetSchedule, dag.id, now_, now_, name));
      }
    }
    for (const Task& task : dag.tasks) {
      for (const Outlet& outlet : task.outlets) {
        BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kEnsureDataset, outlet.dataset, now_, now_));
        BEEFLOW_RETURN_IF_ERROR(
            database_->Send(sql::kAddOutlet, dag.id, task.id, now_, now_, outlet.dataset));
      }
    }
    return Ok();
  }

  Status DeactivateOthers(const std::unordered_set<std::string>& defined) {
    std::vector<std::string> gone;
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kDagsOfFile, file_.path));
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      if (!defined.contains(rows.String(0))) gone.push_back(rows.String(0));
    }
    for (const std::string& dag_id : gone) {
      BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kDeactivateDag, dag_id));
    }
    return Ok();
  }

  static constexpr int kDefaultMaxActiveTasks = 16;

  Database* database_;
  const ParsedFile& file_;
  bool paused_at_creation_;
  Time now_;
  std::string conflicts_;  // one line for each DAG that another file has
};

}  // namespace

Status SyncDagFile(Database* database, const ParsedFile& file, bool paused_at_creation, Time now) {
  if (file.error) return SetImportError(database, file.path, StackTrace(file), now);
  return FileSync(database, file, paused_at_creation, now).Run();
}

Status RemoveDagFile(Database* database, const std::string& path) {
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kDeactivateFile, path));
  BEEFLOW_RETURN_IF_ERROR(database->Send(sql::kDeleteImportError, path));
  return Ok();
}

}  // namespace beeflow::sql
