#include "main/nats_worker.h"

#include <fmt/core.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <optional>
#include <utility>

#include "main/processes.h"
#include "nats/nats_link.h"
#include "nats/nats_names.h"
#include "worker/host_name.h"
#include "worker/worker.h"

namespace beeflow {

namespace fs = std::filesystem;

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// Options that stand for settings.
struct SettingOption {
  const char* name;
  const char* section;
  const char* key;
  const char* description;
};
constexpr std::array kSettingOptions = {
    SettingOption{"--nats", "nats", "url", "NATS servers: nats://host:4222,..."},
    SettingOption{"--max-concurrency", "worker", "max_concurrency", "Tasks at a time"},
    SettingOption{"--user", "nats", "user", "User at NATS; the password is [nats] password"},
    SettingOption{"--credentials", "nats", "credentials_file", "File with a JWT and its nkey seed"},
    SettingOption{"--ca", "nats", "ca_file", "Authorities that NATS servers are trusted by"},
    SettingOption{"--certificate", "nats", "certificate_file", "Certificate of this host"},
    SettingOption{"--key", "nats", "key_file", "Key of the certificate"},
};

struct WorkerCommand {
  std::array<std::string, kSettingOptions.size()> settings;
  std::string queues;
  std::string name = HostName();
  bool exit_when_idle = false;
};

std::vector<std::string> Words(const std::string& list) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    std::string word = list.substr(begin, end - begin);
    std::erase(word, ' ');
    if (!word.empty()) words.push_back(std::move(word));
    begin = end + 1;
  }
  return words;
}

Result<NatsOptions> NatsOptionsFrom(const Config& config, std::string name) {
  const auto text = [&config](const char* key) { return config.Text("nats", key); };
  NatsOptions options;
  options.urls = text("url");
  options.name = std::move(name);
  options.user = text("user");
  options.password = text("password");
  options.credentials_file = text("credentials_file");
  options.nkey = text("nkey");
  options.nkey_seed_file = text("nkey_seed_file");
  options.ca_file = text("ca_file");
  options.server_name = text("server_name");
  options.certificate_file = text("certificate_file");
  options.key_file = text("key_file");
  if (options.urls.empty()) {
    return Invalid("no NATS server is named; give --nats, or set [nats] url");
  }
  // Tasks and whoever lists processes would see them.
  if (options.urls.find('@') != std::string::npos) {
    return Invalid("[nats] url must not hold a password; set [nats] user and [nats] password");
  }
  return options;
}

std::optional<int> ReadCommand(const std::vector<std::string>& arguments, WorkerCommand* command) {
  CLI::App app("Runs tasks on this host for a server elsewhere, by way of NATS", "beeflow worker");
  for (size_t i = 0; i < kSettingOptions.size(); ++i) {
    const SettingOption& option = kSettingOptions.at(i);
    app.add_option(option.name, command->settings.at(i), option.description);
  }
  app.add_option("--queues", command->queues, "Queues that it serves, separated by commas");
  app.add_option("--name", command->name, "Name of the worker, for permissions; the host's");
  app.add_flag("--exit-when-idle", command->exit_when_idle,
               "End after [worker] keep_alive_seconds without a task");
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return std::nullopt;
}

Result<Config> ConfigOf(const WorkerCommand& command) {
  BEEFLOW_ASSIGN_OR_RETURN(Config config, Config::Load(VariablesFrom(environ)));
  for (size_t i = 0; i < kSettingOptions.size(); ++i) {
    const SettingOption& option = kSettingOptions.at(i);
    if (command.settings.at(i).empty()) continue;
    BEEFLOW_RETURN_IF_ERROR(
        config.Override(option.section, option.key, command.settings.at(i), option.name));
  }
  return config;
}

// What the worker keeps is in a folder of its own below BEEFLOW_HOME.
Result<int> Run(const WorkerCommand& command) {
  BEEFLOW_ASSIGN_OR_RETURN(const Config config, ConfigOf(command));
  SetLogLevel(config);
  ExportAirflowVariables(config);
  const std::string folder =
      fmt::format("{}/worker-{}", config.RunFolder(), SubjectToken(command.name));
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return Unavailable(fmt::format("{}: {}", folder, failed.message()));
  for (const std::string& missing : MissingForWorker(config)) spdlog::error("{}", missing);
  NatsLinkOptions link;
  BEEFLOW_ASSIGN_OR_RETURN(link.connection,
                           NatsOptionsFrom(config, "beeflow worker " + command.name));
  link.name = command.name;
  link.queues =
      Words(command.queues.empty() ? config.Text("operators", "default_queue") : command.queues);
  link.max_concurrency = static_cast<int>(config.Integer("worker", "max_concurrency"));
  link.ends_when_idle = command.exit_when_idle;
  link.cache_folder = folder + "/dags";
  link.log_folder = folder + "/logs";
  link.hidden = {fs::canonical(config.home(), failed).string()};
  WorkerOptions options;
  std::vector<std::string> arguments = ChannelOptionsIn(config, folder).worker_argv;
  arguments.erase(arguments.begin(), arguments.begin() + 2);  // the program and the verb
  if (const auto ended = ReadWorkerOptions(arguments, &options)) return *ended;
  options.log_folder = link.log_folder;
  return RunWorker(options, [&link](asio::io_context& io, ControlLink::Callbacks callbacks) {
    return NatsLink::Open(io, link, std::move(callbacks));
  });
}

}  // namespace

Result<NatsExecutorOptions> NatsExecutorOptionsFrom(const Config& config) {
  NatsExecutorOptions options;
  BEEFLOW_ASSIGN_OR_RETURN(options.connection, NatsOptionsFrom(config, "beeflow control"));
  options.replicas = static_cast<int>(config.Integer("nats", "replicas"));
  options.sweep = Seconds(config.Number("nats", "sweep_seconds"));
  options.dags_folder = config.Text("core", "dags_folder");
  options.plugin_folders = {config.Text("core", "plugins_folder"),
                            fs::path(options.dags_folder).parent_path() / "plugins"};
  options.log_folder = config.Text("logging", "base_log_folder");
  return options;
}

std::vector<std::string> LocalQueues(const Config& config) {
  return Words(config.Text("nats", "local_queues"));
}

Json DescribeTogether(const Json& here, const Json& elsewhere) {
  Json all = here;
  if (!all.is_object()) {
    all = {{"worker", nullptr},
           {"environments", Json::array()},
           {"running", {{"direct", 0}, {"python", 0}, {"container", 0}}}};
  }
  all["workers"] = Json::array();
  for (const Json& described : elsewhere) {
    for (const Json& one : described.value("environments", Json::array())) {
      all["environments"].push_back(one);
    }
    const Json running = described.value("running", Json::object());
    int64_t count = 0;
    for (const auto& [kind, number] : running.items()) {
      if (!number.is_number_integer()) continue;
      count += number.get<int64_t>();
      all["running"][kind] = all["running"].value(kind, int64_t{0}) + number.get<int64_t>();
    }
    Json row = described.value("worker", Json::object());
    for (const char* key : {"name", "queues", "max_concurrency"}) row[key] = described[key];
    row["running"] = count;
    all["workers"].push_back(std::move(row));
  }
  return all;
}

int RunWorkerCommand(const std::vector<std::string>& arguments) {
  const bool has_socket =
      std::find(arguments.begin(), arguments.end(), "--socket") != arguments.end();
  if (has_socket) return RunWorkerProcess(arguments);
  WorkerCommand command;
  if (const auto ended = ReadCommand(arguments, &command)) return *ended;
  const Result<int> ended = Run(command);
  if (ended.ok()) return *ended;
  fmt::print(stderr, "beeflow worker: {}\n", ended.error().message);
  return kFailed;
}

}  // namespace beeflow
