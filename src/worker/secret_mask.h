// Hides secrets in the log of a task: what python/airflow/utils/log/secrets_masker.py does within
// an environment, for output that no Python sees.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "ports/sensitive_names.h"

namespace beeflow {

class SecretMask {
 public:
  // Of a text of several lines each line is hidden, since logs are written line by line.
  void Add(std::string_view secret);
  void Add(const SecretMask& other);
  // The secrets among "NAME=value": AIRFLOW_VAR_… with a sensitive name, and of AIRFLOW_CONN_… the
  // password and the extras with such a name. `settings` may hold, as AIRFLOW__CORE__…, whether
  // anything is to be hidden, and more sensitive words.
  void AddEnvironment(const std::vector<std::string>& assignments,
                      const std::vector<std::string>& settings);

  bool empty() const { return secrets_.empty(); }
  // The text with `***` for each secret.
  std::string Apply(std::string_view text) const;

 private:
  void AddNamed(const std::string& name, const Json& value, const SensitiveNames& sensitive);
  void AddVariable(const std::string& name, const std::string& value,
                   const SensitiveNames& sensitive);
  void AddConnection(const std::string& value, const SensitiveNames& sensitive);

  std::vector<std::string> secrets_;  // the longest first
};

}  // namespace beeflow
