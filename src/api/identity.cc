#include "api/identity.h"

#include <algorithm>
#include <array>

namespace beeflow {
namespace {

constexpr std::array<std::pair<Action, std::string_view>, 5> kActions = {{
    {Action::kRead, "can_read"},
    {Action::kCreate, "can_create"},
    {Action::kEdit, "can_edit"},
    {Action::kDelete, "can_delete"},
    {Action::kMenuAccess, "menu_access"},
}};

}  // namespace

std::string_view ToString(Action action) {
  for (const auto& [value, name] : kActions) {
    if (value == action) return name;
  }
  return "";
}

std::optional<Action> ParseAction(std::string_view name) {
  for (const auto& [value, its_name] : kActions) {
    if (its_name == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> DagOfResource(const std::string& resource) {
  constexpr std::string_view kPrefix = "DAG:";
  if (!resource.starts_with(kPrefix)) return std::nullopt;
  return resource.substr(kPrefix.size());
}

bool Identity::Can(Action action, const std::string& resource) const {
  return may_everything || permissions.contains({action, resource});
}

bool Identity::CanOnDag(Action action, const std::string& dag_id) const {
  if (Can(action, resource::kDag)) return true;
  const auto own = dags.find(dag_id);
  return own != dags.end() && own->second.contains(action);
}

bool Identity::IsSameAs(const Identity& other) const {
  const auto key = [](const Identity& who) {
    return std::tie(who.username, who.is_signed_in, who.may_everything, who.permissions, who.dags,
                    who.password_proof);
  };
  return key(*this) == key(other);
}

Identity Narrowed(const Identity& who, const TokenScope& scope) {
  if (scope.kind == TokenScope::Kind::kAll) return who;
  const auto allows = [&scope](Action action, const std::string& resource) {
    if (scope.kind == TokenScope::Kind::kReadOnly) return action == Action::kRead;
    const RolePermission asked{std::string(ToString(action)), resource};
    const auto& listed = scope.permissions;
    return std::find(listed.begin(), listed.end(), asked) != listed.end();
  };
  Identity narrow = who;
  std::erase_if(narrow.permissions,
                [&](const Permission& p) { return !allows(p.action, p.resource); });
  for (auto& [dag_id, actions] : narrow.dags) {
    std::erase_if(actions, [&](Action action) { return !allows(action, resource::kDag); });
  }
  for (const RolePermission& listed : scope.permissions) {
    const auto action = ParseAction(listed.action);
    const auto dag_id = DagOfResource(listed.resource);
    if (action && dag_id && who.CanOnDag(*action, *dag_id)) narrow.dags[*dag_id].insert(*action);
  }
  std::erase_if(narrow.dags, [](const auto& dag) { return dag.second.empty(); });
  return narrow;
}

// A browser that is told of Basic asks for a password itself, before the page can.
HttpResponse AskToSignIn(const HttpRequest& request, std::string_view detail) {
  HttpResponse refusal = ProblemResponse(401, "Unauthorized", detail);
  const bool is_page = !request.Header("sec-fetch-mode").empty();
  refusal.headers.emplace_back("WWW-Authenticate",
                               is_page ? "Session realm=\"Beeflow\"" : "Basic realm=\"Beeflow\"");
  return refusal;
}

bool Authenticator::StillKnows(const HttpRequest& request, const Identity& who) {
  const auto now = Identify(request);
  const auto* identity = std::get_if<Identity>(&now);
  return identity && identity->IsSameAs(who);
}

std::variant<Identity, HttpResponse> OpenDoor::Identify(const HttpRequest&) {
  Identity identity;
  identity.username = username_;
  identity.is_signed_in = true;
  identity.may_everything = true;
  return identity;
}

}  // namespace beeflow
