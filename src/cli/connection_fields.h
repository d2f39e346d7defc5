// Connections as the fields that people write them with: in JSON, YAML and on the command line.
#pragma once

#include <string>

#include "cli/yaml.h"
#include "ports/secret_store.h"

namespace beeflow {

// An entry of a file, as Airflow reads them: a URI, the same as JSON text, or an object of fields
// (conn_type, host, …, extra as text or as an object). Messages name the connection and the field.
Result<StoredConnection> ConnectionFromEntry(const std::string& conn_id, const OrderedJson& entry);

// All fields, absent ones as null.
OrderedJson ConnectionAsFields(const StoredConnection& connection);
// One line of JSON, without what is absent.
std::string ConnectionAsJsonText(const StoredConnection& connection);

}  // namespace beeflow
