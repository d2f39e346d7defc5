#include "ports/api_token.h"

#include <algorithm>
#include <array>

namespace beeflow {
namespace {

constexpr std::string_view kAll = "all";
constexpr std::string_view kReadOnly = "read-only";
constexpr std::string_view kOn = " on ";
// Tools that look for secrets in files know a token by it.
constexpr std::string_view kPrefix = "bft_";
constexpr Duration kLifetime = std::chrono::hours(24 * 90);
constexpr size_t kNameBytesMax = 250;

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool IsAction(std::string_view name) {
  constexpr std::array<std::string_view, 5> kActions = {"can_read", "can_create", "can_edit",
                                                        "can_delete", "menu_access"};
  return std::find(kActions.begin(), kActions.end(), name) != kActions.end();
}

Result<RolePermission> ParsePermission(std::string_view text) {
  const size_t on = std::min(text.find(kOn), text.size());
  const std::string_view action = text.substr(0, on);
  const std::string_view resource = text.substr(std::min(on + kOn.size(), text.size()));
  if (IsAction(action) && !resource.empty()) {
    return RolePermission{std::string(action), std::string(resource)};
  }
  return Invalid("scope: '" + std::string(text) +
                 "' is no permission; write all, read-only, or permissions such as 'can_read on "
                 "DAGs', separated by commas");
}

}  // namespace

Result<TokenScope> TokenScope::Parse(const std::string& text) {
  TokenScope scope;
  if (text == kAll) return scope;
  scope.kind = text == kReadOnly ? Kind::kReadOnly : Kind::kListed;
  if (scope.kind == Kind::kReadOnly) return scope;
  std::string_view rest = text;
  while (true) {
    const size_t end = std::min(rest.find(','), rest.size());
    BEEFLOW_ASSIGN_OR_RETURN(RolePermission permission, ParsePermission(Trim(rest.substr(0, end))));
    scope.permissions.push_back(std::move(permission));
    if (end == rest.size()) return scope;
    rest.remove_prefix(end + 1);
  }
}

std::string TokenScope::Format() const {
  if (kind == Kind::kAll) return std::string(kAll);
  if (kind == Kind::kReadOnly) return std::string(kReadOnly);
  std::string text;
  for (const RolePermission& permission : permissions) {
    text += text.empty() ? "" : ", ";
    text += permission.action;
    text += kOn;
    text += permission.resource;
  }
  return text;
}

Result<NewToken> MakeToken(const TokenRequest& request, int64_t user_id, Credentials* credentials,
                           Time now) {
  if (request.name.empty()) return Invalid("a token needs a name");
  if (request.name.size() > kNameBytesMax) {
    return Invalid("the name of a token may have at most " + std::to_string(kNameBytesMax) +
                   " bytes");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const TokenScope scope, TokenScope::Parse(request.scope));
  const Time expires = request.expires.value_or(now + kLifetime);
  if (expires <= now) return Invalid("expires: " + FormatIso(expires) + " is not in the future");
  BEEFLOW_ASSIGN_OR_RETURN(const std::string secret, credentials->NewSecret());
  NewToken token;
  token.text = std::string(kPrefix) + secret;
  token.stored.hash = credentials->HashOf(token.text);
  token.stored.name = request.name;
  token.stored.user_id = user_id;
  token.stored.scope = scope.Format();
  token.stored.created = now;
  token.stored.expires = expires;
  return token;
}

}  // namespace beeflow
