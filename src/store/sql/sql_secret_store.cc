#include "store/sql/sql_secret_store.h"

#include <utility>

#include "store/sql/for_each_row.h"
#include "store/sql/secret_queries.h"

namespace beeflow {
namespace {

using sql::Database;
using sql::OptionalText;
using sql::Statement;
using sql::TransactionScope;

Result<std::vector<std::string>> Names(Result<Statement> rows) {
  if (!rows.ok()) return rows.error();
  std::vector<std::string> names;
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows->Step());
    if (!row) return names;
    names.push_back(rows->String(0));
  }
}

// Empty texts are stored as they are, as in Airflow: there is nothing to hide.
struct Sealed {
  std::optional<std::string> text;
  bool is_encrypted = false;
};
Result<Sealed> Seal(SecretCipher* cipher, const std::optional<std::string>& plain) {
  if (!plain || plain->empty()) return Sealed{plain, false};
  BEEFLOW_ASSIGN_OR_RETURN(std::string token, cipher->Encrypt(*plain));
  return Sealed{std::move(token), true};
}

}  // namespace

Result<std::vector<std::string>> SqlSecretStore::VariableKeys() {
  return Names(database_->Query(sql::kVariableKeys));
}

Result<std::vector<std::string>> SqlSecretStore::ConnectionIds() {
  return Names(database_->Query(sql::kConnectionIds));
}

Result<std::string> SqlSecretStore::Plain(std::string stored, bool is_encrypted,
                                          const std::string& what) {
  if (!is_encrypted || stored.empty()) return stored;
  auto plain = cipher_->Decrypt(stored);
  if (!plain.ok()) return Error{plain.error().code, what + ": " + plain.error().message};
  return plain;
}

// Columns of BEEFLOW_VARIABLE_COLUMNS.
Result<StoredVariable> SqlSecretStore::ReadVariable(const Statement& row) {
  StoredVariable variable;
  variable.id = row.Integer(0);
  variable.key = row.String(1);
  if (!row.IsNull(3)) variable.description = row.String(3);
  variable.is_encrypted = row.Integer(4) != 0;
  BEEFLOW_ASSIGN_OR_RETURN(variable.value, Plain(row.String(2), variable.is_encrypted,
                                                 "Variable '" + variable.key + "'"));
  return variable;
}

// Columns of BEEFLOW_CONNECTION_COLUMNS.
Result<StoredConnection> SqlSecretStore::ReadConnection(const Statement& row) {
  StoredConnection connection;
  connection.id = row.Integer(0);
  connection.conn_id = row.String(1);
  connection.conn_type = row.String(2);
  connection.description = OptionalText(row, 3);
  connection.host = OptionalText(row, 4);
  connection.schema = OptionalText(row, 5);
  connection.login = OptionalText(row, 6);
  if (!row.IsNull(8)) connection.port = static_cast<int>(row.Integer(8));
  connection.is_encrypted = row.Integer(9) != 0;
  connection.is_extra_encrypted = row.Integer(10) != 0;
  const std::string name = "Connection '" + connection.conn_id + "', ";
  if (!row.IsNull(7)) {
    BEEFLOW_ASSIGN_OR_RETURN(connection.password,
                             Plain(row.String(7), connection.is_encrypted, name + "password"));
  }
  if (!row.IsNull(11)) {
    BEEFLOW_ASSIGN_OR_RETURN(connection.extra,
                             Plain(row.String(11), connection.is_extra_encrypted, name + "extra"));
  }
  return connection;
}

Result<std::optional<StoredVariable>> SqlSecretStore::Variable(const std::string& key) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kVariableRow, key));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return std::optional<StoredVariable>();
  BEEFLOW_ASSIGN_OR_RETURN(StoredVariable variable, ReadVariable(rows));
  return std::optional<StoredVariable>(std::move(variable));
}

Status SqlSecretStore::SetVariable(const StoredVariable& variable) {
  if (variable.key.empty()) return Invalid("a Variable needs a key");
  BEEFLOW_ASSIGN_OR_RETURN(const Sealed value, Seal(cipher_, variable.value));
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kSetVariable, variable.key, value.text,
                                          variable.description, value.is_encrypted));
  return Ok();
}

Result<bool> SqlSecretStore::DeleteVariable(const std::string& key) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, database_->Execute(sql::kDeleteVariable, key));
  return rows > 0;
}

Result<std::optional<StoredConnection>> SqlSecretStore::Connection(const std::string& conn_id) {
  BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kConnectionRow, conn_id));
  BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return std::optional<StoredConnection>();
  BEEFLOW_ASSIGN_OR_RETURN(StoredConnection connection, ReadConnection(rows));
  return std::optional<StoredConnection>(std::move(connection));
}

Status SqlSecretStore::SetConnection(const StoredConnection& connection) {
  if (connection.conn_id.empty()) return Invalid("a Connection needs an id");
  BEEFLOW_ASSIGN_OR_RETURN(const Sealed password, Seal(cipher_, connection.password));
  BEEFLOW_ASSIGN_OR_RETURN(const Sealed extra, Seal(cipher_, connection.extra));
  BEEFLOW_RETURN_IF_ERROR(database_->Send(
      sql::kSetConnection, connection.conn_id, connection.conn_type, connection.description,
      connection.host, connection.schema, connection.login, password.text, connection.port,
      password.is_encrypted, extra.is_encrypted, extra.text));
  return Ok();
}

Result<bool> SqlSecretStore::DeleteConnection(const std::string& conn_id) {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, database_->Execute(sql::kDeleteConnection, conn_id));
  return rows > 0;
}

// All is read before anything is written, so a value that no key fits changes nothing.
Result<int64_t> SqlSecretStore::RotateKey() {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_));
  std::vector<StoredVariable> variables;
  std::vector<StoredConnection> connections;
  {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kEncryptedVariables));
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      BEEFLOW_ASSIGN_OR_RETURN(StoredVariable variable, ReadVariable(rows));
      variables.push_back(std::move(variable));
    }
  }
  {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kEncryptedConnections));
    while (true) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      BEEFLOW_ASSIGN_OR_RETURN(StoredConnection connection, ReadConnection(rows));
      connections.push_back(std::move(connection));
    }
  }
  for (const StoredVariable& variable : variables) BEEFLOW_RETURN_IF_ERROR(SetVariable(variable));
  for (const StoredConnection& connection : connections) {
    BEEFLOW_RETURN_IF_ERROR(SetConnection(connection));
  }
  BEEFLOW_RETURN_IF_ERROR(scope.Commit());
  return static_cast<int64_t>(variables.size() + connections.size());
}

}  // namespace beeflow
