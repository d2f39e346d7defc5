#include "config/config.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "config/ini_file.h"
#include "config/nearest_name.h"

namespace beeflow {
namespace {

constexpr std::string_view kOurPrefix = "BEEFLOW__";
constexpr std::string_view kAirflowPrefix = "AIRFLOW__";

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string VariableName(std::string_view prefix, const Setting& setting) {
  return std::string(prefix) + Upper(setting.section) + "__" + Upper(setting.key);
}

// An absolute, lexically normal path, without looking at the file system's links.
std::string AbsolutePath(std::string path, const std::string& user_home, const std::string& base) {
  if (path == "~" || path.rfind("~/", 0) == 0) path = user_home + path.substr(1);
  std::filesystem::path full = std::filesystem::path(base) / path;
  full = full.lexically_normal();
  if (!full.has_filename() && full != full.root_path()) full = full.parent_path();
  return full.string();
}

std::string Get(const Variables& variables, const std::string& name) {
  const auto it = variables.find(name);
  return it == variables.end() ? "" : it->second;
}

Result<std::string> FindHome(const Variables& variables) {
  const std::string user_home = Get(variables, "HOME");
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string();
  for (const char* name : {"BEEFLOW_HOME", "AIRFLOW_HOME"}) {
    const std::string value = Get(variables, name);
    if (!value.empty()) return AbsolutePath(value, user_home, here);
  }
  if (user_home.empty()) {
    return Invalid(
        "neither BEEFLOW_HOME nor HOME is set; set BEEFLOW_HOME to a folder for "
        "Beeflow's database and logs");
  }
  return AbsolutePath(user_home + "/beeflow", user_home, here);
}

// "CORE__DAGS_FOLDER" as ("core", "dags_folder").
std::optional<std::pair<std::string, std::string>> SplitVariable(std::string_view name) {
  const size_t middle = name.find("__");
  if (middle == std::string_view::npos || middle == 0) return std::nullopt;
  return std::pair(Lower(name.substr(0, middle)), Lower(name.substr(middle + 2)));
}

double NumberOf(const EffectiveSetting& effective) {
  double value = 0;
  const std::string& text = effective.value;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Error UnknownVariable(const std::string& name) {
  std::vector<std::string> known;
  for (const Setting& setting : KnownSettings()) known.push_back(VariableName(kOurPrefix, setting));
  std::string hint = DidYouMean(name, known);
  if (hint.empty()) hint = "; 'beeflow config list' shows all settings";
  return Invalid("environment variable " + name + " names no setting" + hint);
}

}  // namespace

Variables VariablesFrom(const char* const* environment) {
  Variables variables;
  for (; environment && *environment; ++environment) {
    const std::string_view entry(*environment);
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables;
}

Result<Config> Config::Load(const Variables& variables) {
  Config config;
  BEEFLOW_ASSIGN_OR_RETURN(config.home_, FindHome(variables));
  config.user_home_ = Get(variables, "HOME");
  for (const Setting& setting : KnownSettings()) {
    config.settings_.push_back({&setting, std::string(setting.section), "", ""});
    BEEFLOW_RETURN_IF_ERROR(
        config.Override(setting.section, setting.key, setting.default_value, "default"));
  }
  BEEFLOW_RETURN_IF_ERROR(config.ReadFile());
  BEEFLOW_RETURN_IF_ERROR(config.ReadVariables(variables));
  return config;
}

Status Config::ReadFile() {
  const std::string path = home_ + "/beeflow.cfg";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Ok();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return Invalid(path + " cannot be read; check its permissions");
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<IniEntry> entries, ParseIni(text.str(), path));
  for (const IniEntry& entry : entries) {
    const std::string source = path + ":" + std::to_string(entry.line);
    if (!FindSetting(entry.section, entry.key)) {
      return Invalid(source + ": " + UnknownSetting(entry.section, entry.key).message);
    }
    BEEFLOW_RETURN_IF_ERROR(Override(entry.section, entry.key, entry.value, source));
  }
  return Ok();
}

Status Config::ReadVariables(const Variables& variables) {
  for (const std::string_view prefix : {kAirflowPrefix, kOurPrefix}) {  // the later one wins
    for (auto it = variables.lower_bound(std::string(prefix)); it != variables.end(); ++it) {
      const auto& [name, value] = *it;
      if (name.rfind(prefix, 0) != 0) break;
      const auto parts = SplitVariable(std::string_view(name).substr(prefix.size()));
      if (!parts || !FindSetting(parts->first, parts->second)) {
        // People have many variables for Airflow that mean nothing here.
        if (prefix == kAirflowPrefix) continue;
        return UnknownVariable(name);
      }
      BEEFLOW_RETURN_IF_ERROR(
          Override(parts->first, parts->second, value, "environment variable " + name));
    }
  }
  return Ok();
}

const EffectiveSetting* Config::Find(std::string_view section, std::string_view key) const {
  for (const EffectiveSetting& effective : settings_) {
    if (effective.section == section && effective.setting->key == key) return &effective;
  }
  return nullptr;
}

Status Config::Override(std::string_view section, std::string_view key, std::string_view value,
                        const std::string& source) {
  auto* effective = const_cast<EffectiveSetting*>(Find(section, key));
  if (!effective) {
    const Setting* setting = FindSetting(section, key);
    BEEFLOW_CHECK(setting != nullptr);
    settings_.push_back({setting, std::string(section), "", ""});
    effective = &settings_.back();
  }
  std::string text(value);
  const bool is_path = effective->setting->type == SettingType::kPath;
  if (const size_t at = text.find("{home}"); is_path && at == 0) text.replace(0, 6, home_);
  auto canonical = CanonicalValue(*effective->setting, text);
  if (!canonical.ok()) {
    return Invalid(source + ": [" + std::string(section) + "] " + std::string(key) + ": " +
                   canonical.error().message);
  }
  effective->value = is_path ? AbsolutePath(*canonical, user_home_, home_) : *canonical;
  effective->source = source;
  return Ok();
}

const std::string& Config::Text(std::string_view section, std::string_view key) const {
  const EffectiveSetting* effective = Find(section, key);
  BEEFLOW_CHECK(effective != nullptr);
  return effective->value;
}

int64_t Config::Integer(std::string_view section, std::string_view key) const {
  const EffectiveSetting* effective = Find(section, key);
  BEEFLOW_CHECK(effective && effective->setting->type == SettingType::kInteger);
  int64_t value = 0;
  std::from_chars(effective->value.data(), effective->value.data() + effective->value.size(),
                  value);
  return value;
}

double Config::Number(std::string_view section, std::string_view key) const {
  const EffectiveSetting* effective = Find(section, key);
  BEEFLOW_CHECK(effective && effective->setting->type == SettingType::kNumber);
  return NumberOf(*effective);
}

const EffectiveSetting& Config::ForQueue(const std::string& queue, std::string_view key) const {
  const EffectiveSetting* effective = Find("worker:" + Lower(queue), key);
  if (!effective) effective = Find("worker", key);
  BEEFLOW_CHECK(effective != nullptr);
  return *effective;
}

double Config::NumberForQueue(const std::string& queue, std::string_view key) const {
  return NumberOf(ForQueue(queue, key));
}

bool Config::Boolean(std::string_view section, std::string_view key) const {
  const EffectiveSetting* effective = Find(section, key);
  BEEFLOW_CHECK(effective && effective->setting->type == SettingType::kBoolean);
  return effective->value == "True";
}

std::vector<std::pair<std::string, std::string>> Config::AirflowVariables() const {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const EffectiveSetting& effective : settings_) {
    const bool is_of_queue = effective.section != effective.setting->section;
    if (effective.setting->type == SettingType::kSecret || is_of_queue) continue;
    variables.emplace_back(VariableName(kAirflowPrefix, *effective.setting), effective.value);
  }
  return variables;
}

std::vector<std::string> Config::SecretVariables() const {
  std::vector<std::string> names;
  for (const EffectiveSetting& effective : settings_) {
    if (effective.setting->type != SettingType::kSecret) continue;
    for (const std::string_view prefix : {kAirflowPrefix, kOurPrefix}) {
      names.push_back(VariableName(prefix, *effective.setting));
    }
  }
  return names;
}

}  // namespace beeflow
