#include "main/access.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "http/http_server.h"
#include "main/database.h"
#include "main/secret_prompt.h"

namespace beeflow {
namespace {

constexpr const char* kPasswordVariable = "BEEFLOW_ADMIN_PASSWORD";
constexpr size_t kRandomLetters = 22;  // 132 bits

// A proxy on this machine makes a loopback address one of everybody.
bool IsForThisMachineOnly(const Config& config) {
  return IsLoopback(config.Text("webserver", "web_server_host")) &&
         !config.Boolean("webserver", "enable_proxy_fix");
}

bool IsOpenWithoutUsers(const Config& config) {
  return config.Text("webserver", "authenticate") == "auto" && IsForThisMachineOnly(config);
}

// "" where none is given.
Result<std::string> GivenPassword(bool may_ask) {
  if (const char* given = std::getenv(kPasswordVariable)) return std::string(given);
  if (!may_ask || isatty(STDIN_FILENO) == 0) return std::string();
  return AskSecret(
      "Nobody can sign in yet. Password of the new user admin (empty: a random one): ");
}

void WarnOfPlainText(const Config& config) {
  if (IsForThisMachineOnly(config) || config.Boolean("webserver", "enable_proxy_fix")) return;
  if (!config.Text("webserver", "web_server_ssl_cert").empty()) return;
  spdlog::warn(
      "passwords and tokens travel unencrypted to {}: set [webserver] web_server_ssl_cert and "
      "web_server_ssl_key, or put a proxy with TLS in front; see docs/security.md",
      config.Text("webserver", "web_server_host"));
}

}  // namespace

SignInOptions AccessOptions(const Config& config, Credentials* credentials, Clock* clock,
                            std::function<Status(const std::function<Status()>&)> on_loop) {
  SignInOptions options;
  options.open_users = [config] { return OpenUsers(config); };
  options.open_catalog = [config] { return OpenCatalog(config); };
  options.on_loop = std::move(on_loop);
  options.credentials = credentials;
  options.clock = clock;
  options.is_open_without_users = IsOpenWithoutUsers(config);
  using std::chrono::minutes;
  options.session_idle_max = minutes(config.Integer("webserver", "session_idle_minutes"));
  options.session_age_max = minutes(config.Integer("webserver", "session_lifetime_minutes"));
  return options;
}

Status MakeFirstAdmin(const Config& config, Credentials* credentials, Clock* clock, bool may_ask) {
  WarnOfPlainText(config);
  BEEFLOW_ASSIGN_OR_RETURN(const auto users, OpenUsers(config));
  BEEFLOW_ASSIGN_OR_RETURN(const bool has_users, users->HasUsers());
  if (!has_users && !IsOpenWithoutUsers(config)) {
    BEEFLOW_ASSIGN_OR_RETURN(std::string password, GivenPassword(may_ask));
    const bool is_random = password.empty();
    if (is_random) {
      BEEFLOW_ASSIGN_OR_RETURN(const std::string secret, credentials->NewSecret());
      password = secret.substr(0, kRandomLetters);
    }
    StoredUser admin;
    admin.username = "admin";
    admin.first_name = "Admin";
    admin.last_name = "User";
    admin.email = "admin@example.com";
    admin.roles = {"Admin"};
    BEEFLOW_ASSIGN_OR_RETURN(admin.password_hash, credentials->HashPassword(password));
    BEEFLOW_RETURN_IF_ERROR(users->CreateUser(admin, clock->Now()));
    fmt::print("Created user admin{}\n",
               is_random ? " with the password " + password + " , which is not shown again" : "");
  }
  unsetenv(kPasswordVariable);  // DAG files must not see it
  return Ok();
}

}  // namespace beeflow
