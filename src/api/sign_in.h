// Who may enter, and by what: the password of a user, which opens a session (a cookie) or comes
// with each request (Basic), or an API token (Bearer).
//
// Nothing of it is kept in memory but failed attempts and, for a minute, passwords that were right,
// under a keyed hash: argon2 takes far longer than a request otherwise does. A user who is changed
// or deleted, a session or a token that is deleted, by whatever program, is so at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <variant>

#include "api/audit.h"
#include "api/identity.h"
#include "api/login_throttle.h"
#include "api/store_pool.h"
#include "ports/clock.h"
#include "ports/credentials.h"
#include "ports/user_store.h"

namespace beeflow {

struct SignInOptions {
  std::function<Result<std::unique_ptr<UserStore>>()> open_users;
  std::function<Result<std::unique_ptr<Catalog>>()> open_catalog;  // for audit lines
  // As in ApiOptions.
  std::function<Status(const std::function<Status()>&)> on_loop;
  Credentials* credentials = nullptr;  // outlives it
  Clock* clock = nullptr;              // the same
  // Nobody has to sign in while there is no user: everyone may everything, as `nobody`.
  bool is_open_without_users = false;
  std::string nobody = "anonymous";
  Duration session_idle_max = std::chrono::hours(12);
  Duration session_age_max = std::chrono::hours(24 * 30);
};

// Any thread.
class SignIn : public Authenticator {
 public:
  static constexpr const char* kCookie = "beeflow_session";

  explicit SignIn(SignInOptions options);

  std::variant<Identity, HttpResponse> Identify(const HttpRequest& request) override;
  bool StillKnows(const HttpRequest& request, const Identity& who) override;

  // Whether there is anything to sign in to.
  Result<bool> MustSignIn();

  struct Opened {
    std::string cookie;  // the value of Set-Cookie
    Identity who;
  };
  // Opens a session under a new id, and ends the one that the request came with. Or the answer that
  // refuses it: 401, or 429 after too many failures.
  std::variant<Opened, HttpResponse> Open(const HttpRequest& request, const std::string& username,
                                          const std::string& password);
  // A token that is good for a day. Or the answer that refuses it, as Open does.
  std::variant<std::string, HttpResponse> MakeDayToken(const HttpRequest& request,
                                                       const std::string& username,
                                                       const std::string& password);
  // Gives whoever asks another password, which ends all of their sessions. Or refuses it as Open
  // does.
  HttpResponse ChangePassword(const HttpRequest& request, const Identity& who,
                              const std::string& old_password, const std::string& new_password);
  // Ends the session of the request, if it has one. Returns the value of Set-Cookie.
  Result<std::string> Close(const HttpRequest& request, const Identity& who);

 private:
  using Found = std::variant<Identity, HttpResponse>;

  Found FromBasic(UserStore* users, const HttpRequest& request, const std::string& header);
  // Of these two, `is_use` notes that the token, or the session, was used.
  Found FromToken(UserStore* users, const HttpRequest& request, const std::string& token,
                  bool is_use);
  // Nothing where there is no such session, or it has ended.
  Result<std::optional<Identity>> FromSession(UserStore* users, const HttpRequest& request,
                                              bool is_use);
  Result<Identity> FromPassword(UserStore* users, const StoredUser& user);
  Found FromSessionOrNone(UserStore* users, const HttpRequest& request, bool is_use);

  // The user with this password, or the refusal.
  std::variant<StoredUser, HttpResponse> Check(UserStore* users, const HttpRequest& request,
                                               const std::string& username,
                                               const std::string& password);
  HttpResponse RefusePassword(UserStore* users, const HttpRequest& request,
                              const std::optional<StoredUser>& user);
  bool IsRight(const std::optional<StoredUser>& user, const std::string& password);
  bool IsRemembered(const std::string& key);
  void Remember(const std::string& key);

  Result<Identity> IdentityOf(UserStore* users, const StoredUser& user);
  Result<Identity> Everyone(UserStore* users);
  // On the thread of the loop, with an audit line.
  Status Edit(const AuditNote& note, const std::string& owner, const HttpRequest& request,
              const std::function<Status()>& edit);

  static constexpr int kChecksAtOnce = 2;

  const SignInOptions options_;
  StorePool<UserStore> users_;
  StorePool<Catalog> catalogs_;
  LoginThrottle throttle_;
  std::counting_semaphore<kChecksAtOnce> checks_{kChecksAtOnce};
  std::once_flag decoy_made_;
  std::string decoy_;  // the hash that is checked where there is none, which takes as long
  std::mutex mutex_;
  std::map<std::string, Time> remembered_;  // until when; under mutex_
};

}  // namespace beeflow
