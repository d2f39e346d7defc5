// The SQL of Variables and Connections. Values are encrypted and decrypted outside the database.
#pragma once

#include <string_view>

namespace beeflow::sql {

#define BEEFLOW_VARIABLE_COLUMNS "id, key, val, description, is_encrypted"
#define BEEFLOW_CONNECTION_COLUMNS                                             \
  "id, conn_id, conn_type, description, host, schema, login, password, port, " \
  "is_encrypted, is_extra_encrypted, extra"

inline constexpr std::string_view kVariableKeys = "SELECT key FROM variable ORDER BY key";
inline constexpr std::string_view kVariableRow =
    "SELECT " BEEFLOW_VARIABLE_COLUMNS " FROM variable WHERE key = $1";
inline constexpr std::string_view kSetVariable =
    "INSERT INTO variable (key, val, description, is_encrypted) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (key) DO UPDATE SET val = excluded.val,"
    " description = COALESCE(excluded.description, variable.description),"
    " is_encrypted = excluded.is_encrypted";
inline constexpr std::string_view kDeleteVariable = "DELETE FROM variable WHERE key = $1";
inline constexpr std::string_view kConnectionIds =
    "SELECT conn_id FROM connection ORDER BY conn_id";
inline constexpr std::string_view kConnectionRow =
    "SELECT " BEEFLOW_CONNECTION_COLUMNS " FROM connection WHERE conn_id = $1";
inline constexpr std::string_view kSetConnection =
    "INSERT INTO connection (conn_id, conn_type, description, host, schema, login, password, port,"
    " is_encrypted, is_extra_encrypted, extra)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (conn_id) DO UPDATE SET conn_type = excluded.conn_type,"
    " description = excluded.description, host = excluded.host, schema = excluded.schema,"
    " login = excluded.login, password = excluded.password, port = excluded.port,"
    " is_encrypted = excluded.is_encrypted, is_extra_encrypted = excluded.is_extra_encrypted,"
    " extra = excluded.extra";
inline constexpr std::string_view kDeleteConnection = "DELETE FROM connection WHERE conn_id = $1";
// What the rotation of keys goes through.
inline constexpr std::string_view kEncryptedVariables =
    "SELECT " BEEFLOW_VARIABLE_COLUMNS " FROM variable WHERE is_encrypted";
inline constexpr std::string_view kEncryptedConnections =
    "SELECT " BEEFLOW_CONNECTION_COLUMNS
    " FROM connection WHERE is_encrypted OR is_extra_encrypted";

// Every statement of this file, for the test of their parameters.
inline constexpr std::string_view kSecretStatements[] = {
    kVariableKeys,  kVariableRow,   kSetVariable,      kDeleteVariable,     kConnectionIds,
    kConnectionRow, kSetConnection, kDeleteConnection, kEncryptedVariables, kEncryptedConnections};

}  // namespace beeflow::sql
