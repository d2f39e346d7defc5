#include "worker/secret_mask.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "ports/connection_uri.h"

namespace beeflow {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::string_view kVariablePrefix = "AIRFLOW_VAR_";
constexpr std::string_view kConnectionPrefix = "AIRFLOW_CONN_";

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::optional<std::string_view> ValueOf(const std::vector<std::string>& assignments,
                                        std::string_view name) {
  for (const std::string& assignment : assignments) {
    if (assignment.size() > name.size() && assignment[name.size()] == '=' &&
        assignment.starts_with(name)) {
      return std::string_view(assignment).substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

// A setting of [core], as the control process hands it on.
std::string_view Setting(const std::vector<std::string>& settings, const std::string& name) {
  for (const char* prefix : {"BEEFLOW__CORE__", "AIRFLOW__CORE__"}) {
    if (const auto value = ValueOf(settings, prefix + name)) return *value;
  }
  return "";
}

// None where nothing is to be hidden.
std::optional<SensitiveNames> NamesToHide(const std::vector<std::string>& settings) {
  const std::string hide = Lower(Setting(settings, "HIDE_SENSITIVE_VAR_CONN_FIELDS"));
  if (hide == "false" || hide == "f" || hide == "0") return std::nullopt;
  return SensitiveNames(Setting(settings, "SENSITIVE_VAR_CONN_NAMES"));
}

// The password as it stands in a URI, still encoded.
std::string_view EncodedPassword(std::string_view uri) {
  const size_t authority = uri.find("://");
  if (authority == std::string_view::npos) return "";
  uri.remove_prefix(authority + 3);
  uri = uri.substr(0, uri.find_first_of("/?#"));
  const size_t end = uri.rfind('@');
  const size_t colon = uri.find(':');
  if (end == std::string_view::npos || colon >= end) return "";
  return uri.substr(colon + 1, end - colon - 1);
}

}  // namespace

void SecretMask::Add(std::string_view secret) {
  while (!secret.empty()) {
    const std::string_view line = secret.substr(0, secret.find('\n'));
    secret.remove_prefix(std::min(secret.size(), line.size() + 1));
    const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
    if (blank || std::find(secrets_.begin(), secrets_.end(), line) != secrets_.end()) continue;
    secrets_.emplace_back(line);
  }
  // One that is part of another must not spoil it.
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

void SecretMask::Add(const SecretMask& other) {
  if (secrets_.empty()) {
    secrets_ = other.secrets_;
    return;
  }
  for (const std::string& secret : other.secrets_) Add(secret);
}

void SecretMask::AddNamed(const std::string& name, const Json& value,
                          const SensitiveNames& sensitive) {
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) AddNamed(key, item, sensitive);
  } else if (value.is_array()) {
    for (const Json& item : value) AddNamed(name, item, sensitive);
  } else if (value.is_string() && sensitive.Match(name)) {
    Add(value.get<std::string>());
  }
}

void SecretMask::AddVariable(const std::string& name, const std::string& value,
                             const SensitiveNames& sensitive) {
  if (sensitive.Match(name)) return Add(value);
  if (const auto json = ParseJson(value); json.ok()) AddNamed("", *json, sensitive);
}

void SecretMask::AddConnection(const std::string& value, const SensitiveNames& sensitive) {
  const auto extras = [&](const std::string& text) {
    if (const auto extra = ParseJson(text); extra.ok()) AddNamed("", *extra, sensitive);
  };
  if (const auto json = ParseJson(value); json.ok()) {
    AddNamed("", *json, sensitive);
    if (!json->is_object()) return;
    if (const Json extra = json->value("extra", Json()); extra.is_string()) extras(extra);
    return;
  }
  const auto connection = ParseConnectionUri("environment", value);
  if (!connection.ok()) return;
  Add(connection->password.value_or(""));
  Add(EncodedPassword(value));
  extras(connection->extra.value_or(""));
}

void SecretMask::AddEnvironment(const std::vector<std::string>& assignments,
                                const std::vector<std::string>& settings) {
  std::optional<SensitiveNames> sensitive;
  for (const std::string& assignment : assignments) {
    const bool is_variable = assignment.starts_with(kVariablePrefix);
    if (!is_variable && !assignment.starts_with(kConnectionPrefix)) continue;
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos) continue;
    if (!sensitive && !(sensitive = NamesToHide(settings))) return;
    const std::string value = assignment.substr(equals + 1);
    if (is_variable) {
      AddVariable(assignment.substr(kVariablePrefix.size(), equals - kVariablePrefix.size()), value,
                  *sensitive);
    } else {
      AddConnection(value, *sensitive);
    }
  }
}

std::string SecretMask::Apply(std::string_view text) const {
  std::string masked(text);
  for (const std::string& secret : secrets_) {
    for (size_t at = masked.find(secret); at != std::string::npos;
         at = masked.find(secret, at + kMask.size())) {
      masked.replace(at, secret.size(), kMask);
    }
  }
  return masked;
}

}  // namespace beeflow
