// A Connection as one line, in Airflow's form: type://login:password@host:port/schema?extra
#pragma once

#include <string>

#include "base/result.h"
#include "ports/secret_store.h"

namespace beeflow {

// `conn_id` is for the result and for messages, which do not repeat the URI: it holds a password.
// An extra that is more than a list of texts stands in `?__extra__=`, as JSON.
Result<StoredConnection> ParseConnectionUri(const std::string& conn_id, const std::string& uri);
std::string FormatConnectionUri(const StoredConnection& connection);

// Ids that Airflow accepts: letters, digits and _-.:/\#!() , at most 250 characters.
Status CheckConnectionId(const std::string& conn_id);

}  // namespace beeflow
