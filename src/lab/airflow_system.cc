#include "lab/airflow_system.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "lab/airflow_export.h"
#include "lab/airflow_rows.h"

namespace beeflow {
namespace {

constexpr const char* kFolder = "beeflow-lab";
constexpr const char* kPool = "/pools/default_pool";
constexpr const char* kRunPrefix = "lab__";

// The last line of a traceback is what it says.
std::string LastLine(const std::string& text) {
  const size_t end = text.find_last_not_of("\n ");
  if (end == std::string::npos) return "";
  const size_t before = text.rfind('\n', end);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  return text.substr(begin, end - begin + 1);
}

std::string RunIdOf(const Json& run) { return run.value("dag_run_id", ""); }

// A colon in a folder's name would not survive every file system that buckets are copied to.
std::string FolderFor(const std::string& system) {
  std::string folder = std::string(kFolder) + "/" + system;
  std::replace(folder.begin(), folder.end(), ':', '_');
  return folder;
}

}  // namespace

AirflowSystem::AirflowSystem(const Controller& controller, const Experiment& experiment,
                             std::unique_ptr<AirflowApi> api, std::unique_ptr<BlobStore> files)
    : controller_(controller),
      experiment_(experiment),
      api_(std::move(api)),
      files_(std::move(files)),
      folder_(FolderFor(SystemName(controller, experiment))) {}

Status AirflowSystem::Start() {
  BEEFLOW_ASSIGN_OR_RETURN(version_, api_->Connect());
  for (const std::string& dag_id : experiment_.dag_ids) {
    if (files_) BEEFLOW_RETURN_IF_ERROR(CheckIsNew(dag_id));
    BEEFLOW_RETURN_IF_ERROR(NoteFormerRuns(dag_id));
  }
  return Ok();
}

// Two files with the same DAG would take turns.
Status AirflowSystem::CheckIsNew(const std::string& dag_id) {
  const auto dag = api_->Get(DagPath(dag_id));
  if (!dag.ok()) return dag.error().code == ErrorCode::kNotFound ? Ok() : Status(dag.error());
  const std::string file = dag->value("fileloc", "");
  const bool is_active = dag->value("is_active", Json(true)) != false;
  if (!is_active || file.find(folder_ + "/") != std::string::npos) return Ok();
  return Conflict(
      fmt::format("{}: the DAG {} is there already, from {}; leave publish_to out to run "
                  "that one",
                  controller_.id, dag_id, file));
}

// Runs that an interrupted trial has left are deleted; others are remembered, as the end of what
// Runs reads.
Status AirflowSystem::NoteFormerRuns(const std::string& dag_id) {
  const auto page = api_->Get(DagPath(dag_id) + "/dagRuns?order_by=-id&limit=100");
  if (!page.ok()) return page.error().code == ErrorCode::kNotFound ? Ok() : Status(page.error());
  for (const Json& run : page->value("dag_runs", Json::array())) {
    const std::string run_id = RunIdOf(run);
    if (run_id.starts_with(kRunPrefix)) {
      BEEFLOW_RETURN_IF_ERROR(api_->Delete(RunPath({dag_id, run_id})));
    } else {
      former_runs_[dag_id].insert(run_id);
    }
  }
  return Ok();
}

Status AirflowSystem::PublishFile(const std::string& path, const std::string& name) {
  const std::string key = folder_ + "/" + name;
  published_.push_back(key);
  return files_->Put(key, path);
}

Status AirflowSystem::Publish() {
  namespace fs = std::filesystem;
  if (!files_) return Ok();
  const fs::path from = experiment_.dags_path;
  std::error_code failed;
  if (!fs::is_directory(from, failed)) return PublishFile(from, from.filename());
  fs::recursive_directory_iterator entries(from, failed);
  for (; !failed && entries != fs::recursive_directory_iterator(); entries.increment(failed)) {
    if (entries->path().filename() == "__pycache__") entries.disable_recursion_pending();
    if (!entries->is_regular_file(failed)) continue;
    const std::string name = entries->path().lexically_relative(from);
    BEEFLOW_RETURN_IF_ERROR(PublishFile(entries->path(), name));
  }
  return failed ? Status(Unavailable("cannot read " + from.string() + ": " + failed.message()))
                : Ok();
}

Result<bool> AirflowSystem::IsThere(const std::string& dag_id) {
  const auto dag = api_->Get(DagPath(dag_id));
  if (!dag.ok() && dag.error().code == ErrorCode::kNotFound) return false;
  if (!dag.ok()) return dag.error();
  return dag->value("is_active", Json(true)) != false;
}

Result<std::vector<std::string>> AirflowSystem::MissingDags() {
  std::vector<std::string> missing;
  for (const std::string& dag_id : experiment_.dag_ids) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool is_there, IsThere(dag_id));
    if (!is_there) missing.push_back(dag_id);
  }
  if (missing.empty() || !files_) return missing;
  BEEFLOW_ASSIGN_OR_RETURN(const Json errors, api_->GetAll("/importErrors", "import_errors"));
  for (const Json& error : errors) {
    const std::string file = error.value("filename", "");
    if (file.find(folder_ + "/") == std::string::npos) continue;
    return Invalid(fmt::format("{}: the DAG file {} cannot be imported: {}", controller_.id, file,
                               LastLine(error.value("stack_trace", ""))));
  }
  return missing;
}

Status AirflowSystem::SetPoolSlots(int slots) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json pool, api_->Get(kPool));
  if (!former_slots_) former_slots_ = pool.value("slots", slots);
  BEEFLOW_RETURN_IF_ERROR(api_->Patch(std::string(kPool) + "?update_mask=slots",
                                      {{"name", "default_pool"}, {"slots", slots}}));
  return Ok();
}

Status AirflowSystem::SetPaused(const std::string& dag_id, bool paused) {
  if (!were_paused_.contains(dag_id)) {
    BEEFLOW_ASSIGN_OR_RETURN(const Json dag, api_->Get(DagPath(dag_id)));
    were_paused_[dag_id] = dag.value("is_paused", Json(true)) != false;
  }
  BEEFLOW_RETURN_IF_ERROR(
      api_->Patch(DagPath(dag_id) + "?update_mask=is_paused", {{"is_paused", paused}}));
  return Ok();
}

Status AirflowSystem::Trigger(const RunKey& run) {
  triggered_.push_back(run);
  const auto made = api_->Post(DagPath(run.dag_id) + "/dagRuns",
                               {{"dag_run_id", run.run_id}, {"conf", Json::object()}});
  if (made.ok()) return Ok();
  if (made.error().code != ErrorCode::kConflict) return made.error();
  // An answer that was lost, after which it was tried again?
  BEEFLOW_RETURN_IF_ERROR(api_->Get(RunPath(run)));
  return Ok();
}

Result<Json> AirflowSystem::RunsOf(const std::string& dag_id) {
  const std::set<std::string>& former = former_runs_[dag_id];
  BEEFLOW_ASSIGN_OR_RETURN(
      Json runs, api_->GetAll(DagPath(dag_id) + "/dagRuns?order_by=-id", "dag_runs",
                              [&](const Json& run) { return former.contains(RunIdOf(run)); }));
  if (!runs.empty() && former.contains(RunIdOf(runs.back()))) runs.erase(runs.size() - 1);
  return runs;
}

Result<std::vector<RunRecord>> AirflowSystem::Runs() {
  std::vector<RunRecord> records;
  for (const std::string& dag_id : experiment_.dag_ids) {
    BEEFLOW_ASSIGN_OR_RETURN(const Json runs, RunsOf(dag_id));
    for (const Json& run : runs) {
      BEEFLOW_ASSIGN_OR_RETURN(RunRecord record, ReadAirflowRun(run));
      records.push_back(std::move(record));
    }
  }
  std::stable_sort(records.begin(), records.end(), [](const RunRecord& a, const RunRecord& b) {
    return a.logical_date < b.logical_date;
  });
  return records;
}

Result<std::unique_ptr<ExportSource>> AirflowSystem::Export() {
  std::vector<Json> all;
  for (const std::string& dag_id : experiment_.dag_ids) {
    BEEFLOW_ASSIGN_OR_RETURN(const Json runs, RunsOf(dag_id));
    all.insert(all.end(), runs.rbegin(), runs.rend());
  }
  return std::unique_ptr<ExportSource>(
      std::make_unique<AirflowExport>(api_.get(), experiment_.dag_ids, std::move(all)));
}

Status AirflowSystem::DeleteRuns() {
  Status outcome;
  for (const RunKey& run : triggered_) {
    const Status deleted = api_->Delete(RunPath(run));
    if (outcome.ok()) outcome = deleted;
  }
  triggered_.clear();
  return outcome;
}

Status AirflowSystem::DeleteFiles() {
  Status outcome;
  for (const std::string& key : published_) {
    const Status deleted = files_->Delete(key);
    if (outcome.ok()) outcome = deleted;
  }
  published_.clear();
  return outcome;
}

Status AirflowSystem::Delete() {
  const bool published = !published_.empty();
  std::vector<Status> outcomes;
  for (const auto& [dag_id, was_paused] : std::exchange(were_paused_, {})) {
    // What the lab has brought is to rest until it is gone.
    const Json state = {{"is_paused", was_paused || published}};
    const auto paused = api_->Patch(DagPath(dag_id) + "?update_mask=is_paused", state);
    const bool gone = !paused.ok() && paused.error().code == ErrorCode::kNotFound;
    outcomes.push_back(paused.ok() || gone ? Ok() : Status(paused.error()));
  }
  outcomes.push_back(DeleteRuns());
  outcomes.push_back(DeleteFiles());
  if (published) {
    for (const std::string& dag_id : experiment_.dag_ids) {
      outcomes.push_back(api_->Delete(DagPath(dag_id)));
    }
  }
  if (const auto slots = std::exchange(former_slots_, std::nullopt)) {
    const auto set = api_->Patch(std::string(kPool) + "?update_mask=slots",
                                 {{"name", "default_pool"}, {"slots", *slots}});
    outcomes.push_back(set.ok() ? Ok() : Status(set.error()));
  }
  const auto failed = std::find_if(outcomes.begin(), outcomes.end(),
                                   [](const Status& status) { return !status.ok(); });
  return failed == outcomes.end() ? Ok() : *failed;
}

}  // namespace beeflow
