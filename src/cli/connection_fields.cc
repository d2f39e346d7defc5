#include "cli/connection_fields.h"

#include <set>

#include "base/json.h"
#include "ports/connection_uri.h"

namespace beeflow {
namespace {

constexpr int kPortMax = 65535;

const std::set<std::string>& KnownFields() {
  static const std::set<std::string> kFields = {"conn_id", "conn_type", "type",  "description",
                                                "host",    "schema",    "login", "extra_dejson",
                                                "extra",   "password",  "port",  "uri"};
  return kFields;
}

// Also a number that is written as a text.
std::optional<int> ReadPort(const OrderedJson& fields, JsonReader* in) {
  const auto it = fields.find("port");
  if (it == fields.end() || !it->is_string()) {
    const auto number = in->OptionalInteger("port", 0, kPortMax);
    return number ? std::optional<int>(static_cast<int>(*number)) : std::nullopt;
  }
  const auto text = it->get<std::string>();
  if (text.empty()) return std::nullopt;
  const auto number = OrderedJson::parse(text, nullptr, false);
  if (number.is_number_integer() && number >= 0 && number <= kPortMax) return number.get<int>();
  in->Fail("port must be a number");
  return std::nullopt;
}

std::optional<std::string> ReadExtra(const OrderedJson& fields, JsonReader* in) {
  const auto extra = fields.find("extra");
  const auto object = fields.find("extra_dejson");
  const bool has_extra = extra != fields.end() && !extra->is_null();
  const bool has_object = object != fields.end() && !object->is_null();
  if (has_extra && has_object) in->Fail("give either extra or extra_dejson");
  if (!has_extra && !has_object) return std::nullopt;
  const OrderedJson& value = has_extra ? *extra : *object;
  if (value.is_object()) return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  if (has_extra && value.is_string()) return value.get<std::string>();
  in->Fail(has_extra ? "extra must be an object, or JSON as a text"
                     : "extra_dejson must be an object");
  return std::nullopt;
}

Result<StoredConnection> FromFields(const std::string& conn_id, const OrderedJson& fields) {
  const Json unordered = fields;
  JsonReader in(unordered, "connection '" + conn_id + "'");
  for (const auto& [name, value] : fields.items()) {
    if (!KnownFields().contains(name)) in.Fail("there is no field '" + name + "'");
  }
  StoredConnection connection;
  if (const auto uri = in.OptionalString("uri")) {
    BEEFLOW_ASSIGN_OR_RETURN(connection, ParseConnectionUri(conn_id, *uri));
    const bool has_more = fields.contains("host") || fields.contains("conn_type");
    if (has_more) in.Fail("give either uri or the single fields");
    if (auto description = in.OptionalString("description")) connection.description = description;
    BEEFLOW_RETURN_IF_ERROR(in.status());
    return connection;
  }
  connection.conn_id = conn_id;
  if (in.String("conn_id", conn_id) != conn_id) in.Fail("conn_id is another one");
  connection.conn_type = in.String("conn_type", in.String("type"));
  connection.description = in.OptionalString("description");
  connection.host = in.OptionalString("host");
  connection.schema = in.OptionalString("schema");
  connection.login = in.OptionalString("login");
  connection.password = in.OptionalString("password");
  connection.port = ReadPort(fields, &in);
  connection.extra = ReadExtra(fields, &in);
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return connection;
}

OrderedJson OrNull(const std::optional<std::string>& text) {
  return text ? OrderedJson(*text) : OrderedJson();
}

}  // namespace

Result<StoredConnection> ConnectionFromEntry(const std::string& conn_id, const OrderedJson& entry) {
  BEEFLOW_RETURN_IF_ERROR(CheckConnectionId(conn_id));
  if (entry.is_object()) return FromFields(conn_id, entry);
  if (!entry.is_string()) {
    return Invalid("connection '" + conn_id + "' must be a URI or an object of fields");
  }
  const auto text = entry.get<std::string>();
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') return ParseConnectionUri(conn_id, text);
  const auto fields = OrderedJson::parse(text, nullptr, false);
  if (fields.is_object()) return FromFields(conn_id, fields);
  return Invalid("connection '" + conn_id + "': its text begins as JSON, but is not valid JSON");
}

OrderedJson ConnectionAsFields(const StoredConnection& connection) {
  return {{"conn_type", connection.conn_type},
          {"description", OrNull(connection.description)},
          {"login", OrNull(connection.login)},
          {"password", OrNull(connection.password)},
          {"host", OrNull(connection.host)},
          {"port", connection.port ? OrderedJson(*connection.port) : OrderedJson()},
          {"schema", OrNull(connection.schema)},
          {"extra", OrNull(connection.extra)}};
}

std::string ConnectionAsJsonText(const StoredConnection& connection) {
  const OrderedJson all = ConnectionAsFields(connection);
  OrderedJson fields = OrderedJson::object();
  for (const auto& [name, value] : all.items()) {
    if (!value.is_null()) fields[name] = value;
  }
  if (connection.extra) {
    auto extra = OrderedJson::parse(*connection.extra, nullptr, false);
    if (extra.is_object()) fields["extra"] = std::move(extra);
  }
  return fields.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace beeflow
