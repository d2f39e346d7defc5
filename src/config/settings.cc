#include "config/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "config/nearest_name.h"

namespace beeflow {
namespace {

constexpr std::string_view kQueuePrefix = "worker:";
constexpr double kMany = 1e9;          // for counts
constexpr double kYear = 366 * 86400;  // for spans, in seconds

using enum SettingType;

constexpr std::array kSettings = {
    Setting{"core", "dags_folder", kPath, "{home}/dags", 0, 0, "",
            "Folder of the DAG files; watched, subfolders included."},
    Setting{"core", "plugins_folder", kPath, "{home}/plugins", 0, 0, "",
            "Folder from which DAG files import; so is `plugins` beside the folder of DAG files."},
    // Airflow's default is 32 (and 128 for default_pool), since each running task holds a worker
    // process there. Here a task that waits costs next to nothing, so both limits only stop
    // runaways; [worker] max_concurrency bounds the processes.
    Setting{"core", "parallelism", kInteger, "1024", 1, kMany, "",
            "Most task instances that run at once, over all DAGs."},
    Setting{"core", "max_active_tasks_per_dag", kInteger, "16", 1, kMany, "",
            "Most task instances of one DAG that run at once, where the DAG does not say."},
    Setting{"core", "max_active_runs_per_dag", kInteger, "16", 1, kMany, "",
            "Most running runs of one DAG, where the DAG does not say."},
    Setting{"core", "dags_are_paused_at_creation", kBoolean, "True", 0, 0, "",
            "Whether a new DAG starts paused, where it does not say."},
    Setting{"core", "dag_discovery_safe_mode", kBoolean, "True", 0, 0, "",
            "Whether files without the words 'dag' and 'airflow' are left alone."},
    Setting{"core", "dagbag_import_timeout", kNumber, "30.0", 0.1, 86400, "",
            "Longest import of one DAG file, in seconds."},
    Setting{"core", "default_timezone", kText, "utc", 0, 0, "",
            "Time zone of dates without one in DAG files."},
    Setting{"core", "default_task_retries", kInteger, "0", 0, kMany, "",
            "Retries of a task that does not say."},
    Setting{"core", "default_task_retry_delay", kInteger, "300", 0, kYear, "",
            "Seconds between the tries of a task that does not say."},
    Setting{"core", "max_task_retry_delay", kInteger, "86400", 0, kYear, "",
            "Longest delay that exponential backoff reaches, in seconds."},
    Setting{"core", "default_pool_task_slot_count", kInteger, "1024", 1, kMany, "",
            "Slots of default_pool when the database is created."},
    Setting{"core", "check_slas", kBoolean, "True", 0, 0, "",
            "Whether tasks that miss their SLA are noted and told of."},
    Setting{"core", "load_examples", kBoolean, "False", 0, 0, "",
            "Accepted for Airflow's sake; has no effect."},
    Setting{"core", "fernet_key", kSecret, "", 0, 0, "",
            "Keys that encrypt Variables and Connections, the newest first, separated by commas. "
            "Empty: the key in fernet.key in BEEFLOW_HOME, made where it is missing."},
    Setting{"core", "hide_sensitive_var_conn_fields", kBoolean, "True", 0, 0, "",
            "Whether the values of Variables and fields whose names are sensitive are masked."},
    Setting{"core", "sensitive_var_conn_names", kText, "", 0, 0, "",
            "Words that make a name sensitive, besides password, token and the like; separated by "
            "commas."},
    Setting{"core", "test_connection", kChoice, "Disabled", 0, 0, "Disabled Enabled Hidden",
            "Whether the API tries connections out. Whoever may use it can then have this host "
            "connect to others."},
    Setting{"core", "test_connection_timeout", kNumber, "20", 0.1, 3600, "",
            "Seconds after which a connection that is tried out and does not answer has failed."},
    // A value passes through the control process; Airflow's own limit is that of its database.
    Setting{"core", "max_xcom_bytes", kInteger, "4194304", 1, 67108864, "",
            "Largest XCom that a task may store, as bytes of JSON."},
    Setting{"core", "max_map_length", kInteger, "1024", 1, kMany, "",
            "Most instances that a task may be mapped to by what an upstream task returned."},
    Setting{
        "core", "system", kChoice, "serverless", 0, 0, "serverless mwaa",
        "How tasks run: in environments that come and go with the work, or, to compare with, as "
        "on managed Airflow, which [pool_executor] models."},
    Setting{"operators", "default_owner", kText, "airflow", 0, 0, "",
            "Owner of a task that does not say."},
    Setting{"operators", "default_queue", kText, "default", 0, 0, "",
            "Queue of a task that does not say."},
    Setting{"scheduler", "catchup_by_default", kBoolean, "True", 0, 0, "",
            "Whether a DAG runs its missed intervals, where it does not say."},
    Setting{
        "scheduler", "use_job_schedule", kBoolean, "True", 0, 0, "",
        "Whether runs are made by the schedules of DAGs; otherwise only those that are triggered."},
    Setting{"webserver", "web_server_host", kText, "127.0.0.1", 0, 0, "",
            "Address that the API and the UI listen on."},
    Setting{"webserver", "web_server_port", kInteger, "8080", 0, 65535, "",
            "Port of the API and the UI; 0 takes a free one."},
    Setting{"webserver", "expose_config", kChoice, "False", 0, 0, "True False non-sensitive-only",
            "Whether the API shows these settings. Secrets are hidden in any case."},
    Setting{"webserver", "web_server_ssl_cert", kText, "", 0, 0, "",
            "Certificate, with its chain, as a PEM file: the API and the UI then speak TLS."},
    Setting{"webserver", "web_server_ssl_key", kText, "", 0, 0, "",
            "Key of web_server_ssl_cert, as a PEM file."},
    Setting{"webserver", "enable_proxy_fix", kBoolean, "False", 0, 0, "",
            "Whether a proxy in front tells who asks: X-Forwarded-For and -Proto are believed."},
    Setting{"webserver", "authenticate", kChoice, "auto", 0, 0, "auto True",
            "Whether people must sign in; auto: not on a loopback address while there is no user."},
    Setting{"webserver", "session_lifetime_minutes", kInteger, "43200", 1, kYear / 60, "",
            "How long a sign-in lasts at most, in minutes."},
    Setting{"webserver", "session_idle_minutes", kInteger, "720", 1, kYear / 60, "",
            "How long a sign-in lasts that nobody uses, in minutes."},
    Setting{"webserver", "instance_name", kText, "", 0, 0, "",
            "What people call this installation; shown by the UI."},
    Setting{"database", "path", kPath, "{home}/beeflow.db", 0, 0, "",
            "SQLite database file that holds the metadata, where no url is given."},
    Setting{"database", "url", kSecret, "", 0, 0, "",
            "postgresql://user:password@host/database: holds the metadata instead of a file."},
    Setting{"database", "replication_url", kSecret, "", 0, 0, "",
            "Where url is that of a connection pooler: the same database without it."},
    Setting{"logging", "base_log_folder", kPath, "{home}/logs", 0, 0, "",
            "Folder of the task logs."},
    Setting{"logging", "logging_level", kChoice, "INFO", 0, 0, "DEBUG INFO WARNING ERROR CRITICAL",
            "Least severity of what Beeflow itself logs."},
    Setting{"logging", "attempt_log_mb_max", kInteger, "100", 0, kMany, "",
            "Largest log of one attempt, in MiB: beyond it the middle is left out; 0: no limit."},
    Setting{"worker", "python", kPath, "/usr/bin/python3", 0, 0, "",
            "Interpreter that imports DAG files and runs Python tasks."},
    Setting{"worker", "max_concurrency", kInteger, "1024", 1, kMany, "",
            "Most attempts that the worker runs at once; of a queue: most of that queue.", true},
    Setting{"worker", "keep_alive_seconds", kNumber, "300", 0, kYear, "",
            "How long an idle environment, and then the worker, is kept.", true},
    Setting{"worker", "memory_mb", kInteger, "512", 0, kMany, "",
            "Most memory of an attempt, in MiB; 0: no limit.", true},
    Setting{"worker", "cpu_share", kNumber, "0", 0, 4096, "",
            "Cores that an attempt may count on when all are busy; 0: memory_mb / 1536, as on AWS.",
            true},
    Setting{"worker", "cpu_quota", kBoolean, "False", 0, 0, "",
            "Whether cpu_share is not exceeded on an idle machine either.", true},
    Setting{"worker", "timeout_seconds", kNumber, "900", 0, kYear, "",
            "Longest run of an attempt; 0: no limit.", true},
    Setting{"worker", "hang_timeout_seconds", kNumber, "30", 0, kYear, "",
            "A worker that does not answer for so long while attempts run is killed; 0: never."},
    Setting{"worker", "min_free_memory_mb", kInteger, "256", 0, kMany, "",
            "While the machine has less memory left than this, attempts start only one by one."},
    Setting{
        "worker", "sandbox", kChoice, "none", 0, 0, "none auto bubblewrap",
        "Whether tasks run in a sandbox of bubblewrap, see docs/sandbox.md; auto: where it works.",
        true},
    Setting{"worker", "sandbox_network", kBoolean, "True", 0, 0, "",
            "Whether a sandbox has the network of the host.", true},
    Setting{
        "worker", "sandbox_paths", kPathList, "", 0, 0, "",
        "What else a sandbox sees: absolute paths, separated by commas; ':rw' behind a path that "
        "tasks may write to.",
        true},
    Setting{"worker", "cancel_grace_seconds", kNumber, "5", 0, 86400, "",
            "Time between SIGTERM and SIGKILL for a task that must end."},
    // Workers on other hosts: docs/workers.md.
    Setting{"nats", "url", kText, "", 0, 0, "",
            "NATS servers that carry tasks to workers on other hosts, separated by commas: "
            "nats://host:4222, or tls://host:4222. Empty: tasks run on this host."},
    Setting{"nats", "local_queues", kText, "", 0, 0, "",
            "Queues whose tasks run on this host all the same; separated by commas."},
    Setting{"nats", "user", kText, "", 0, 0, "", "User at NATS."},
    Setting{"nats", "password", kSecret, "", 0, 0, "", "Password of the user at NATS."},
    Setting{"nats", "credentials_file", kText, "", 0, 0, "",
            "File with a JWT and its nkey seed, as nsc makes it."},
    Setting{"nats", "nkey", kText, "", 0, 0, "", "Public nkey, whose seed is in nkey_seed_file."},
    Setting{"nats", "nkey_seed_file", kText, "", 0, 0, "", "File with the seed of the nkey."},
    Setting{"nats", "ca_file", kText, "", 0, 0, "",
            "Authorities that NATS servers are trusted by, as a PEM file. Empty: the system's."},
    Setting{"nats", "server_name", kText, "", 0, 0, "",
            "Name in the certificates of the NATS servers. Empty: the host of the URLs."},
    Setting{"nats", "certificate_file", kText, "", 0, 0, "",
            "Certificate that NATS servers know this host by, as a PEM file."},
    Setting{"nats", "key_file", kText, "", 0, 0, "", "Key of certificate_file, as a PEM file."},
    Setting{"nats", "replicas", kInteger, "1", 1, 5, "",
            "Servers of a NATS cluster that hold each stream."},
    Setting{"nats", "sweep_seconds", kNumber, "60", 0.1, 86400, "",
            "How often the server looks whether NATS still holds what waits for a worker, while "
            "anything does."},
    // What the pool executor models, and where the figures are from: docs/pool-executor.md.
    Setting{"pool_executor", "min_workers", kInteger, "1", 1, 10'000, "",
            "Workers that are always there."},
    Setting{"pool_executor", "max_workers", kInteger, "25", 1, 10'000, "",
            "Most workers, however many tasks wait."},
    Setting{"pool_executor", "tasks_per_worker", kInteger, "5", 1, 10'000, "",
            "Tasks that a worker runs at a time."},
    Setting{"pool_executor", "provision_seconds_min", kNumber, "240", 0, 86400, "",
            "Shortest time from the need for a worker until it takes tasks."},
    Setting{"pool_executor", "provision_seconds_max", kNumber, "270", 0, 86400, "",
            "Longest time from the need for a worker until it takes tasks."},
    Setting{"pool_executor", "cooldown_seconds", kNumber, "210", 0, 86400, "",
            "How long a worker above min_workers idles before it goes away."},
    Setting{"pool_executor", "task_start_seconds", kNumber, "1.8", 0, 3600, "",
            "From a worker's taking a task to the start of the task."},
    Setting{"pool_executor", "poll_seconds", kNumber, "1", 0.001, 3600, "",
            "Time between two looks of the scheduler at what has changed."},
    Setting{"pool_executor", "time_scale", kNumber, "1", 0.0001, 1, "",
            "Factor on all spans of this section, for experiments that shorten their tasks alike."},
    Setting{"container", "queue", kText, "container", 0, 0, "",
            "Queue whose tasks run in containers."},
    Setting{"container", "engine", kChoice, "AUTO", 0, 0, "AUTO PODMAN CRUN RUNC",
            "Program that runs containers; AUTO takes the first of these that is installed."},
    Setting{"container", "runtime", kText, "auto", 0, 0, "",
            "OCI runtime that podman uses; auto leaves it to podman, unless crun cannot work with "
            "the control groups of this machine."},
    Setting{"container", "image", kText, "", 0, 0, "",
            "Image of a task whose executor_config names none; or the absolute path of a root file "
            "system."},
    Setting{"container", "cpus", kNumber, "0", 0, kMany, "",
            "Most cores that a container uses; 0 for no limit."},
    Setting{"container", "memory_mb", kNumber, "0", 0, kMany, "",
            "Most memory of a container, in MiB; 0 for no limit."},
    Setting{"container", "user", kText, "", 0, 0, "",
            "User, or user:group, in containers. Empty: the image's."},
    Setting{"container", "network", kText, "", 0, 0, "",
            "Network of containers, such as host or none. Empty: the engine's default."},
    Setting{"container", "mounts", kText, "", 0, 0, "",
            "What is mounted in every container: SOURCE:TARGET or SOURCE:TARGET:ro, separated by "
            "commas."},
    Setting{"container", "pull", kChoice, "MISSING", 0, 0, "ALWAYS MISSING NEVER NEWER",
            "When images are pulled."},
};

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string FormatLimit(double limit) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), limit).ptr;
  const auto whole = static_cast<int64_t>(limit);
  if (static_cast<double>(whole) == limit) return std::to_string(whole);
  return {text.data(), end};
}

Result<std::string> Boolean(std::string_view value) {
  std::string lower(value);
  for (char& c : lower) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  for (const std::string_view yes : {"true", "t", "yes", "y", "on", "1"}) {
    if (lower == yes) return std::string("True");
  }
  for (const std::string_view no : {"false", "f", "no", "n", "off", "0"}) {
    if (lower == no) return std::string("False");
  }
  return Invalid("'" + std::string(value) + "' is not a boolean; write True or False");
}

Result<std::string> Number(const Setting& setting, std::string_view value) {
  const std::string range = " from " + FormatLimit(setting.min) + " to " + FormatLimit(setting.max);
  const bool whole = setting.type == kInteger;
  double number = 0;
  int64_t integer = 0;
  const char* const last = value.data() + value.size();
  const auto read = whole ? std::from_chars(value.data(), last, integer)
                          : std::from_chars(value.data(), last, number);
  if (whole) number = static_cast<double>(integer);
  if (read.ec != std::errc() || read.ptr != last || !std::isfinite(number)) {
    return Invalid("'" + std::string(value) + "' is not a " + (whole ? "whole " : "") +
                   "number; write one" + range);
  }
  if (number < setting.min || number > setting.max) {
    return Invalid("'" + std::string(value) + "' is out of range; write a number" + range);
  }
  return std::string(value);
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

Result<std::string> Choice(const Setting& setting, std::string_view value) {
  const std::string upper = Upper(value);
  std::string_view rest = setting.choices;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view choice = rest.substr(0, end);
    if (Upper(choice) == upper) return std::string(choice);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return Invalid("'" + std::string(value) + "' is not one of " + std::string(setting.choices));
}

// Absolute paths separated by commas, each with ":rw" behind it or not; may be empty.
Result<std::string> PathList(std::string_view value) {
  std::string canonical;
  for (std::string_view rest = value; !rest.empty();) {
    const size_t end = std::min(rest.find(','), rest.size());
    const std::string_view path = Trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!path.starts_with('/')) return Invalid("'" + std::string(path) + "' is no absolute path");
    canonical += (canonical.empty() ? "" : ",") + std::string(path);
  }
  return canonical;
}

}  // namespace

std::span<const Setting> KnownSettings() { return kSettings; }

std::string_view BaseSection(std::string_view section) {
  const bool is_queue = section.starts_with(kQueuePrefix) && section.size() > kQueuePrefix.size();
  return is_queue ? kQueuePrefix.substr(0, kQueuePrefix.size() - 1) : section;
}

const Setting* FindSetting(std::string_view section, std::string_view key) {
  const std::string_view base = BaseSection(section);
  for (const Setting& setting : kSettings) {
    const bool is_found = setting.section == base && setting.key == key;
    if (is_found && (base == section || setting.per_queue)) return &setting;
  }
  return nullptr;
}

namespace {

Error UnknownQueueSetting(std::string_view section, std::string_view key) {
  std::vector<std::string> keys;
  std::string all;
  for (const Setting& setting : kSettings) {
    if (!setting.per_queue) continue;
    keys.emplace_back(setting.key);
    all += (all.empty() ? "" : ", ") + keys.back();
  }
  std::string hint = DidYouMean(key, keys);
  if (hint.empty()) hint = "; a queue may set " + all;
  return Invalid("there is no setting [" + std::string(section) + "] " + std::string(key) + hint);
}

}  // namespace

Error UnknownSetting(std::string_view section, std::string_view key) {
  // First a name of the same section, then the same key in another section, then any name.
  std::vector<std::string> keys;
  std::vector<std::string> full;
  std::string hint;
  const std::string_view base = BaseSection(section);
  if (base != section) return UnknownQueueSetting(section, key);
  for (const Setting& setting : kSettings) {
    const std::string name = "[" + std::string(setting.section) + "] " + std::string(setting.key);
    full.push_back(name);
    if (setting.section == section) keys.emplace_back(setting.key);
    if (setting.key == key) hint = "; did you mean '" + name + "'?";
  }
  if (hint.empty()) hint = DidYouMean(key, keys);
  const std::string name = "[" + std::string(section) + "] " + std::string(key);
  if (hint.empty()) hint = DidYouMean(name, full);
  if (hint.empty()) hint = "; 'beeflow config list' shows all settings";
  return Invalid("there is no setting " + name + hint);
}

Result<std::string> CanonicalValue(const Setting& setting, std::string_view raw) {
  const std::string_view value = Trim(raw);
  switch (setting.type) {
    case kBoolean:
      return Boolean(value);
    case kInteger:
    case kNumber:
      return Number(setting, value);
    case kChoice:
      return Choice(setting, value);
    case kSecret:
      return std::string(value);
    case kPathList:
      return PathList(value);
    case kText:
    case kPath:
      break;
  }
  if (value.empty() && !setting.default_value.empty()) {
    return Invalid("the value is empty; write one or remove the setting");
  }
  return std::string(value);
}

}  // namespace beeflow
