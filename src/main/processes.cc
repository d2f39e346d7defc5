#include "main/processes.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <utility>

#include "main/resources.h"
#include "os/process.h"
#include "worker/worker.h"

namespace beeflow {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kMebibyte = 1024 * 1024;

std::string LowerCase(std::string text) {
  for (char& c : text) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// What the settings say for a container whose task does not, with the keys of executor_config.
Json ContainerDefaults(const Config& config) {
  Json defaults = {{"cpus", config.Number("container", "cpus")},
                   {"memory_mb", config.Number("container", "memory_mb")},
                   {"pull", LowerCase(config.Text("container", "pull"))},
                   {"mounts", Json::array()}};
  for (const char* key : {"image", "user", "network"}) {
    if (const std::string& value = config.Text("container", key); !value.empty()) {
      defaults[key] = value;
    }
  }
  std::istringstream mounts(config.Text("container", "mounts"));
  for (std::string mount; std::getline(mounts, mount, ',');) {
    const size_t first = mount.find_first_not_of(' ');
    if (first == std::string::npos) continue;
    defaults["mounts"].push_back(mount.substr(first, mount.find_last_not_of(' ') - first + 1));
  }
  return defaults;
}

}  // namespace

ContainerOptions ContainerOptionsFrom(const Config& config, const std::string& run_folder) {
  ContainerOptions options;
  options.queue = config.Text("container", "queue");
  options.engine = LowerCase(config.Text("container", "engine"));
  options.runtime = config.Text("container", "runtime");
  options.defaults = ContainerDefaults(config);
  options.folder = run_folder + "/containers";
  return options;
}

WorkerChannelOptions ChannelOptions(const Config& config) {
  return ChannelOptionsIn(config, config.RunFolder());
}

WorkerChannelOptions ChannelOptionsIn(const Config& config, const std::string& run_folder) {
  const auto python_folder = FindResource("python");
  WorkerChannelOptions out;
  out.socket_path = run_folder + "/attempts.sock";
  out.lock_path = run_folder + "/worker.lock";
  out.worker_log = run_folder + "/worker.log";
  out.hang_limit = Seconds(config.Number("worker", "hang_timeout_seconds"));
  const auto number = [&config](const char* key) {
    return std::to_string(config.Number("worker", key));
  };
  out.worker_argv = {ExecutablePath(),
                     "worker",
                     "--socket",
                     out.socket_path,
                     "--lock",
                     out.lock_path,
                     "--temp",
                     run_folder + "/tmp",
                     "--logs",
                     config.Text("logging", "base_log_folder"),
                     "--python",
                     config.Text("worker", "python"),
                     "--python-path",
                     python_folder.ok() ? *python_folder : "",
                     "--max-concurrency",
                     std::to_string(config.Integer("worker", "max_concurrency")),
                     "--max-xcom-bytes",
                     std::to_string(config.Integer("core", "max_xcom_bytes")),
                     "--keep-alive",
                     number("keep_alive_seconds"),
                     "--stop-grace",
                     number("cancel_grace_seconds"),
                     "--memory-mb",
                     std::to_string(config.Integer("worker", "memory_mb")),
                     "--min-free-memory-mb",
                     std::to_string(config.Integer("worker", "min_free_memory_mb")),
                     "--log-mb-max",
                     std::to_string(config.Integer("logging", "attempt_log_mb_max"))};
  const ContainerOptions container = ContainerOptionsFrom(config, run_folder);
  out.worker_argv.insert(
      out.worker_argv.end(),
      {"--container-queue", container.queue, "--container-engine", container.engine,
       "--container-runtime", container.runtime, "--container-folder", container.folder,
       "--container-defaults", DumpJson(container.defaults)});
  return out;
}

namespace {

std::optional<SandboxPolicy> SandboxOfQueue(const Config& config, const std::string& queue) {
  SandboxPolicy policy;
  const std::string& choice = config.ForQueue(queue, "sandbox").value;
  if (choice == "none") return std::nullopt;
  policy.required = choice != "auto";
  policy.network = config.ForQueue(queue, "sandbox_network").value == "True";
  policy.read_only = {config.Text("core", "dags_folder")};
  AddSandboxPaths(config.ForQueue(queue, "sandbox_paths").value, &policy);
  // A home below /opt, say, would be seen with it.
  const fs::path database = config.Text("database", "path");
  for (const fs::path& folder : {fs::path(config.home()), database.parent_path(),
                                 fs::path(config.Text("logging", "base_log_folder"))}) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (!error) policy.hidden.push_back(real);
  }
  return policy;
}

}  // namespace

AttemptLimits LimitsOfQueue(const Config& config, const std::string& queue) {
  AttemptLimits limits;
  const auto number = [&](const char* key) { return config.NumberForQueue(queue, key); };
  const auto is_set = [&](const char* key) {
    return config.ForQueue(queue, key).source != "default";
  };
  const auto memory_mb = static_cast<int64_t>(number("memory_mb"));
  limits.memory_mb = memory_mb > 0 ? std::optional<int64_t>(memory_mb) : std::nullopt;
  limits.cpu_share = number("cpu_share");
  limits.cpu_quota = config.ForQueue(queue, "cpu_quota").value == "True";
  const double timeout = number("timeout_seconds");
  limits.timeout = timeout > 0 ? std::optional<Duration>(Seconds(timeout)) : std::nullopt;
  limits.keep_alive = Seconds(number("keep_alive_seconds"));
  limits.is_explicit = is_set("memory_mb") || is_set("cpu_share") || limits.cpu_quota;
  limits.sandbox = SandboxOfQueue(config, queue);
  if (config.ForQueue(queue, "max_concurrency").section != "worker") {
    limits.max_concurrency = static_cast<int64_t>(number("max_concurrency"));
  }
  return limits;
}

namespace {

std::string NameOf(const EffectiveSetting& setting) {
  return fmt::format("[{}] {} ({})", setting.section, setting.setting->key, setting.source);
}

void AddMissingPaths(const EffectiveSetting& paths, std::vector<std::string>* missing) {
  SandboxPolicy policy;
  AddSandboxPaths(paths.value, &policy);
  for (const auto* list : {&policy.read_only, &policy.writable}) {
    for (const std::string& path : *list) {
      if (access(path.c_str(), F_OK) == 0) continue;
      missing->push_back(fmt::format(
          "{} names {}, which does not exist: tasks that are to see it in their sandbox fail until "
          "it is created or no longer named",
          NameOf(paths), path));
    }
  }
}

}  // namespace

std::vector<std::string> MissingForWorker(const Config& config) {
  std::vector<std::string> missing;
  const EffectiveSetting& python = *config.Find("worker", "python");
  std::error_code error;
  if (access(python.value.c_str(), X_OK) != 0 || fs::is_directory(python.value, error)) {
    missing.push_back(
        fmt::format("{} names {}, which is no program: DAG files cannot be imported, and Python "
                    "tasks fail, until it is the path of a Python interpreter",
                    NameOf(python), python.value));
  }
  const EffectiveSetting* sandbox = nullptr;  // that asks for one
  for (const EffectiveSetting& setting : config.settings()) {
    if (setting.setting->key != "sandbox" || setting.value == "none") continue;
    if (!sandbox || setting.value != "auto") sandbox = &setting;
  }
  if (!sandbox) return missing;
  if (sandbox->value != "auto" && FindOnPath("bwrap", "").empty()) {
    missing.push_back(fmt::format(
        "{} = {}, but bubblewrap is not on PATH: such tasks fail until the package bubblewrap is "
        "installed",
        NameOf(*sandbox), sandbox->value));
  }
  for (const EffectiveSetting& setting : config.settings()) {
    if (setting.setting->key == "sandbox_paths") AddMissingPaths(setting, &missing);
  }
  return missing;
}

std::optional<int> ReadWorkerOptions(const std::vector<std::string>& arguments,
                                     WorkerOptions* read) {
  WorkerOptions& options = *read;
  double keep_alive = 300;
  double stop_grace = 5;
  int64_t memory_mb = 512, min_free_memory_mb = 256, log_mb_max = 100;
  std::string container_defaults = "{}";
  CLI::App app("Runs attempts for the control process at the other end of a socket", "worker");
  app.add_option("--socket", options.socket_path, "Attempt channel")->required();
  app.add_option("--lock", options.lock_path, "Lock file")->required();
  app.add_option("--temp", options.temp_folder, "Folder for temporary files")->required();
  app.add_option("--logs", options.log_folder, "Folder of the task logs")->required();
  app.add_option("--python", options.zygote[0], "Python interpreter");
  app.add_option("--python-path", options.python_path, "Folder of the authoring API");
  app.add_option("--max-concurrency", options.max_concurrency, "Attempts at a time");
  app.add_option("--max-xcom-bytes", options.max_xcom_bytes, "Of one XCom at an attempt's end");
  app.add_option("--keep-alive", keep_alive, "Seconds that what idles is kept");
  app.add_option("--stop-grace", stop_grace, "Seconds between SIGTERM and SIGKILL");
  app.add_option("--memory-mb", memory_mb, "Memory of an environment that runs no attempt; 0: any");
  app.add_option("--min-free-memory-mb", min_free_memory_mb, "Memory that starts wait for");
  app.add_option("--log-mb-max", log_mb_max, "Largest log of an attempt; 0: any");
  app.add_option("--container-queue", options.container.queue, "Queue of tasks in containers");
  app.add_option("--container-engine", options.container.engine, "Container engine");
  app.add_option("--container-runtime", options.container.runtime, "OCI runtime of podman");
  app.add_option("--container-folder", options.container.folder, "Folder of running containers");
  app.add_option("--container-defaults", container_defaults, "What containers have, as JSON");
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  }
  options.keep_alive = Seconds(keep_alive);
  options.stop_grace = Seconds(stop_grace);
  options.memory_mb = memory_mb > 0 ? std::optional<int64_t>(memory_mb) : std::nullopt;
  options.min_free_memory_bytes = min_free_memory_mb * kMebibyte;
  options.log_bytes_max = log_mb_max * kMebibyte;
  if (Result<Json> defaults = ParseJson(container_defaults); defaults.ok()) {
    options.container.defaults = std::move(*defaults);
  }
  return std::nullopt;
}

int RunWorkerProcess(const std::vector<std::string>& arguments) {
  WorkerOptions options;
  if (const auto ended = ReadWorkerOptions(arguments, &options)) return *ended;
  return RunWorker(options);
}

void SetLogLevel(const Config& config) {
  std::string level = config.Text("logging", "logging_level");
  for (char& c : level) c = static_cast<char>(std::tolower(c));
  spdlog::set_level(spdlog::level::from_str(level));
}

void ExportAirflowVariables(const Config& config) {
  for (const auto& [name, value] : config.AirflowVariables()) {
    // Nothing is written where it stands there: a server has other threads by then.
    const char* const now = std::getenv(name.c_str());
    if (!now || value != now) setenv(name.c_str(), value.c_str(), 1);
  }
  for (const std::string& name : config.SecretVariables()) unsetenv(name.c_str());
  unsetenv("BEEFLOW_TOKEN");  // the command line has read it by now
}

}  // namespace beeflow
