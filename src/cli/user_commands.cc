// users list, create, delete, reset-password, add-role, remove-role, export, import
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "cli/commands.h"
#include "cli/entry_file.h"

namespace beeflow {
namespace {

constexpr size_t kRandomLetters = 22;  // 132 bits

struct UserOptions {
  std::string username, email, first_name, last_name, role, password, file;
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

// As Airflow writes it: without passwords.
Status ExportUsers(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<StoredUser> users, store->Users());
  Json list = Json::array();
  for (const StoredUser& user : users) {
    list.push_back({{"id", user.id},
                    {"username", user.username},
                    {"email", user.email},
                    {"firstname", user.first_name},
                    {"lastname", user.last_name},
                    {"roles", user.roles}});
  }
  constexpr int kIndent = 4;
  const std::string text = list.dump(kIndent, ' ', false, Json::error_handler_t::replace);
  BEEFLOW_RETURN_IF_ERROR(WriteSecretFile(options.file, text + "\n", session.out()));
  if (options.file == "-") return Ok();
  session.out() << users.size() << " users successfully exported to " << options.file << '\n';
  return Ok();
}

Result<StoredUser> ReadUser(UserStore* store, const Json& json, const std::string& where) {
  if (!json.is_object()) return Invalid(where + " must be an object");
  JsonReader in(json, where);
  StoredUser user;
  user.username = in.String("username");
  user.email = in.String("email");
  user.first_name = in.String("firstname");
  user.last_name = in.String("lastname");
  user.roles = in.Strings("roles");
  for (const char* field : {"username", "email", "firstname", "lastname", "roles"}) {
    if (in.Raw(field).is_null()) in.Fail(std::string(field) + " is missing");
  }
  if (user.username.empty() || user.email.empty()) in.Fail("username and email must not be empty");
  if (user.roles.empty()) in.Fail("roles must name one at least");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  for (const std::string& role : user.roles) {
    if (!store->Role(role).ok()) {
      return Invalid(where + ": there is no role '" + role + "'; see 'beeflow roles list'");
    }
  }
  return user;
}

// All of them are read before anything is changed.
Result<std::vector<StoredUser>> ReadUsers(UserStore* store, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("File '" + path + "' does not exist");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto list = ParseJson(text);
  if (!list.ok()) return Invalid(path + " is " + list.error().message);
  if (!list->is_array()) return Invalid(path + " must be a list of users");
  std::vector<StoredUser> users;
  for (size_t i = 0; i < list->size(); ++i) {
    const std::string where = path + ", user " + std::to_string(i + 1);
    BEEFLOW_ASSIGN_OR_RETURN(StoredUser user, ReadUser(store, (*list)[i], where));
    users.push_back(std::move(user));
  }
  return users;
}

const StoredUser* WithEmail(const std::vector<StoredUser>& users, const std::string& email) {
  const auto it = std::find_if(users.begin(), users.end(),
                               [&](const StoredUser& user) { return user.email == email; });
  return it == users.end() ? nullptr : &*it;
}

void TellWhich(Session& session, const char* what, const std::vector<std::string>& emails) {
  if (emails.empty()) return;
  session.out() << what << " the following users:\n";
  for (const std::string& email : emails) session.out() << '\t' << email << '\n';
}

// By email, as in Airflow. New ones have no password: users reset-password gives them one.
Status ImportUsers(Session& session, const UserOptions& options) {
  BEEFLOW_ASSIGN_OR_RETURN(UserStore * store, session.users());
  BEEFLOW_ASSIGN_OR_RETURN(std::vector<StoredUser> users, ReadUsers(store, options.file));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<StoredUser> stored, store->Users());
  for (const StoredUser& user : users) {
    const StoredUser* const known = WithEmail(stored, user.email);
    if (known && known->username != user.username) {
      return Conflict("the user with the email '" + user.email + "' is '" + known->username +
                      "'; a username cannot be changed: delete the user first");
    }
    if (!known && store->User(user.username).ok()) {
      return Conflict("the user '" + user.username + "' has another email than '" + user.email +
                      "'; delete the user first");
    }
  }
  std::vector<std::string> created;
  std::vector<std::string> updated;
  for (StoredUser& user : users) {
    const StoredUser* const known = WithEmail(stored, user.email);
    if (known) {
      StoredUser changed = *known;
      changed.first_name = user.first_name;
      changed.last_name = user.last_name;
      changed.roles = user.roles;
      BEEFLOW_RETURN_IF_ERROR(store->UpdateUser(changed, session.Now()));
    } else {
      BEEFLOW_RETURN_IF_ERROR(store->CreateUser(user, session.Now()));
    }
    (known ? updated : created).push_back(user.email);
    BEEFLOW_RETURN_IF_ERROR(Note(session, known ? "user_changed" : "user_created", user.username));
  }
  TellWhich(session, "Created", created);
  TellWhich(session, "Updated", updated);
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
  const auto [save, save_options] =
      add("export", "Write all users, without their passwords, to a JSON file", ExportUsers);
  save->add_option("export", save_options->file, "The file; - for standard output")->required();
  const auto [load, load_options] =
      add("import", "Create or change the users of a JSON file, by their email", ImportUsers);
  load->add_option("import", load_options->file, "The file, as 'users export' writes it")
      ->required();
}

}  // namespace beeflow
