// Variables and Connections: what DAG files and tasks read by name. Their values are encrypted in
// the database; here they are plain text, so nothing of them belongs in a log or a message.
//
// Threads: a SecretStore belongs to one thread. Every call is one transaction of its own.
// Errors: kInvalid where a value cannot be decrypted, naming the Variable or Connection and what to
// do; never a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace beeflow {

struct StoredVariable {
  int64_t id = 0;  // of the row; ignored when storing
  std::string key;
  std::string value;
  std::optional<std::string> description;
  bool is_encrypted = false;  // in the database; ignored when storing
};

struct StoredConnection {
  int64_t id = 0;  // of the row; ignored when storing
  std::string conn_id;
  std::string conn_type;
  std::optional<std::string> description, host, schema, login, password;
  std::optional<int> port;
  std::optional<std::string> extra;  // JSON text, as a rule
  bool is_encrypted = false;         // the password; ignored when storing
  bool is_extra_encrypted = false;   // ignored when storing
};

class SecretStore {
 public:
  virtual ~SecretStore() = default;

  // In the order of their names; nothing is decrypted.
  virtual Result<std::vector<std::string>> VariableKeys() = 0;
  virtual Result<std::vector<std::string>> ConnectionIds() = 0;

  virtual Result<std::optional<StoredVariable>> Variable(const std::string& key) = 0;
  // Creates or changes it. A description that is absent leaves the present one.
  virtual Status SetVariable(const StoredVariable& variable) = 0;
  // False where there is none.
  virtual Result<bool> DeleteVariable(const std::string& key) = 0;

  virtual Result<std::optional<StoredConnection>> Connection(const std::string& conn_id) = 0;
  // Creates or replaces it.
  virtual Status SetConnection(const StoredConnection& connection) = 0;
  virtual Result<bool> DeleteConnection(const std::string& conn_id) = 0;

  // Encrypts all that is encrypted anew, with the first key. Returns how many rows there were.
  virtual Result<int64_t> RotateKey() = 0;
};

}  // namespace beeflow
