#include "main/local_system.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "main/database.h"
#include "main/end_worker.h"
#include "main/processes.h"
#include "main/resources.h"
#include "os/delay_timer.h"
#include "os/lock_file.h"
#include "os/process.h"
#include "ports/manual_run.h"

namespace beeflow {
namespace {

constexpr Duration kServerEndLimit = std::chrono::seconds(30);
constexpr Duration kPoll = std::chrono::milliseconds(200);
constexpr size_t kLogLinesTold = 5;
// Of cold experiments: the hops of a run do not outlast it, what is between runs does.
constexpr const char* kColdKeepAlive = "1";

std::string LogPath(const std::string& home) { return home + "/server.log"; }

Variables WithoutSettings(Variables variables) {
  std::erase_if(variables, [](const auto& variable) {
    return variable.first.starts_with("BEEFLOW__") || variable.first.starts_with("AIRFLOW__") ||
           variable.first == "BEEFLOW_HOME" || variable.first == "AIRFLOW_HOME";
  });
  return variables;
}

std::string UpperCase(std::string text) {
  for (char& c : text) c = (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// Beside its place first, so that nobody reads half a file.
Status CopyFile(const std::filesystem::path& from, const std::filesystem::path& to,
                const std::filesystem::path& temporary) {
  std::error_code failed;
  std::filesystem::create_directories(to.parent_path(), failed);
  std::filesystem::copy_file(from, temporary, std::filesystem::copy_options::overwrite_existing,
                             failed);
  if (!failed) std::filesystem::rename(temporary, to, failed);
  if (!failed) return Ok();
  return Unavailable("cannot copy " + from.string() + " to " + to.string() + ": " +
                     failed.message());
}

// The last line of a traceback is what it says.
std::string LastLine(const std::string& text) {
  const size_t end = text.find_last_not_of("\n ");
  if (end == std::string::npos) return "";
  const size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

}  // namespace

LocalSystem::LocalSystem(const Controller& controller, const Experiment& experiment,
                         Variables variables, LabClock* clock)
    : controller_(controller),
      experiment_(experiment),
      variables_(WithoutSettings(std::move(variables))),
      clock_(*clock) {}

LocalSystem::~LocalSystem() { (void)Delete(); }

Duration LocalSystem::poll_interval() const { return kPoll; }

std::string LocalSystem::version() const { return std::string("Beeflow ") + BEEFLOW_VERSION; }

// By the name of the variable that gives it.
std::map<std::string, std::string> LocalSystem::Settings() const {
  LabSettings settings = {
      {{"webserver", "web_server_port"}, "0"},
      {{"scheduler", "use_job_schedule"}, experiment_.period ? "False" : "True"},
      {{"logging", "logging_level"}, "INFO"}};
  if (controller_.type == ControllerType::kMwaa) {
    settings[{"pool_executor", "time_scale"}] =
        fmt::format("{}", controller_.pool_model.time_scale);
  } else if (experiment_.start == StartKind::kCold) {
    settings[{"worker", "keep_alive_seconds"}] = kColdKeepAlive;
  }
  for (const LabSettings* given : {&controller_.settings, &experiment_.settings}) {
    for (const auto& [name, value] : *given) settings[name] = value;
  }
  std::map<std::string, std::string> variables;
  for (const auto& [name, value] : settings) {
    variables["BEEFLOW__" + UpperCase(name.first) + "__" + UpperCase(name.second)] = value;
  }
  return variables;
}

Result<Config> LocalSystem::MakeConfig() const {
  Variables variables = variables_;
  variables["BEEFLOW_HOME"] = home_->path();
  for (const auto& [name, value] : Settings()) variables[name] = value;
  return Config::Load(variables);
}

Status LocalSystem::Start() {
  home_ = std::make_unique<TemporaryFolder>("beeflow-lab");
  if (home_->path().empty()) return Unavailable("cannot create a folder for temporary files");
  std::error_code failed;
  std::filesystem::create_directories(home_->path() + "/dags", failed);
  BEEFLOW_ASSIGN_OR_RETURN(config_, MakeConfig());
  BEEFLOW_ASSIGN_OR_RETURN(catalog_, OpenCatalog(*config_));
  return StartServer();
}

Status LocalSystem::StartServer() {
  SpawnRequest request;
  request.argv = {ExecutablePath(), "standalone", "--until-eof", "--system",
                  std::string(ToString(controller_.type))};
  if (controller_.type == ControllerType::kMwaa) {
    const PoolModel& model = controller_.pool_model;
    request.argv.insert(request.argv.end(),
                        {"--min-workers", std::to_string(model.min_workers), "--max-workers",
                         std::to_string(model.max_workers), "--tasks-per-worker",
                         std::to_string(model.tasks_per_worker)});
  }
  request.environment.emplace();
  Variables variables = variables_;
  variables["BEEFLOW_HOME"] = home_->path();
  for (const auto& [name, value] : Settings()) variables[name] = value;
  for (const auto& [name, value] : variables) request.environment->push_back(name + "=" + value);
  const std::string log_path = LogPath(home_->path());
  UniqueFd log(open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log) return Unavailable("cannot write " + log_path);
  BEEFLOW_ASSIGN_OR_RETURN(auto pipe, MakePipe());
  request.fds = {{pipe.first.get(), 0}, {log.get(), 1}, {log.get(), 2}};
  BEEFLOW_ASSIGN_OR_RETURN(SpawnedProcess process, Spawn(request));
  server_ = process.pid;
  server_input_ = std::move(pipe.second);
  server_status_.reset();
  server_watch_.emplace(clock_.io(), process.pid, std::move(process.pidfd), Leftovers::kKillGroup,
                        [this](std::optional<int> status) { server_status_ = status.value_or(0); });
  return Ok();
}

std::string LocalSystem::LogEnd() const {
  std::ifstream in(LogPath(home_->path()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const size_t count = std::min(lines.size(), kLogLinesTold);
  std::string end;
  for (size_t i = lines.size() - count; i < lines.size(); ++i) end += "\n  " + lines[i];
  return end;
}

Status LocalSystem::CheckServer() const {
  if (!server_status_) return Ok();
  return Unavailable(fmt::format("{}: the engine has ended: {}; its log ends with:{}",
                                 controller_.id, DescribeExit(*server_status_), LogEnd()));
}

void LocalSystem::AwaitServerEnd() {
  asio::io_context& io = clock_.io();
  DelayTimer limit(io);
  bool over = false;
  limit.Arm(kServerEndLimit, [&over] { over = true; });
  io.restart();
  while (!server_status_ && !over && io.run_one() > 0) {
  }
}

Status LocalSystem::StopServer() {
  if (server_ == 0) return Ok();
  server_input_.reset();
  AwaitServerEnd();
  const bool hangs = !server_status_;
  if (hangs) {
    SignalGroup(server_, SIGKILL);
    AwaitServerEnd();
  }
  server_ = 0;
  server_watch_.reset();
  return EndWorker(ChannelOptions(*config_).lock_path);
}

Status LocalSystem::Publish() {
  namespace fs = std::filesystem;
  const fs::path from = experiment_.dags_path;
  const fs::path to = config_->Text("core", "dags_folder");
  const fs::path temporary = home_->path() + "/being-published";
  std::error_code failed;
  if (!fs::is_directory(from, failed)) return CopyFile(from, to / from.filename(), temporary);
  fs::recursive_directory_iterator entries(from, failed);
  if (failed) return Unavailable("cannot read " + from.string() + ": " + failed.message());
  for (; entries != fs::recursive_directory_iterator(); entries.increment(failed)) {
    if (failed) return Unavailable("cannot read " + from.string() + ": " + failed.message());
    const fs::path& path = entries->path();
    if (path.filename() == "__pycache__") entries.disable_recursion_pending();
    if (!entries->is_regular_file(failed)) continue;
    BEEFLOW_RETURN_IF_ERROR(CopyFile(path, to / fs::relative(path, from, failed), temporary));
  }
  return Ok();
}

Result<std::vector<std::string>> LocalSystem::MissingDags() {
  BEEFLOW_RETURN_IF_ERROR(CheckServer());
  BEEFLOW_ASSIGN_OR_RETURN(const auto errors, catalog_->ImportErrors());
  if (!errors.empty()) {
    const std::string name = std::filesystem::path(errors[0].file).filename().string();
    return Invalid(fmt::format("the DAG file {} cannot be imported: {}", name,
                               LastLine(errors[0].stacktrace)));
  }
  std::vector<std::string> missing;
  for (const std::string& dag_id : experiment_.dag_ids) {
    const auto dag = catalog_->Dag(dag_id);
    if (!dag.ok() && dag.error().code != ErrorCode::kNotFound) return dag.error();
    if (!dag.ok() || !dag->record.is_active) missing.push_back(dag_id);
  }
  return missing;
}

Status LocalSystem::SetPoolSlots(int slots) {
  PoolInfo pool;
  pool.record = {"default_pool", slots};
  pool.description = "Default pool";
  return catalog_->SetPool(pool);
}

Status LocalSystem::SetPaused(const std::string& dag_id, bool paused) {
  return catalog_->SetPaused(dag_id, paused);
}

Status LocalSystem::Trigger(const RunKey& key) {
  restarted_ = false;
  BEEFLOW_ASSIGN_OR_RETURN(const auto model, catalog_->Model(key.dag_id));
  ManualRun request;
  request.run_id = key.run_id;
  request.logical_date = clock_.Now();
  BEEFLOW_ASSIGN_OR_RETURN(RunRecord run, NewManualRun(*model, request, clock_.Now()));
  if (!run.interval) run.interval = DataInterval{run.logical_date, run.logical_date};
  BEEFLOW_RETURN_IF_ERROR(catalog_->CreateRun(run));
  return Ok();
}

Result<std::vector<RunRecord>> LocalSystem::Runs() {
  BEEFLOW_RETURN_IF_ERROR(CheckServer());
  std::vector<RunRecord> all;
  for (const std::string& dag_id : experiment_.dag_ids) {
    RunFilter filter;
    filter.dag_id = dag_id;
    filter.limit = 1'000'000;
    filter.newest_first = false;
    BEEFLOW_ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, catalog_->Runs(filter));
    all.insert(all.end(), runs.begin(), runs.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const RunRecord& a, const RunRecord& b) {
    return a.logical_date < b.logical_date;
  });
  return all;
}

Result<bool> LocalSystem::BecomeCold() {
  BEEFLOW_RETURN_IF_ERROR(CheckServer());
  if (controller_.type != ControllerType::kMwaa) {
    return !LockFile::IsHeld(ChannelOptions(*config_).lock_path);
  }
  if (std::exchange(restarted_, true)) return true;
  BEEFLOW_RETURN_IF_ERROR(StopServer());
  BEEFLOW_RETURN_IF_ERROR(StartServer());
  return true;
}

Result<std::unique_ptr<ExportSource>> LocalSystem::Export() { return OpenExport(*config_); }

Status LocalSystem::Delete() {
  Status stopped = StopServer();
  catalog_.reset();
  home_.reset();
  return stopped;
}

}  // namespace beeflow
