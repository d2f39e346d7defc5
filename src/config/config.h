// The effective configuration. A value comes from, in this order: BEEFLOW__SECTION__KEY,
// AIRFLOW__SECTION__KEY, beeflow.cfg in BEEFLOW_HOME, the table of settings.
//
// A Config is an immutable value after Load; it may be copied and read from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/settings.h"

namespace beeflow {

// The process environment, as a value.
using Variables = std::map<std::string, std::string>;
Variables VariablesFrom(const char* const* environment);

struct EffectiveSetting {
  const Setting* setting = nullptr;
  std::string section;  // the setting's, or "worker:QUEUE"
  std::string value;
  std::string source;  // "default", "BEEFLOW__CORE__PARALLELISM", "/home/me/beeflow/beeflow.cfg:12"
};

class Config {
 public:
  // Reads BEEFLOW_HOME, beeflow.cfg (which may be missing) and the variables. Errors name the file
  // and line, or the variable, that is wrong.
  static Result<Config> Load(const Variables& variables);

  // BEEFLOW_HOME, else AIRFLOW_HOME, else ~/beeflow: an absolute path. It may not exist yet.
  const std::string& home() const { return home_; }
  // The folder of sockets and lock files.
  std::string RunFolder() const { return home_ + "/run"; }

  // The value of a known setting of that type; asking for another is a broken invariant. Paths are
  // absolute, with "~" expanded.
  const std::string& Text(std::string_view section, std::string_view key) const;
  int64_t Integer(std::string_view section, std::string_view key) const;
  double Number(std::string_view section, std::string_view key) const;
  bool Boolean(std::string_view section, std::string_view key) const;

  // The same for the tasks of one queue: what [worker:QUEUE] says, else [worker]. The case of the
  // queue's name does not count.
  const EffectiveSetting& ForQueue(const std::string& queue, std::string_view key) const;
  double NumberForQueue(const std::string& queue, std::string_view key) const;

  // All settings, in the order of the table; those of queues come last.
  const std::vector<EffectiveSetting>& settings() const { return settings_; }
  // Null where there is no such setting.
  const EffectiveSetting* Find(std::string_view section, std::string_view key) const;

  // Sets a value as if a command-line option had; `source` names the option, for messages.
  Status Override(std::string_view section, std::string_view key, std::string_view value,
                  const std::string& source);

  // AIRFLOW__SECTION__KEY for every setting but secrets: what DAG files see through
  // airflow.configuration.
  std::vector<std::pair<std::string, std::string>> AirflowVariables() const;
  // The names of the environment variables that give secrets, which tasks must not inherit.
  std::vector<std::string> SecretVariables() const;

 private:
  Status ReadFile();
  Status ReadVariables(const Variables& variables);

  std::string home_;
  std::string user_home_;
  std::vector<EffectiveSetting> settings_;
};

}  // namespace beeflow
