// Who makes a request, and what they may do. Actions and resources are Airflow's, so that its roles
// mean the same here.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "http/message.h"
#include "ports/api_token.h"

namespace beeflow {

enum class Action { kRead, kCreate, kEdit, kDelete, kMenuAccess };

std::string_view ToString(Action action);  // "can_read", ..., "menu_access"
std::optional<Action> ParseAction(std::string_view name);

// What permissions are about, under Airflow's names.
namespace resource {
inline constexpr const char* kAuditLog = "Audit Logs";
inline constexpr const char* kBackfill = "Backfills";
inline constexpr const char* kClusterActivity = "Cluster Activity";
inline constexpr const char* kConfig = "Configurations";
inline constexpr const char* kConnection = "Connections";
inline constexpr const char* kDag = "DAGs";
inline constexpr const char* kDagCode = "DAG Code";
inline constexpr const char* kDagDependencies = "DAG Dependencies";
inline constexpr const char* kDagRun = "DAG Runs";
inline constexpr const char* kDagWarning = "DAG Warnings";
inline constexpr const char* kDataset = "Datasets";
inline constexpr const char* kImportError = "ImportError";
inline constexpr const char* kMyPassword = "My Password";
inline constexpr const char* kPermission = "Permissions";
inline constexpr const char* kPlugin = "Plugins";
inline constexpr const char* kPool = "Pools";
inline constexpr const char* kProvider = "Providers";
inline constexpr const char* kRole = "Roles";
inline constexpr const char* kTaskInstance = "Task Instances";
inline constexpr const char* kTaskLog = "Task Logs";
inline constexpr const char* kUser = "Users";
inline constexpr const char* kVariable = "Variables";
inline constexpr const char* kWebsite = "Website";
inline constexpr const char* kXCom = "XComs";
}  // namespace resource

struct Permission {
  Action action = Action::kRead;
  std::string resource;
  bool operator==(const Permission&) const = default;
  bool operator<(const Permission& other) const {
    return std::tie(action, resource) < std::tie(other.action, other.resource);
  }
};

// The DAG of a resource "DAG:example"; absent where it is another.
std::optional<std::string> DagOfResource(const std::string& resource);

struct Identity {
  std::string username;
  std::vector<std::string> roles{};
  bool is_signed_in = false;           // otherwise the rights are those of everyone
  bool may_everything = false;         // nobody has to sign in, on this machine's own addresses
  std::set<Permission> permissions{};  // on "DAGs": on all of them
  std::map<std::string, std::set<Action>> dags{};  // by DAG, besides: its access_control
  std::string csrf_token{};    // of its session, which the header X-CSRF-Token must repeat
  bool is_forgeable = false;   // a write by a session without it, which another page may have sent
  bool has_api_token = false;  // which must not be turned into other credentials
  std::string password_proof{};  // of Basic: another one once the password is another

  bool Can(Action action, const std::string& resource) const;
  // On one DAG: through all DAGs or through its own access_control.
  bool CanOnDag(Action action, const std::string& dag_id) const;
  // Whether it is the same user, with the same rights and the same password.
  bool IsSameAs(const Identity& other) const;
};

// `who` with no more rights than the scope of a token allows. A permission of it that names one DAG
// gives what `who` may do with that DAG.
Identity Narrowed(const Identity& who, const TokenScope& scope);

// 401 with the ways to sign in.
HttpResponse AskToSignIn(const HttpRequest& request, std::string_view detail);

// Tells who a request is from. Called on the threads of the server, several at once.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Or the answer that refuses it (401, 403 or 429).
  virtual std::variant<Identity, HttpResponse> Identify(const HttpRequest& request) = 0;
  // Whether the request, which came from `who`, would be let in as theirs again: for answers that
  // last. To ask this is no use of a session or a token.
  virtual bool StillKnows(const HttpRequest& request, const Identity& who);
};

// Where nobody has to sign in: everyone may everything, in the name of `username`.
class OpenDoor : public Authenticator {
 public:
  explicit OpenDoor(std::string username) : username_(std::move(username)) {}
  std::variant<Identity, HttpResponse> Identify(const HttpRequest& request) override;

 private:
  const std::string username_;
};

}  // namespace beeflow
