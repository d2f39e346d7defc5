#include "worker/container_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace beeflow {
namespace {

constexpr std::array<std::string_view, 11> kConfigKeys = {
    "image",   "cpus",    "memory_mb", "env",      "mounts",    "user",
    "network", "workdir", "pull",      "hostname", "privileged"};
// Keys of executor_config that concern attempts of every kind.
constexpr std::array<std::string_view, 3> kLimitKeys = {"cpu_share", "cpu_quota",
                                                        "timeout_seconds"};
constexpr std::array<std::string_view, 10> kRunKeys = {
    "kind",   "entrypoint",  "command",      "private_env",     "labels",
    "output", "result_path", "result_mount", "skip_exit_codes", "note"};
constexpr std::array<std::string_view, 4> kPullPolicies = {"always", "missing", "never", "newer"};
constexpr std::array<std::string_view, 3> kMountTypes = {"bind", "volume", "tmpfs"};

template <size_t size>
bool Contains(const std::array<std::string_view, size>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

class PlanReader {
 public:
  PlanReader(const Json& json, const std::string& what, ContainerPlan* plan)
      : json_(json), reader_(json, what), what_(what), plan_(plan) {}

  void ReadConfig();
  void ReadRun();
  void RefuseUnknownKeys(bool is_run);
  Status status() const { return reader_.status(); }

 private:
  void Fail(const std::string& message) { reader_.Fail(message); }
  void ReadText(const char* key, std::string* value);
  void ReadAmount(const char* key, double* value);
  void ReadVariables(const char* key, std::map<std::string, std::string>* variables);
  void ReadWords(const char* key, std::vector<std::string>* words);
  void ReadMounts();
  void ReadMount(const Json& json);
  void AddMount(ContainerMount mount);
  void ReadOutput();

  const Json& json_;
  JsonReader reader_;
  const std::string what_;
  ContainerPlan* plan_;
};

void PlanReader::RefuseUnknownKeys(bool is_run) {
  if (!json_.is_object()) return;
  for (const auto& [key, value] : json_.items()) {
    if (Contains(kConfigKeys, key) || Contains(kLimitKeys, key)) continue;
    if (is_run && Contains(kRunKeys, key)) continue;
    Fail(fmt::format("{} is unknown; a container has the keys {}", key,
                     fmt::join(kConfigKeys, ", ")));
  }
}

void PlanReader::ReadText(const char* key, std::string* value) {
  if (auto text = reader_.OptionalString(key)) *value = std::move(*text);
}

void PlanReader::ReadAmount(const char* key, double* value) {
  const Json& amount = reader_.Raw(key);
  if (amount.is_null()) return;
  if (!amount.is_number() || amount.get<double>() < 0) {
    return Fail(
        fmt::format("{} must be a number that is not negative; it is {}", key, DumpJson(amount)));
  }
  *value = amount.get<double>();
}

void PlanReader::ReadVariables(const char* key, std::map<std::string, std::string>* variables) {
  const Json& object = reader_.Raw(key);
  if (object.is_null()) return;
  if (!object.is_object()) return Fail(fmt::format("{} must map names to strings", key));
  for (const auto& [name, value] : object.items()) {
    const bool is_text = value.is_string();
    if (!is_text && !value.is_number()) {
      return Fail(fmt::format("{}: {} must be a string", key, name));
    }
    std::string text = is_text ? value.get<std::string>() : DumpJson(value);
    if (name.empty() || name.find('=') != std::string::npos ||
        (name + text).find('\0') != std::string::npos) {
      return Fail(fmt::format("{}: '{}' cannot be set", key, name));
    }
    (*variables)[name] = std::move(text);
  }
}

void PlanReader::ReadWords(const char* key, std::vector<std::string>* words) {
  const Json& list = reader_.Raw(key);
  if (list.is_null()) return;
  if (!list.is_array()) return Fail(fmt::format("{} must be a list of strings", key));
  words->clear();
  for (const Json& word : list) {
    if (!word.is_string() || word.get_ref<const std::string&>().find('\0') != std::string::npos) {
      return Fail(fmt::format("{} must be a list of strings without NUL characters", key));
    }
    words->push_back(word.get<std::string>());
  }
}

void PlanReader::ReadMounts() {
  const Json& list = reader_.Raw("mounts");
  if (list.is_null()) return;
  if (!list.is_array()) {
    return Fail("mounts must be a list of 'SOURCE:TARGET[:ro]' or of objects with source, target");
  }
  for (const Json& mount : list) ReadMount(mount);
}

void PlanReader::ReadMount(const Json& json) {
  if (json.is_object()) {
    JsonReader in(json, what_ + ": a mount");
    ContainerMount mount{in.String("type", "bind"), in.String("source"), in.String("target"),
                         in.Boolean("read_only", false)};
    if (!in.status().ok()) return Fail(in.status().error().message);
    return AddMount(std::move(mount));
  }
  const std::string text = json.is_string() ? json.get<std::string>() : DumpJson(json);
  const size_t first = text.find(':');
  const size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  const std::string option = second == std::string::npos ? "rw" : text.substr(second + 1);
  if (first == std::string::npos || (option != "ro" && option != "rw")) {
    return Fail(
        fmt::format("the mount '{}' cannot be read; write SOURCE:TARGET or "
                    "SOURCE:TARGET:ro",
                    text));
  }
  ContainerMount mount{"bind", text.substr(0, first), "", option == "ro"};
  mount.target = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
  if (!mount.source.starts_with("/")) mount.type = "volume";
  AddMount(std::move(mount));
}

void PlanReader::AddMount(ContainerMount mount) {
  if (!Contains(kMountTypes, mount.type)) {
    return Fail(fmt::format("a mount has the type '{}', which is none of {}", mount.type,
                            fmt::join(kMountTypes, ", ")));
  }
  if (!mount.target.starts_with("/")) {
    return Fail(fmt::format("the target '{}' of a mount is no absolute path", mount.target));
  }
  if (mount.type == "bind" && !mount.source.starts_with("/")) {
    return Fail(fmt::format("the source '{}' of the mount at {} is no absolute path", mount.source,
                            mount.target));
  }
  if ((mount.source + mount.target).find(',') != std::string::npos) {
    return Fail(fmt::format("the mount at {} has a comma in its paths", mount.target));
  }
  plan_->mounts.push_back(std::move(mount));
}

void PlanReader::ReadConfig() {
  ReadText("image", &plan_->image);
  ReadAmount("cpus", &plan_->cpus);
  ReadAmount("memory_mb", &plan_->memory_mb);
  ReadVariables("env", &plan_->env);
  ReadMounts();
  ReadText("user", &plan_->user);
  ReadText("network", &plan_->network);
  ReadText("workdir", &plan_->workdir);
  ReadText("hostname", &plan_->hostname);
  ReadText("pull", &plan_->pull);
  plan_->privileged = reader_.Boolean("privileged", plan_->privileged);
  if (!Contains(kPullPolicies, plan_->pull)) {
    Fail(fmt::format("pull is '{}', which is none of {}", plan_->pull,
                     fmt::join(kPullPolicies, ", ")));
  }
}

void PlanReader::ReadOutput() {
  const std::string output = reader_.String("output", "last_line");
  if (output == "none") {
    plan_->output = ContainerOutput::kNone;
  } else if (output == "last_line") {
    plan_->output = ContainerOutput::kLastLine;
  } else if (output == "all_lines") {
    plan_->output = ContainerOutput::kAllLines;
  } else if (output == "file") {
    plan_->output = ContainerOutput::kFile;
    ReadText("result_path", &plan_->result_path);
    ReadText("result_mount", &plan_->result_mount);
    if (!plan_->result_path.starts_with("/")) {
      Fail(fmt::format("the path of the result, '{}', is not absolute", plan_->result_path));
    }
  } else {
    Fail(fmt::format("the output '{}' is unknown", output));
  }
}

void PlanReader::ReadRun() {
  ReadWords("entrypoint", &plan_->entrypoint);
  ReadWords("command", &plan_->command);
  ReadVariables("private_env", &plan_->private_env);
  ReadVariables("labels", &plan_->labels);
  ReadText("note", &plan_->note);
  ReadOutput();
  if (const Json& codes = reader_.Raw("skip_exit_codes"); codes.is_array()) {
    plan_->skip_exit_codes.clear();
    for (const Json& code : codes) {
      if (code.is_number_integer()) plan_->skip_exit_codes.push_back(code.get<int>());
    }
  }
}

}  // namespace

Status ApplyContainerConfig(const Json& config, const std::string& what, ContainerPlan* plan) {
  if (config.is_null()) return Ok();
  PlanReader reader(config, what, plan);
  reader.RefuseUnknownKeys(false);
  reader.ReadConfig();
  return reader.status();
}

Status ApplyContainerRun(const Json& run, const std::string& what, ContainerPlan* plan) {
  PlanReader reader(run, what, plan);
  reader.RefuseUnknownKeys(true);
  reader.ReadConfig();
  reader.ReadRun();
  return reader.status();
}

}  // namespace beeflow
