// Airflow 2.9's JSON for Variables and Connections, without what the reader may not see.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "ports/secret_store.h"
#include "ports/sensitive_names.h"

namespace beeflow {

inline constexpr const char* kHidden = "***";

// `is_hidden`: the value is not for the reader.
Json VariableToJson(const StoredVariable& variable, bool is_hidden);

// Without password and extra.
Json ConnectionToJson(const StoredConnection& connection);
// Without the password, and in extra what has a sensitive name hidden; an extra that is not a JSON
// object has no names, and is hidden as a whole.
Json ConnectionWithExtraToJson(const StoredConnection& connection, const SensitiveNames& names);

// `given` with what stands there as hidden taken from `stored`: of an extra that was read before,
// changed and sent back.
std::string RestoreHidden(const std::string& given, const std::string& stored);

// The text without the password and the hidden parts of extra.
std::string WithoutSecrets(std::string text, const StoredConnection& connection,
                           const SensitiveNames& names);

}  // namespace beeflow
