// roles list, create, delete, add-perms, del-perms
#include <algorithm>

#include "cli/commands.h"

namespace beeflow {
namespace {

struct RoleOptions {
  std::vector<std::string> roles, actions, resources;
  bool with_permissions = false;
  OutputFormat format = OutputFormat::kTable;
};

Status ListRoles(Session& session, const RoleOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<StoredRole> roles, store->Roles());
  Table table{{"name"}, {}};
  if (options.with_permissions) table.columns = {"name", "resource", "action"};
  for (const StoredRole& role : roles) {
    if (!options.with_permissions) table.rows.push_back({role.name});
    if (!options.with_permissions) continue;
    for (const RolePermission& permission : role.permissions) {
      table.rows.push_back({role.name, permission.resource, permission.action});
    }
  }
  session.Print(table, options.format);
  return Ok();
}

Status Note(Session& session, const std::string& event, const std::string& what) {
  return session.Audit(event, {}, "", DumpJson({{"details", what}}));
}

Status CreateRoles(Session& session, const RoleOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  for (const std::string& name : options.roles) {
    if (store->Role(name).ok()) continue;
    BEEFLOW_RETURN_IF_ERROR(store->CreateRole({name, {}}));
    BEEFLOW_RETURN_IF_ERROR(Note(session, "role_created", name));
  }
  session.out() << "Added " << options.roles.size() << " role(s)\n";
  return Ok();
}

Status DeleteRoles(Session& session, const RoleOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  for (const std::string& name : options.roles) {
    if (name == "Admin") return Invalid("role Admin cannot be deleted: who would manage users?");
    BEEFLOW_RETURN_IF_ERROR(store->Role(name));
  }
  for (const std::string& name : options.roles) {
    BEEFLOW_RETURN_IF_ERROR(store->DeleteRole(name));
    BEEFLOW_RETURN_IF_ERROR(Note(session, "role_deleted", name));
  }
  session.out() << "Deleted " << options.roles.size() << " role(s)\n";
  return Ok();
}

std::vector<RolePermission> Named(const RoleOptions& options) {
  std::vector<RolePermission> permissions;
  for (const std::string& resource : options.resources) {
    for (const std::string& action : options.actions) permissions.push_back({action, resource});
  }
  return permissions;
}

Status AddPermissions(Session& session, const RoleOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  if (options.actions.empty()) return Invalid("name the actions with --action");
  for (const std::string& name : options.roles) {
    BEEFLOW_ASSIGN_OR_RETURN(StoredRole role, store->Role(name));
    for (RolePermission& permission : Named(options)) {
      role.permissions.push_back(std::move(permission));
    }
    BEEFLOW_RETURN_IF_ERROR(store->UpdateRole(name, role));
    BEEFLOW_RETURN_IF_ERROR(Note(session, "role_changed", name));
  }
  session.out() << "Added permissions to " << options.roles.size() << " role(s)\n";
  return Ok();
}

// Without actions: all on these resources.
Status DeletePermissions(Session& session, const RoleOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  const std::vector<RolePermission> named = Named(options);
  const auto& resources = options.resources;
  for (const std::string& name : options.roles) {
    BEEFLOW_ASSIGN_OR_RETURN(StoredRole role, store->Role(name));
    std::erase_if(role.permissions, [&](const RolePermission& permission) {
      if (!options.actions.empty()) {
        return std::find(named.begin(), named.end(), permission) != named.end();
      }
      return std::find(resources.begin(), resources.end(), permission.resource) != resources.end();
    });
    BEEFLOW_RETURN_IF_ERROR(store->UpdateRole(name, role));
    BEEFLOW_RETURN_IF_ERROR(Note(session, "role_changed", name));
  }
  session.out() << "Deleted permissions from " << options.roles.size() << " role(s)\n";
  return Ok();
}

}  // namespace

void AddRoleCommands(CLI::App* roles, Commands* commands) {
  using Run = Status (*)(Session&, const RoleOptions&);
  const auto add = [&](const char* name, const char* description, Run run, bool with_roles) {
    auto options = std::make_shared<RoleOptions>();
    CLI::App* verb = roles->add_subcommand(name, description);
    if (with_roles) verb->add_option("role", options->roles, "Names of roles")->required();
    AddIgnoredOptions(verb);
    commands->On(verb, [options, run](Session& session) { return run(session, *options); });
    return std::pair(verb, options);
  };
  const auto add_permissions = [](CLI::App* verb, RoleOptions* options) {
    verb->add_option("-r,--resource", options->resources, "Such as DAGs, or DAG:example")
        ->required();
    verb->add_option("-a,--action", options->actions, "Such as can_read");
  };
  const auto [list, list_options] = add("list", "List roles", ListRoles, false);
  list->add_flag("-p,--permission", list_options->with_permissions, "What they may, too");
  AddOutput(list, &list_options->format);
  add("create", "Create roles", CreateRoles, true);
  add("delete", "Delete roles", DeleteRoles, true);
  const auto [give, give_options] =
      add("add-perms", "Give roles permissions", AddPermissions, true);
  add_permissions(give, give_options.get());
  const auto [take, take_options] =
      add("del-perms", "Take permissions from roles", DeletePermissions, true);
  add_permissions(take, take_options.get());
}

}  // namespace beeflow
