#include "cli/session.h"

#include "config/nearest_name.h"

namespace beeflow {

Result<Config*> Session::config() {
  if (!config_) {
    BEEFLOW_ASSIGN_OR_RETURN(config_, Config::Load(environment_.variables));
  }
  return &*config_;
}

Status Session::ConnectTo(const std::string& url, const std::string& token) {
  BEEFLOW_ASSIGN_OR_RETURN(remote_, environment_.open_remote(url, token));
  return Ok();
}

Result<Catalog*> Session::catalog() {
  if (remote_) return remote_->catalog.get();
  if (!catalog_) {
    BEEFLOW_ASSIGN_OR_RETURN(Config * config, this->config());
    BEEFLOW_ASSIGN_OR_RETURN(catalog_, environment_.open_catalog(*config));
  }
  return catalog_.get();
}

Result<SecretStore*> Session::secrets() {
  if (remote_) return remote_->secrets.get();
  if (!secrets_) {
    BEEFLOW_ASSIGN_OR_RETURN(Config * config, this->config());
    BEEFLOW_ASSIGN_OR_RETURN(secrets_, environment_.open_secrets(*config));
  }
  return secrets_.get();
}

Result<UserStore*> Session::users() {
  if (!users_) {
    BEEFLOW_ASSIGN_OR_RETURN(Config * config, this->config());
    BEEFLOW_ASSIGN_OR_RETURN(users_, environment_.open_users(*config));
  }
  return users_.get();
}

Result<std::unique_ptr<DatabaseAdmin>> Session::OpenAdmin() {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, this->config());
  return environment_.open_admin(*config);
}

Result<std::unique_ptr<ExportSource>> Session::OpenExport() {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, this->config());
  return environment_.open_export(*config);
}

Status Session::Confirm(const std::string& question, bool yes) {
  if (yes) return Ok();
  if (!environment_.in_is_terminal) {
    return Invalid("this needs a confirmation, and the input is not a terminal; repeat with --yes");
  }
  err() << question << " (y/n) " << std::flush;
  std::string answer;
  std::getline(*environment_.in, answer);
  for (const char* accepted : {"y", "Y", "yes", "Yes", "YES"}) {
    if (answer == accepted) return Ok();
  }
  return Conflict("cancelled; nothing was changed");
}

Status Session::Audit(const std::string& event, const RunKey& run, const std::string& task_id,
                      const std::string& extra) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, this->catalog());
  AuditEntry entry;
  entry.when = Now();
  entry.dag_id = run.dag_id;
  entry.run_id = run.run_id;
  entry.task_id = task_id;
  entry.event = event;
  entry.owner = environment_.user;
  entry.extra = extra;
  return catalog->Audit(entry);
}

Result<DagInfo> FindDag(Catalog* catalog, const std::string& dag_id) {
  auto dag = catalog->Dag(dag_id);
  if (dag.ok() || dag.error().code != ErrorCode::kNotFound) return dag;
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<DagInfo> dags, catalog->Dags(false));
  std::vector<std::string> ids;
  for (const DagInfo& info : dags) ids.push_back(info.record.dag_id);
  std::string hint = DidYouMean(dag_id, ids);
  if (hint.empty()) hint = "; 'beeflow dags list' shows all DAGs";
  return NotFound("there is no DAG '" + dag_id + "'" + hint);
}

Result<std::shared_ptr<const Dag>> FindModel(Catalog* catalog, const std::string& dag_id) {
  BEEFLOW_RETURN_IF_ERROR(FindDag(catalog, dag_id));
  return catalog->Model(dag_id);
}

Result<RunRecord> FindRun(Catalog* catalog, const std::string& dag_id,
                          const std::string& run_id_or_date) {
  BEEFLOW_RETURN_IF_ERROR(FindDag(catalog, dag_id));
  auto by_id = catalog->Run({dag_id, run_id_or_date});
  if (by_id.ok() || by_id.error().code != ErrorCode::kNotFound) return by_id;
  if (const auto date = ParseTime(run_id_or_date); date.ok()) {
    RunFilter filter;
    filter.dag_id = dag_id;
    filter.logical_date_from = filter.logical_date_to = *date;
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, catalog->Runs(filter));
    if (!runs.empty()) return runs.front();
  }
  return NotFound("DAG '" + dag_id + "' has no run with the id or logical date '" + run_id_or_date +
                  "'; 'beeflow dags list-runs -d " + dag_id + "' shows its runs");
}

Status CheckTask(const Dag& dag, const std::string& task_id) {
  if (dag.Find(task_id)) return Ok();
  std::vector<std::string> ids;
  for (const Task& task : dag.tasks) ids.push_back(task.id);
  std::string hint = DidYouMean(task_id, ids);
  if (hint.empty()) hint = "; 'beeflow tasks list " + dag.id + "' shows its tasks";
  return NotFound("DAG '" + dag.id + "' has no task '" + task_id + "'" + hint);
}

Result<Time> ParseDate(const std::string& option, const std::string& text) {
  auto time = ParseTime(text);
  if (time.ok()) return time;
  return Invalid(option + ": " + time.error().message);
}

Result<std::optional<Time>> ParseOptionalDate(const std::string& option, const std::string& text) {
  if (text.empty()) return std::optional<Time>();
  BEEFLOW_ASSIGN_OR_RETURN(const Time time, ParseDate(option, text));
  return std::optional<Time>(time);
}

Result<std::string> ParseConf(const std::string& option, const std::string& text) {
  if (text.empty()) return std::string("{}");
  auto json = ParseJson(text);
  if (!json.ok()) return Invalid(option + ": " + json.error().message);
  if (!json->is_object()) {
    return Invalid(option + ": '" + text + R"(' must be a JSON object such as {"key": "value"})");
  }
  return DumpJson(*json);
}

Status RefreshDag(Session& session, const std::string& dag_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(const bool server_runs, session.environment().server_runs(*config));
  return server_runs ? Ok() : session.environment().refresh_dags(*config, dag_id);
}

Result<RunRecord> MakeManualRun(Session& session, const DagInfo& dag, ManualRun request) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, session.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(const auto model, catalog->Model(dag.record.dag_id));
  if (!request.logical_date) request.logical_date = session.Now();
  // What is wrong with the request is told before anybody's code is asked.
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, NewManualRun(*model, request, session.Now()));
  if (run.interval || session.is_remote()) return run;  // a server asks for itself
  BEEFLOW_ASSIGN_OR_RETURN(Config * config, session.config());
  BEEFLOW_ASSIGN_OR_RETURN(run.interval, session.environment().ask_manual_interval(
                                             *config, {dag.record.dag_id, dag.record.file,
                                                       dag.record.dag_hash, run.logical_date}));
  return run;
}

Result<std::vector<RunRecord>> AllRuns(Catalog* catalog, RunFilter filter) {
  std::vector<RunRecord> all;
  filter.limit = 1000;
  while (true) {
    filter.offset = static_cast<int64_t>(all.size());
    BEEFLOW_ASSIGN_OR_RETURN(std::vector<RunRecord> page, catalog->Runs(filter));
    all.insert(all.end(), page.begin(), page.end());
    if (page.size() < static_cast<size_t>(filter.limit)) return all;
  }
}

}  // namespace beeflow
