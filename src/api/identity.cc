#include "api/identity.h"

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

bool Identity::Can(Action action, const std::string& resource) const {
  return may_everything || permissions.contains({action, resource});
}

bool Identity::CanOnDag(Action action, const std::string& dag_id) const {
  if (Can(action, resource::kDag)) return true;
  const auto own = dags.find(dag_id);
  return own != dags.end() && own->second.contains(action);
}

std::variant<Identity, HttpResponse> OpenDoor::Identify(const HttpRequest&) {
  Identity identity;
  identity.username = username_;
  identity.is_signed_in = true;
  identity.may_everything = true;
  return identity;
}

}  // namespace beeflow
