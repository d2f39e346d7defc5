#include "remote/remote_catalog.h"

#include <algorithm>
#include <set>
#include <utility>

#include "remote/api_records.h"

namespace beeflow {
namespace {

std::string DagPath(const std::string& dag_id) { return "/dags/" + EncodeUrlPart(dag_id); }

std::string RunPath(const RunKey& run) {
  return DagPath(run.dag_id) + "/dagRuns/" + EncodeUrlPart(run.run_id);
}

std::string TaskPath(const RunKey& run, const std::string& task_id) {
  return RunPath(run) + "/taskInstances/" + EncodeUrlPart(task_id);
}

std::string RunsPath(const RunFilter& filter) {
  std::string path = DagPath(filter.dag_id.value_or("~")) + "/dagRuns?order_by=";
  path += filter.newest_first ? "-execution_date" : "execution_date";
  for (const RunState state : filter.states) path += "&state=" + std::string(ToString(state));
  const auto add = [&](const char* name, const std::optional<Time>& time) {
    if (time) path += std::string("&") + name + "=" + EncodeUrlPart(FormatIso(*time));
  };
  add("execution_date_gte", filter.logical_date_from);
  add("execution_date_lte", filter.logical_date_to);
  return path;
}

constexpr const char* kBackfills = "/api/v2/backfills";

std::string BackfillPath(int64_t id, const char* verb = "") {
  return kBackfills + ("/" + std::to_string(id)) + verb;
}

Result<Json> BackfillBody(const BackfillOrder& order) {
  Json body = {{"dag_id", order.dag_id},
               {"from_date", FormatIso(order.from)},
               {"to_date", FormatIso(order.to)},
               {"run_backwards", order.backwards},
               {"reprocess_behavior", ToString(order.reprocess)},
               {"max_active_runs", order.max_active_runs}};
  if (order.conf) {
    BEEFLOW_ASSIGN_OR_RETURN(body["dag_run_conf"], ParseJson(*order.conf));
  }
  return body;
}

bool IsSelected(const TaskSelection& selection, const TaskRecord& task) {
  const bool named = selection.tasks.empty() ||
                     std::find(selection.tasks.begin(), selection.tasks.end(), task.task_id) !=
                         selection.tasks.end();
  const bool failed = task.state == TaskState::kFailed || task.state == TaskState::kUpstreamFailed;
  return named && (!selection.map_index || *selection.map_index == task.map_index) &&
         (!selection.only_failed || failed) &&
         (!selection.only_running || task.state == TaskState::kRunning);
}

}  // namespace

Result<std::vector<DagInfo>> RemoteCatalog::Dags(bool only_active) {
  const std::string path = std::string("/dags?only_active=") + (only_active ? "true" : "false");
  BEEFLOW_ASSIGN_OR_RETURN(const Json list, api_->GetAll(path, "dags"));
  return ListFromApi(list, DagFromApi);
}

Result<DagInfo> RemoteCatalog::Dag(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json json, api_->Get(DagPath(dag_id)));
  return DagFromApi(json);
}

Result<std::shared_ptr<const beeflow::Dag>> RemoteCatalog::Model(const std::string& dag_id) {
  auto& model = models_[dag_id];
  if (model) return model;
  BEEFLOW_ASSIGN_OR_RETURN(const Json json, api_->Get(DagPath(dag_id) + "/serialized"));
  BEEFLOW_ASSIGN_OR_RETURN(model, DagFromJson(json));
  return model;
}

Result<std::string> RemoteCatalog::SerializedDag(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json json, api_->Get(DagPath(dag_id) + "/serialized"));
  return DumpJson(json);
}

Result<std::string> RemoteCatalog::Source(const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json json, api_->Get(DagPath(dag_id)));
  return api_->GetText("/dagSources/" + EncodeUrlPart(json.value("file_token", dag_id)));
}

Result<std::vector<RunRecord>> RemoteCatalog::Runs(const RunFilter& filter) {
  if (filter.run_id) {
    return Invalid("the API of a server finds no runs by their id alone; name the DAG too");
  }
  BEEFLOW_ASSIGN_OR_RETURN(
      const Json list, api_->GetList(RunsPath(filter), "dag_runs", filter.limit, filter.offset));
  return ListFromApi(list, RunFromApi);
}

Result<int64_t> RemoteCatalog::CountRuns(const RunFilter& filter) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json page, api_->Get(RunsPath(filter) + "&limit=0"));
  return page.value("total_entries", int64_t{0});
}

Result<RunRecord> RemoteCatalog::Run(const RunKey& run) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json json, api_->Get(RunPath(run)));
  return RunFromApi(json);
}

Result<std::vector<TaskInfo>> RemoteCatalog::Tasks(const RunKey& run) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json list,
                           api_->GetAll(RunPath(run) + "/taskInstances", "task_instances"));
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<TaskInfo> tasks, ListFromApi(list, TaskFromApi));
  const auto dag = Model(run.dag_id);
  if (!dag.ok()) return tasks;  // Their names must do for an order.
  const auto place = [&](const TaskInfo& task) {
    const auto index = (*dag)->Find(task.record.task_id);
    return index ? static_cast<size_t>(*index) : (*dag)->tasks.size();
  };
  std::stable_sort(tasks.begin(), tasks.end(),
                   [&](const TaskInfo& a, const TaskInfo& b) { return place(a) < place(b); });
  return tasks;
}

Result<TaskInfo> RemoteCatalog::Task(const RunKey& run, const std::string& task_id, int map_index) {
  std::string path = TaskPath(run, task_id);
  if (map_index >= 0) path += "/" + std::to_string(map_index);
  BEEFLOW_ASSIGN_OR_RETURN(const Json json, api_->Get(path));
  return TaskFromApi(json);
}

Result<std::vector<AttemptInfo>> RemoteCatalog::Attempts(const RunKey&) {
  return Invalid("attempts are shown only on the server's own machine");
}

Result<std::vector<ImportErrorInfo>> RemoteCatalog::ImportErrors() {
  BEEFLOW_ASSIGN_OR_RETURN(const Json list, api_->GetAll("/importErrors", "import_errors"));
  return ListFromApi(list, ImportErrorFromApi);
}

Result<std::vector<PoolInfo>> RemoteCatalog::Pools() {
  BEEFLOW_ASSIGN_OR_RETURN(const Json list, api_->GetAll("/pools", "pools"));
  return ListFromApi(list, PoolFromApi);
}

Result<std::vector<AuditEntry>> RemoteCatalog::AuditLog(const std::optional<std::string>& dag_id,
                                                        int64_t limit) {
  std::string path = "/eventLogs?order_by=-event_log_id";
  if (dag_id) path += "&dag_id=" + EncodeUrlPart(*dag_id);
  BEEFLOW_ASSIGN_OR_RETURN(const Json list, api_->GetList(path, "event_logs", limit, 0));
  return ListFromApi(list, AuditEntryFromApi);
}

Result<std::map<std::string, std::string>> RemoteCatalog::XComs(const RunKey& run,
                                                                const std::string& task_id,
                                                                int map_index) {
  const std::string path = TaskPath(run, task_id) + "/xcomEntries";
  const std::string query = "?map_index=" + std::to_string(map_index);
  BEEFLOW_ASSIGN_OR_RETURN(const Json list, api_->GetAll(path + query, "xcom_entries"));
  std::map<std::string, std::string> values;
  for (const Json& entry : list) {
    const std::string key = entry.value("key", "");
    BEEFLOW_ASSIGN_OR_RETURN(const Json xcom, api_->Get(path + "/" + EncodeUrlPart(key) + query));
    values[key] = DumpJson(xcom.value("value", Json()));
  }
  return values;
}

Status RemoteCatalog::SetPaused(const std::string& dag_id, bool paused) {
  BEEFLOW_RETURN_IF_ERROR(
      api_->Patch(DagPath(dag_id) + "?update_mask=is_paused", {{"is_paused", paused}}));
  return Ok();
}

Result<RunRecord> RemoteCatalog::CreateRun(const RunRecord& run) {
  Json body = {{"dag_run_id", run.key.run_id}, {"logical_date", FormatIso(run.logical_date)}};
  BEEFLOW_ASSIGN_OR_RETURN(body["conf"], ParseJson(run.conf.empty() ? "{}" : run.conf));
  if (run.interval) {
    body["data_interval_start"] = FormatIso(run.interval->start);
    body["data_interval_end"] = FormatIso(run.interval->end);
  }
  BEEFLOW_ASSIGN_OR_RETURN(const Json made, api_->Post(DagPath(run.key.dag_id) + "/dagRuns", body));
  return RunFromApi(made);
}

Result<std::vector<BackfillInfo>> RemoteCatalog::Backfills(const BackfillFilter& filter) {
  if (!filter.dag_id) return Invalid("the API of a server lists the backfills of one DAG; name it");
  const std::string path = std::string(kBackfills) + "?dag_id=" + EncodeUrlPart(*filter.dag_id) +
                           "&order_by=" + (filter.newest_first ? "-id" : "id");
  BEEFLOW_ASSIGN_OR_RETURN(const Json list, api_->GetAll(path, "backfills"));
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<BackfillInfo> all, ListFromApi(list, BackfillFromApi));
  if (filter.only_active) {
    std::erase_if(all, [](const BackfillInfo& info) { return info.completed_at.has_value(); });
  }
  const auto size = static_cast<int64_t>(all.size());
  const int64_t first = std::min(filter.offset, size);
  const int64_t last = std::min(first + filter.limit, size);
  return std::vector<BackfillInfo>(all.begin() + first, all.begin() + last);
}

Result<int64_t> RemoteCatalog::CountBackfills(const BackfillFilter& filter) {
  BackfillFilter all = filter;
  all.limit = INT32_MAX;
  all.offset = 0;
  BEEFLOW_ASSIGN_OR_RETURN(const auto backfills, Backfills(all));
  return static_cast<int64_t>(backfills.size());
}

Result<BackfillInfo> RemoteCatalog::Backfill(int64_t id) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json json, api_->Get(BackfillPath(id)));
  return BackfillFromApi(json);
}

Result<std::vector<Time>> RemoteCatalog::DryRunBackfill(const BackfillOrder& order, Time) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, BackfillBody(order));
  BEEFLOW_ASSIGN_OR_RETURN(const Json answer,
                           api_->Post(std::string(kBackfills) + "/dry_run", body));
  std::vector<Time> dates;
  for (const Json& run : answer.value("backfills", Json::array())) {
    BEEFLOW_ASSIGN_OR_RETURN(const Time date, ParseTime(run.value("logical_date", "")));
    dates.push_back(date);
  }
  return dates;
}

Result<BackfillInfo> RemoteCatalog::CreateBackfill(const BackfillOrder& order, Time) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, BackfillBody(order));
  BEEFLOW_ASSIGN_OR_RETURN(const Json made, api_->Post(kBackfills, body));
  return BackfillFromApi(made);
}

Status RemoteCatalog::SetBackfillPaused(int64_t id, bool paused, Time) {
  BEEFLOW_RETURN_IF_ERROR(api_->Put(BackfillPath(id, paused ? "/pause" : "/unpause")));
  return Ok();
}

Status RemoteCatalog::CancelBackfill(int64_t id, Time) {
  BEEFLOW_RETURN_IF_ERROR(api_->Put(BackfillPath(id, "/cancel")));
  return Ok();
}

Status RemoteCatalog::DeleteDag(const std::string& dag_id) { return api_->Delete(DagPath(dag_id)); }

Status RemoteCatalog::DeleteRun(const RunKey& run) { return api_->Delete(RunPath(run)); }

// The task instances that were cleared, or would be.
Result<Json> RemoteCatalog::AskToClear(const ClearSelection& selection, const std::string& run_id,
                                       bool dry_run) {
  if (selection.map_index) {
    return Invalid(
        "--map-index: the API of a server clears all instances of a mapped task; clear "
        "one on the server's own machine");
  }
  Json body = {{"dry_run", dry_run},
               {"dag_run_id", run_id},
               {"only_failed", selection.only_failed},
               {"only_running", selection.only_running},
               {"reset_dag_runs", selection.requeue_runs}};
  if (!selection.tasks.empty()) body["task_ids"] = selection.tasks;
  for (const auto& [task_id, map_index] : selection.instances) {
    body["task_ids"].push_back(Json::array({task_id, map_index}));
  }
  BEEFLOW_ASSIGN_OR_RETURN(const Json answer,
                           api_->Post(DagPath(selection.dag_id) + "/clearTaskInstances", body));
  return answer.value("task_instances", Json::array());
}

Result<std::vector<ClearedTask>> RemoteCatalog::Clear(const ClearSelection& selection) {
  std::vector<ClearedTask> cleared;
  for (const std::string& run_id : selection.runs) {
    BEEFLOW_ASSIGN_OR_RETURN(const Json tasks, AskToClear(selection, run_id, false));
    for (const Json& task : tasks) {
      cleared.push_back({run_id, task.value("task_id", ""), -1, TaskState::kNone});
    }
  }
  return cleared;
}

// The answer tells no states and no map indices; the list of task instances does.
Result<std::vector<ClearedTask>> RemoteCatalog::Clearable(const ClearSelection& selection) {
  std::vector<ClearedTask> found;
  for (const std::string& run_id : selection.runs) {
    BEEFLOW_ASSIGN_OR_RETURN(const Json clearable, AskToClear(selection, run_id, true));
    if (clearable.empty()) continue;
    std::set<std::string> names;
    for (const Json& task : clearable) names.insert(task.value("task_id", ""));
    BEEFLOW_ASSIGN_OR_RETURN(const auto tasks, Tasks({selection.dag_id, run_id}));
    for (const TaskInfo& task : tasks) {
      const TaskRecord& record = task.record;
      if (!names.contains(record.task_id)) continue;
      found.push_back({run_id, record.task_id, record.map_index, record.state});
    }
  }
  return found;
}

Result<int64_t> RemoteCatalog::SetTaskState(const TaskSelection& selection, TaskState state, Time) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto tasks, Tasks(selection.run));
  int64_t changed = 0;
  for (const TaskInfo& task : tasks) {
    const TaskRecord& record = task.record;
    if (record.state == state || !IsSelected(selection, record)) continue;
    std::string path = TaskPath(selection.run, record.task_id);
    if (record.map_index >= 0) path += "/" + std::to_string(record.map_index);
    BEEFLOW_RETURN_IF_ERROR(
        api_->Patch(path, {{"dry_run", false}, {"new_state", ToString(state)}}));
    ++changed;
  }
  return changed;
}

Status RemoteCatalog::SetRunState(const RunKey& run, RunState state, Time) {
  BEEFLOW_RETURN_IF_ERROR(api_->Patch(RunPath(run), {{"state", ToString(state)}}));
  return Ok();
}

Status RemoteCatalog::SetRunNote(const RunKey& run, const std::string& note, Time) {
  BEEFLOW_RETURN_IF_ERROR(api_->Patch(RunPath(run) + "/setNote", {{"note", note}}));
  return Ok();
}

Status RemoteCatalog::SetTaskNote(const RunKey& run, const std::string& task_id, int map_index,
                                  const std::string& note, Time) {
  std::string path = TaskPath(run, task_id);
  if (map_index >= 0) path += "/" + std::to_string(map_index);
  BEEFLOW_RETURN_IF_ERROR(api_->Patch(path + "/setNote", {{"note", note}}));
  return Ok();
}

Status RemoteCatalog::SetPool(const PoolInfo& pool) {
  const Json body = {{"name", pool.record.name},
                     {"slots", pool.record.slots},
                     {"description", pool.description},
                     {"include_deferred", pool.include_deferred}};
  const auto made = api_->Post("/pools", body);
  if (made.ok()) return Ok();
  if (made.error().code != ErrorCode::kConflict) return made.error();
  const bool is_default = pool.record.name == "default_pool";
  BEEFLOW_RETURN_IF_ERROR(api_->Patch("/pools/" + EncodeUrlPart(pool.record.name) +
                                          (is_default ? "?update_mask=slots,include_deferred" : ""),
                                      body));
  return Ok();
}

Status RemoteCatalog::DeletePool(const std::string& name) {
  return api_->Delete("/pools/" + EncodeUrlPart(name));
}

Status RemoteCatalog::Audit(const AuditEntry&) { return Ok(); }

Result<std::string> RemoteCatalog::Log(const TaskRecord& task, int try_number) {
  std::string path = TaskPath(task.run, task.task_id) + "/logs/" + std::to_string(try_number);
  if (task.map_index >= 0) path += "?map_index=" + std::to_string(task.map_index);
  return api_->GetText(path);
}

}  // namespace beeflow
