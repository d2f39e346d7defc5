#include "api/seeded_database_for_test.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "store/sql/sql_catalog.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

constexpr const char* kEtl = R"({"dags": [{
    "dag_id": "etl", "description": "Nightly load", "start_date": "2021-01-01T00:00:00+00:00",
    "schedule": {"kind": "cron", "expression": "@daily", "timezone": "UTC"},
    "tags": ["prod"], "owners": ["ann"], "is_paused_upon_creation": false,
    "tasks": [
      {"task_id": "extract", "operator": "BashOperator", "downstream": ["transform"],
       "run": {"kind": "bash", "command": "true"}},
      {"task_id": "transform", "operator": "PythonOperator", "downstream": ["load"]},
      {"task_id": "load", "operator": "PythonOperator"}]}]})";
constexpr const char* kHourly = R"({"dags": [{
    "dag_id": "hourly", "schedule": {"kind": "delta", "seconds": 3600},
    "start_date": "2021-01-01T00:00:00+00:00", "owners": ["bob"],
    "tasks": [{"task_id": "only", "operator": "EmptyOperator", "run": {"kind": "empty"}}]}]})";
constexpr const char* kBroken = R"({"dags": [], "error": {
    "message": "No module named 'nowhere'", "line": 3, "traceback": "Traceback ..."}})";

Time Then() { return *ParseTime("2021-02-01T00:00:00"); }

}  // namespace

SeededDatabase::SeededDatabase() {
  std::string pattern = testing::TempDir() + "beeflow_home_XXXXXX";
  BEEFLOW_CHECK(mkdtemp(pattern.data()) != nullptr);
  home_ = pattern;
  store_ = std::move(*sqlite::OpenStore(path(), sqlite::OpenMode::kCreate));
  AddFile("etl.py", kEtl);
  AddFile("more.py", kHourly);
  AddFile("broken.py", kBroken);
}

void SeededDatabase::AddFile(const std::string& name, const std::string& parsed) {
  auto transaction = std::move(*store_->Begin());
  const ParsedFile file = ParsedFileFromJson(home_ + "/dags/" + name, Json::parse(parsed));
  BEEFLOW_CHECK(transaction->SyncFile(file, true, Then()).ok());
  BEEFLOW_CHECK(transaction->Commit().ok());
}

void SeededDatabase::SetNextRun(const std::string& dag_id, const std::string& start,
                                const std::string& end) {
  const DataInterval interval{*ParseTime(start), *ParseTime(end)};
  Apply({beeflow::SetNextRun{dag_id, interval.start, interval, interval.end}});
}

void SeededDatabase::Edit(const std::string& sql) const {
  const auto catalog = std::move(*sqlite::OpenAs<SqlCatalog>(path(), sqlite::OpenMode::kExisting));
  const Status edited = catalog->database()->ExecuteScript(sql);
  BEEFLOW_CHECK(edited.ok());
}

SeededDatabase::~SeededDatabase() {
  store_.reset();
  std::error_code error;
  std::filesystem::remove_all(home_, error);
}

Result<std::unique_ptr<Catalog>> SeededDatabase::OpenCatalog() const {
  BEEFLOW_ASSIGN_OR_RETURN(auto catalog,
                           sqlite::OpenAs<SqlCatalog>(path(), sqlite::OpenMode::kExisting));
  return std::unique_ptr<Catalog>(std::move(catalog));
}

void SeededDatabase::Apply(const std::vector<Transition>& transitions) {
  auto transaction = std::move(*store_->Begin());
  for (const Transition& transition : transitions) {
    const auto applied = transaction->Apply(transition);
    BEEFLOW_CHECK(applied.ok() && *applied);
  }
  BEEFLOW_CHECK(transaction->Commit().ok());
}

RunKey SeededDatabase::AddRun(const std::string& run_id, const std::string& date, RunState state,
                              TaskState task_state) {
  const auto dag = *(*OpenCatalog())->Model("etl");
  RunRecord run;
  run.key = {"etl", run_id};
  run.logical_date = *ParseTime(date);
  run.interval = DataInterval{run.logical_date, run.logical_date + std::chrono::hours(24)};
  run.queued_at = Then();
  std::vector<Transition> transitions = {CreateRun{run}, CreateTasks{run.key, dag, {0, 1, 2}}};
  if (state != RunState::kQueued) {
    transitions.push_back(
        ChangeRun{run.key, RunState::kQueued, state, Then(),
                  IsFinished(state) ? std::optional(Then() + Seconds(10)) : std::nullopt, ""});
  }
  for (const Task& task : dag->tasks) {
    ChangeTask change;
    change.run = run.key;
    change.dag = dag;
    change.task_id = task.id;
    change.to = task_state;
    change.try_number = 1;
    change.start_date = Then() + Seconds(1);
    if (IsFinished(task_state)) change.end_date = Then() + Seconds(2.5);
    if (task_state != TaskState::kNone) transitions.emplace_back(change);
  }
  Apply(transitions);
  return run.key;
}

void SeededDatabase::EndRun(const RunKey& run, RunState state) {
  const auto before = (*OpenCatalog())->Run(run);
  Apply({ChangeRun{run, before->state, state, Then(), Then() + Seconds(10), ""}});
}

}  // namespace beeflow
