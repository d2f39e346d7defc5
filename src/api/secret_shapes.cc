#include "api/secret_shapes.h"

namespace beeflow {
namespace {

Json OrNull(const std::optional<std::string>& text) {
  return text && !text->empty() ? Json(*text) : Json(nullptr);
}

// Hides what has a sensitive name, and all that is below one.
void Hide(Json* value, bool is_sensitive, const SensitiveNames& names) {
  if (value->is_object()) {
    for (auto& [name, item] : value->items()) Hide(&item, is_sensitive || names.Match(name), names);
  } else if (value->is_array()) {
    for (Json& item : *value) Hide(&item, is_sensitive, names);
  } else if (is_sensitive && !value->is_null()) {
    *value = kHidden;
  }
}

void Restore(Json* given, const Json& stored) {
  if (*given == kHidden) {
    *given = stored;
  } else if (given->is_object() && stored.is_object()) {
    for (auto& [name, item] : given->items()) {
      if (stored.contains(name)) Restore(&item, stored[name]);
    }
  } else if (given->is_array() && stored.is_array() && given->size() == stored.size()) {
    for (size_t i = 0; i < given->size(); ++i) Restore(&(*given)[i], stored[i]);
  }
}

// Calls `visit` for each text that has a sensitive name.
template <typename Visit>
void ForEachSecret(const Json& value, bool is_sensitive, const SensitiveNames& names,
                   const Visit& visit) {
  if (value.is_object()) {
    for (const auto& [name, item] : value.items()) {
      ForEachSecret(item, is_sensitive || names.Match(name), names, visit);
    }
  } else if (value.is_array()) {
    for (const Json& item : value) ForEachSecret(item, is_sensitive, names, visit);
  } else if (is_sensitive && value.is_string()) {
    visit(value.get<std::string>());
  }
}

void Replace(std::string* text, const std::string& secret) {
  if (secret.empty()) return;
  constexpr size_t kLength = 3;  // of kHidden
  for (size_t at = text->find(secret); at != std::string::npos;
       at = text->find(secret, at + kLength)) {
    text->replace(at, secret.size(), kHidden);
  }
}

}  // namespace

Json VariableToJson(const StoredVariable& variable, bool is_hidden) {
  return {{"key", variable.key},
          {"value", is_hidden ? std::string(kHidden) : variable.value},
          {"description", OrNull(variable.description)}};
}

Json ConnectionToJson(const StoredConnection& connection) {
  return {{"connection_id", connection.conn_id},
          {"conn_type", connection.conn_type},
          {"description", OrNull(connection.description)},
          {"host", OrNull(connection.host)},
          {"login", OrNull(connection.login)},
          {"schema", OrNull(connection.schema)},
          {"port", connection.port ? Json(*connection.port) : Json(nullptr)}};
}

Json ConnectionWithExtraToJson(const StoredConnection& connection, const SensitiveNames& names) {
  Json json = ConnectionToJson(connection);
  json["extra"] = nullptr;
  if (!connection.extra || connection.extra->empty()) return json;
  auto extra = ParseJson(*connection.extra);
  if (!extra.ok() || !extra->is_object()) {
    json["extra"] = kHidden;
    return json;
  }
  Hide(&*extra, false, names);
  json["extra"] = DumpJson(*extra);
  return json;
}

std::string RestoreHidden(const std::string& given, const std::string& stored) {
  if (given == kHidden) return stored;
  auto changed = ParseJson(given);
  const auto before = ParseJson(stored);
  if (!changed.ok() || !before.ok() || given.find(kHidden) == std::string::npos) return given;
  Restore(&*changed, *before);
  return DumpJson(*changed);
}

std::string WithoutSecrets(std::string text, const StoredConnection& connection,
                           const SensitiveNames& names) {
  Replace(&text, connection.password.value_or(""));
  const auto extra = ParseJson(connection.extra.value_or(""));
  if (!extra.ok()) return text;
  ForEachSecret(*extra, false, names, [&](const std::string& secret) { Replace(&text, secret); });
  return text;
}

}  // namespace beeflow
