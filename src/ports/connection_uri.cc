#include "ports/connection_uri.h"

#include <charconv>
#include <map>
#include <string_view>

#include "base/json.h"

namespace beeflow {
namespace {

constexpr std::string_view kSchemeEnd = "://";
constexpr const char* kExtraKey = "__extra__";
constexpr int kPortMax = 65535;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Encodes all but letters, digits and "_.-~"; in a query a blank becomes "+".
std::string Quote(std::string_view text, bool in_query = false) {
  constexpr std::string_view kKept = "_.-~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string quoted;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsAlphanumeric(c) || kKept.find(c) != std::string_view::npos) {
      quoted += c;
    } else if (in_query && c == ' ') {
      quoted += '+';
    } else {
      quoted += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return quoted;
}

std::string Unquote(std::string_view text, bool in_query = false) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      plain += static_cast<char>(byte);
      i += 2;
    } else {
      plain += in_query && text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

// Takes what stands before `mark` off the front of `text`, the mark too; all of it where there is
// no mark.
std::string_view TakeUntil(std::string_view* text, std::string_view mark) {
  const size_t end = text->find(mark);
  const std::string_view taken = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + mark.size());
  return taken;
}

std::optional<std::string> TextOrNone(std::string_view quoted) {
  if (quoted.empty()) return std::nullopt;
  return Unquote(quoted);
}

Status ReadHost(std::string_view text, const std::string& protocol, StoredConnection* connection) {
  const size_t bracket = text.find(']');
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  if (!host.empty()) connection->host = protocol + Unquote(host);
  if (colon == std::string_view::npos || colon + 1 == text.size()) return Ok();
  const std::string_view digits = text.substr(colon + 1);
  int port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || port < 0 ||
      port > kPortMax) {
    return Invalid("the port is not a number from 0 to " + std::to_string(kPortMax));
  }
  connection->port = port;
  return Ok();
}

std::optional<std::string> ReadExtra(std::string_view query) {
  Json fields = Json::object();
  while (!query.empty()) {
    std::string_view pair = TakeUntil(&query, "&");
    if (pair.empty()) continue;
    const std::string key = Unquote(TakeUntil(&pair, "="), true);
    fields[key] = Unquote(pair, true);
  }
  if (fields.empty()) return std::nullopt;
  if (const auto it = fields.find(kExtraKey); it != fields.end()) return it->get<std::string>();
  return DumpJson(fields);
}

std::string NormalType(std::string_view scheme) {
  std::string type;
  for (const char c : scheme) {
    if (c == '-') {
      type += '_';
    } else {
      type += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return type == "postgresql" ? "postgres" : type;
}

Status ReadUri(std::string_view rest, StoredConnection* connection) {
  if (rest.find(kSchemeEnd) == std::string_view::npos) return Invalid("it has no type before ://");
  connection->conn_type = NormalType(TakeUntil(&rest, kSchemeEnd));
  if (connection->conn_type.empty()) return Invalid("it has no type before ://");
  rest = rest.substr(0, rest.find('#'));
  std::string protocol;
  if (rest.find(kSchemeEnd) != std::string_view::npos) {
    protocol = std::string(TakeUntil(&rest, kSchemeEnd)) + std::string(kSchemeEnd);
    const std::string_view name(protocol.data(), protocol.size() - kSchemeEnd.size());
    if (name.find_first_of("@:/?") != std::string_view::npos ||
        rest.find(kSchemeEnd) != std::string_view::npos) {
      return Invalid("it has :// in an odd place; percent-encode it");
    }
  }
  std::string_view hierarchy = TakeUntil(&rest, "?");
  connection->extra = ReadExtra(rest);
  std::string_view authority = TakeUntil(&hierarchy, "/");
  connection->schema = TextOrNone(hierarchy);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    connection->login = TextOrNone(TakeUntil(&user, ":"));
    connection->password = TextOrNone(user);
  }
  return ReadHost(authority, protocol, connection);
}

// The extra as a query; absent where it is more than a list of texts.
std::optional<std::string> ExtraAsQuery(const std::string& extra) {
  const auto fields = ParseJson(extra);
  if (!fields.ok() || !fields->is_object() || fields->empty()) return std::nullopt;
  std::string query;
  for (const auto& [key, value] : fields->items()) {
    if (!value.is_string()) return std::nullopt;
    query +=
        (query.empty() ? "" : "&") + Quote(key, true) + "=" + Quote(value.get<std::string>(), true);
  }
  return query;
}

}  // namespace

Status CheckConnectionId(const std::string& conn_id) {
  constexpr std::string_view kMarks = "_-.:/\\#!()";
  constexpr size_t kLongest = 250;
  bool good = !conn_id.empty() && conn_id.size() <= kLongest;
  for (const char c : conn_id) {
    good = good && (IsAlphanumeric(c) || kMarks.find(c) != std::string_view::npos);
  }
  if (good) return Ok();
  return Invalid("connection id '" + conn_id.substr(0, kLongest) +
                 "' is not valid; use letters, digits and _-.:/\\#!() , at most 250 characters");
}

Result<StoredConnection> ParseConnectionUri(const std::string& conn_id, const std::string& uri) {
  StoredConnection connection;
  connection.conn_id = conn_id;
  const Status status = ReadUri(uri, &connection);
  if (status.ok()) return connection;
  return Invalid("the URI of connection '" + conn_id + "' is not valid: " + status.error().message +
                 "; write type://login:password@host:port/schema?key=value");
}

std::string FormatConnectionUri(const StoredConnection& connection) {
  std::string uri;
  for (const char c : connection.conn_type) uri += c == '_' ? '-' : c;
  uri += kSchemeEnd;
  std::string_view host = connection.host ? std::string_view(*connection.host) : "";
  if (host.find(kSchemeEnd) != std::string_view::npos) {
    uri += TakeUntil(&host, kSchemeEnd);
    uri += kSchemeEnd;
  }
  std::string authority;
  if (connection.login) authority += Quote(*connection.login);
  if (connection.password) authority += ":" + Quote(*connection.password);
  const bool has_user = !authority.empty();
  uri += authority + (has_user ? "@" : "") + Quote(host);
  if (connection.port.value_or(0) != 0) {
    uri += (host.empty() && !has_user ? "@:" : ":") + std::to_string(*connection.port);
  }
  const bool has_schema = connection.schema && !connection.schema->empty();
  if (has_schema) uri += "/" + Quote(*connection.schema);
  if (!connection.extra || connection.extra->empty()) return uri;
  const auto query = ExtraAsQuery(*connection.extra);
  uri += has_schema ? "?" : "/?";
  return uri + (query ? *query : kExtraKey + ("=" + Quote(*connection.extra, true)));
}

}  // namespace beeflow
