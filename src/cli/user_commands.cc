// users list, create, delete, reset-password, add-role, remove-role
#include <algorithm>

#include "cli/commands.h"

namespace beeflow {
namespace {

constexpr size_t kRandomLetters = 22;  // 132 bits

struct UserOptions {
  std::string username, email, first_name, last_name, role, password;
  bool use_random_password = false;
  OutputFormat format = OutputFormat::kTable;
};

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

Status ListUsers(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<StoredUser> users, store->Users());
  Table table{{"id", "username", "email", "first_name", "last_name", "roles"}, {}};
  for (const StoredUser& user : users) {
    table.rows.push_back({std::to_string(user.id), user.username, user.email, user.first_name,
                          user.last_name, Joined(user.roles)});
  }
  session.Print(table, options.format);
  return Ok();
}

// By name or, where none is given, by address.
Result<StoredUser> FindUser(UserStore* store, const UserOptions& options) {
  if (options.username.empty() == options.email.empty()) {
    return Invalid("name the user by either --username or --email");
  }
  if (!options.username.empty()) return store->User(options.username);
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<StoredUser> users, store->Users());
  for (const StoredUser& user : users) {
    if (user.email == options.email) return user;
  }
  return NotFound("there is no user with the email '" + options.email +
                  "'; 'beeflow users list' shows all users");
}

Status CheckRole(UserStore* store, const std::string& name) {
  const auto role = store->Role(name);
  return role.ok() ? Ok() : Status(role.error());
}

// As the options say, else asked for twice. A random one is printed.
Result<std::string> ChoosePassword(Session& session, const UserOptions& options) {
  CliEnvironment& environment = session.environment();
  if (options.use_random_password) {
    BEEFLOW_ASSIGN_OR_RETURN(const std::string secret, environment.credentials->NewSecret());
    session.out() << "Password: " << secret.substr(0, kRandomLetters) << '\n';
    return secret.substr(0, kRandomLetters);
  }
  if (!options.password.empty()) return options.password;
  BEEFLOW_ASSIGN_OR_RETURN(const std::string password, environment.ask_secret("Password: "));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string again,
                           environment.ask_secret("Repeat for confirmation: "));
  if (password != again) return Invalid("the passwords did not match; nothing was changed");
  return password;
}

Result<std::string> ChooseHash(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string password, ChoosePassword(session, options));
  return session.environment().credentials->HashPassword(password);
}

Status Note(Session& session, const std::string& event, const std::string& what) {
  return session.Audit(event, {}, "", DumpJson({{"details", what}}));
}

Status CreateUser(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_RETURN_IF_ERROR(CheckRole(store, options.role));
  if (store->User(options.username).ok()) {
    session.out() << options.username << " already exist in the db\n";
    return Ok();
  }
  StoredUser user;
  user.username = options.username;
  user.email = options.email;
  user.first_name = options.first_name;
  user.last_name = options.last_name;
  user.roles = {options.role};
  BEEFLOW_ASSIGN_OR_RETURN(user.password_hash, ChooseHash(session, options));
  BEEFLOW_RETURN_IF_ERROR(store->CreateUser(user, session.Now()));
  BEEFLOW_RETURN_IF_ERROR(Note(session, "user_created", user.username));
  session.out() << "User \"" << user.username << "\" created with role \"" << options.role
                << "\"\n";
  return Ok();
}

Status DeleteUser(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser user, FindUser(store, options));
  BEEFLOW_RETURN_IF_ERROR(store->DeleteUser(user.username));
  BEEFLOW_RETURN_IF_ERROR(Note(session, "user_deleted", user.username));
  session.out() << "User \"" << user.username << "\" deleted\n";
  return Ok();
}

Status ResetPassword(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(StoredUser user, FindUser(store, options));
  BEEFLOW_ASSIGN_OR_RETURN(user.password_hash, ChooseHash(session, options));
  BEEFLOW_RETURN_IF_ERROR(store->UpdateUser(user, session.Now()));
  BEEFLOW_RETURN_IF_ERROR(Note(session, "user_changed", user.username));
  session.out() << "User \"" << user.username << "\" password reset successfully\n";
  return Ok();
}

Status AddRole(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(StoredUser user, FindUser(store, options));
  BEEFLOW_RETURN_IF_ERROR(CheckRole(store, options.role));
  if (std::find(user.roles.begin(), user.roles.end(), options.role) != user.roles.end()) {
    return Conflict("User \"" + user.username + "\" is already a member of role \"" + options.role +
                    "\"");
  }
  user.roles.push_back(options.role);
  BEEFLOW_RETURN_IF_ERROR(store->UpdateUser(user, session.Now()));
  BEEFLOW_RETURN_IF_ERROR(Note(session, "user_changed", user.username));
  session.out() << "User \"" << user.username << "\" added to role \"" << options.role << "\"\n";
  return Ok();
}

Status RemoveRole(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(StoredUser user, FindUser(store, options));
  BEEFLOW_RETURN_IF_ERROR(CheckRole(store, options.role));
  if (std::erase(user.roles, options.role) == 0) {
    return NotFound("User \"" + user.username + "\" is not a member of role \"" + options.role +
                    "\"");
  }
  BEEFLOW_RETURN_IF_ERROR(store->UpdateUser(user, session.Now()));
  BEEFLOW_RETURN_IF_ERROR(Note(session, "user_changed", user.username));
  session.out() << "User \"" << user.username << "\" removed from role \"" << options.role
                << "\"\n";
  return Ok();
}

void AddPassword(CLI::App* verb, UserOptions* options) {
  verb->add_option("-p,--password", options->password,
                   "The password; without it, it is asked for at the terminal");
  verb->add_flag("--use-random-password", options->use_random_password,
                 "Make a random password, and print it");
}

void AddWho(CLI::App* verb, UserOptions* options) {
  verb->add_option("-u,--username", options->username, "The user's name");
  verb->add_option("-e,--email", options->email, "The user's email address");
}

void AddCreate(CLI::App* users, Commands* commands) {
  auto options = std::make_shared<UserOptions>();
  CLI::App* verb = users->add_subcommand("create", "Create a user");
  verb->add_option("-u,--username", options->username, "The user's name")->required();
  verb->add_option("-e,--email", options->email, "The user's email address")->required();
  verb->add_option("-f,--firstname", options->first_name, "The user's first name")->required();
  verb->add_option("-l,--lastname", options->last_name, "The user's last name")->required();
  verb->add_option("-r,--role", options->role, "Admin, Op, User, Viewer, Public, or another one")
      ->required();
  AddPassword(verb, options.get());
  AddIgnoredOptions(verb);
  commands->On(verb, [options](Session& session) { return CreateUser(session, *options); });
}

}  // namespace

void AddUserCommands(CLI::App* users, Commands* commands) {
  using Run = Status (*)(Session&, const UserOptions&);
  const auto add = [&](const char* name, const char* description, Run run) {
    auto options = std::make_shared<UserOptions>();
    CLI::App* verb = users->add_subcommand(name, description);
    AddIgnoredOptions(verb);
    commands->On(verb, [options, run](Session& session) { return run(session, *options); });
    return std::pair(verb, options);
  };
  const auto [list, list_options] = add("list", "List users", ListUsers);
  AddOutput(list, &list_options->format);
  AddCreate(users, commands);
  const auto [remove, remove_options] = add("delete", "Delete a user", DeleteUser);
  AddWho(remove, remove_options.get());
  const auto [reset, reset_options] =
      add("reset-password", "Give a user another password", ResetPassword);
  AddWho(reset, reset_options.get());
  AddPassword(reset, reset_options.get());
  const auto [join, join_options] = add("add-role", "Give a user a role", AddRole);
  AddWho(join, join_options.get());
  join->add_option("-r,--role", join_options->role, "The role")->required();
  const auto [leave, leave_options] = add("remove-role", "Take a role from a user", RemoveRole);
  AddWho(leave, leave_options.get());
  leave->add_option("-r,--role", leave_options->role, "The role")->required();
}

}  // namespace beeflow
