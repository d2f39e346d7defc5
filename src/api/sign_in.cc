#include "api/sign_in.h"

#include <algorithm>

#include "http/authorization.h"
#include "ports/api_token.h"

namespace beeflow {
namespace {

constexpr Duration kRemembered = std::chrono::minutes(1);
constexpr size_t kRememberedMost = 1000;
// How exactly the last use of a session or a token is noted: each note is a commit.
constexpr Duration kTouchEvery = std::chrono::minutes(1);

int64_t InSeconds(Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

bool IsWrite(const HttpRequest& request) { return request.method != "GET"; }

void Add(const RolePermission& given, Identity* who) {
  const auto action = ParseAction(given.action);
  if (!action) return;
  if (const auto dag_id = DagOfResource(given.resource)) {
    who->dags[*dag_id].insert(*action);
  } else {
    who->permissions.insert({*action, given.resource});
  }
}

// What the roles may, and what the DAGs let them do. For those who may everything with all DAGs the
// latter says nothing new.
Status AddRights(UserStore* users, const std::vector<std::string>& roles, Identity* who) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto permissions, users->PermissionsOf(roles));
  for (const RolePermission& permission : permissions) Add(permission, who);
  const auto can = [who](Action action) { return who->Can(action, resource::kDag); };
  if (can(Action::kRead) && can(Action::kEdit) && can(Action::kDelete)) return Ok();
  BEEFLOW_ASSIGN_OR_RETURN(const auto access, users->DagAccessOf(roles));
  for (const auto& [dag_id, name] : access) {
    if (const auto action = ParseAction(name)) who->dags[dag_id].insert(*action);
  }
  return Ok();
}

std::string CookieText(const HttpRequest& request, const std::string& value, int64_t seconds) {
  return std::string(SignIn::kCookie) + "=" + value +
         "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds) +
         (request.is_encrypted ? "; Secure" : "");
}

template <typename Semaphore>
class CheckSlot {
 public:
  explicit CheckSlot(Semaphore* checks) : checks_(checks) { checks_->acquire(); }
  ~CheckSlot() { checks_->release(); }
  CheckSlot(const CheckSlot&) = delete;
  CheckSlot& operator=(const CheckSlot&) = delete;

 private:
  Semaphore* checks_;
};

HttpResponse TooManyFailures(Duration wait) {
  const std::string seconds = std::to_string(InSeconds(wait));
  HttpResponse refusal = ProblemResponse(
      429, "Too Many Requests", "too many sign-ins have failed; try again in " + seconds + " s");
  refusal.headers.emplace_back("Retry-After", seconds);
  return refusal;
}

}  // namespace

SignIn::SignIn(SignInOptions options)
    : options_(std::move(options)), users_(options_.open_users), catalogs_(options_.open_catalog) {}

Result<bool> SignIn::MustSignIn() {
  if (!options_.is_open_without_users) return true;
  BEEFLOW_ASSIGN_OR_RETURN(auto users, users_.Borrow());
  return users->HasUsers();
}

std::variant<Identity, HttpResponse> SignIn::Identify(const HttpRequest& request) {
  auto users = users_.Borrow();
  if (!users.ok()) return ErrorResponse(users.error());
  if (options_.is_open_without_users) {
    const auto has_users = (*users)->HasUsers();
    if (!has_users.ok()) return ErrorResponse(has_users.error());
    if (!*has_users) return OpenDoor(options_.nobody).Identify(request);
  }
  const std::string& header = request.Header("authorization");
  if (const auto token = ReadBearer(header)) return FromToken(users->get(), request, *token, true);
  if (!header.empty()) return FromBasic(users->get(), request, header);
  return FromSessionOrNone(users->get(), request, true);
}

SignIn::Found SignIn::FromSessionOrNone(UserStore* users, const HttpRequest& request, bool is_use) {
  auto session = FromSession(users, request, is_use);
  if (!session.ok()) return ErrorResponse(session.error());
  if (*session) return **session;
  auto everyone = Everyone(users);
  if (!everyone.ok()) return ErrorResponse(everyone.error());
  return *everyone;
}

// The password of Basic was checked when the request came: it is enough that it has not changed.
bool SignIn::StillKnows(const HttpRequest& request, const Identity& who) {
  auto users = users_.Borrow();
  if (!users.ok()) return false;
  if (options_.is_open_without_users) {
    const auto has_users = (*users)->HasUsers();
    if (!has_users.ok()) return false;
    if (!*has_users || who.may_everything) return *has_users != who.may_everything;
  }
  const std::string& header = request.Header("authorization");
  if (const auto basic = ReadBasic(header)) {
    const auto user = (*users)->User(who.username);
    if (!user.ok() || !user->is_active) return false;
    const auto now = FromPassword(users->get(), *user);
    return now.ok() && now->IsSameAs(who);
  }
  const auto token = ReadBearer(header);
  const Found now = token ? FromToken(users->get(), request, *token, false)
                          : FromSessionOrNone(users->get(), request, false);
  const auto* identity = std::get_if<Identity>(&now);
  return identity && identity->IsSameAs(who);
}

Result<Identity> SignIn::IdentityOf(UserStore* users, const StoredUser& user) {
  Identity who;
  who.username = user.username;
  who.roles = user.roles;
  who.is_signed_in = true;
  BEEFLOW_RETURN_IF_ERROR(AddRights(users, user.roles, &who));
  return who;
}

Result<Identity> SignIn::Everyone(UserStore* users) {
  Identity who;
  who.username = options_.nobody;
  who.roles = {"Public"};
  BEEFLOW_RETURN_IF_ERROR(AddRights(users, who.roles, &who));
  return who;
}

SignIn::Found SignIn::FromBasic(UserStore* users, const HttpRequest& request,
                                const std::string& header) {
  const auto given = ReadBasic(header);
  if (!given) {
    return AskToSignIn(request, "the header Authorization is neither Basic nor Bearer");
  }
  auto checked = Check(users, request, given->user, given->password);
  if (auto* refusal = std::get_if<HttpResponse>(&checked)) return *refusal;
  auto who = FromPassword(users, std::get<StoredUser>(checked));
  if (!who.ok()) return ErrorResponse(who.error());
  return *who;
}

Result<Identity> SignIn::FromPassword(UserStore* users, const StoredUser& user) {
  BEEFLOW_ASSIGN_OR_RETURN(Identity who, IdentityOf(users, user));
  who.password_proof = options_.credentials->KeyedHashOf(user.password_hash);
  return who;
}

SignIn::Found SignIn::FromToken(UserStore* users, const HttpRequest& request,
                                const std::string& token, bool is_use) {
  const auto stored = users->TokenByHash(options_.credentials->HashOf(token));
  if (!stored.ok()) return ErrorResponse(stored.error());
  const Time now = options_.clock->Now();
  if (!*stored) return AskToSignIn(request, "there is no such token");
  const StoredToken& known = **stored;
  if (known.expires && *known.expires <= now) return AskToSignIn(request, "the token has expired");
  const auto user = users->UserById(known.user_id);
  if (!user.ok()) return ErrorResponse(user.error());
  if (!user->is_active) return AskToSignIn(request, "the user of the token is not active");
  auto who = IdentityOf(users, *user);
  const auto scope = TokenScope::Parse(known.scope);
  if (!who.ok()) return ErrorResponse(who.error());
  if (!scope.ok()) return ErrorResponse(scope.error());
  if (is_use && (!known.last_used || now - *known.last_used >= kTouchEvery)) {
    // Whether it is noted changes nothing for the request.
    (void)options_.on_loop([&] { return users->TouchToken(known.id, now); }).ok();
  }
  Identity narrow = Narrowed(*who, *scope);
  narrow.has_api_token = true;
  return narrow;
}

Result<std::optional<Identity>> SignIn::FromSession(UserStore* users, const HttpRequest& request,
                                                    bool is_use) {
  const std::string id = request.Cookie(kCookie);
  if (id.empty()) return std::optional<Identity>();
  const std::string hash = options_.credentials->HashOf(id);
  BEEFLOW_ASSIGN_OR_RETURN(const auto session, users->Session(hash));
  const Time now = options_.clock->Now();
  if (!session || session->expires <= now ||
      session->last_used + options_.session_idle_max <= now) {
    return std::optional<Identity>();
  }
  BEEFLOW_ASSIGN_OR_RETURN(const StoredUser user, users->UserById(session->user_id));
  if (!user.is_active) return std::optional<Identity>();
  if (is_use && now - session->last_used >= kTouchEvery) {
    (void)options_.on_loop([&] { return users->TouchSession(hash, now); }).ok();
  }
  BEEFLOW_ASSIGN_OR_RETURN(Identity who, IdentityOf(users, user));
  who.csrf_token = session->csrf_token;
  who.is_forgeable =
      IsWrite(request) && !AreSame(request.Header("x-csrf-token"), session->csrf_token);
  return std::optional(std::move(who));
}

bool SignIn::IsRemembered(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto it = remembered_.find(key);
  return it != remembered_.end() && it->second > options_.clock->Now();
}

void SignIn::Remember(const std::string& key) {
  const Time now = options_.clock->Now();
  const std::lock_guard lock(mutex_);
  if (remembered_.size() >= kRememberedMost) {
    std::erase_if(remembered_, [now](const auto& entry) { return entry.second <= now; });
  }
  if (remembered_.size() >= kRememberedMost) remembered_.clear();
  remembered_[key] = now + kRemembered;
}

bool SignIn::IsRight(const std::optional<StoredUser>& user, const std::string& password) {
  std::call_once(decoy_made_, [this] {
    const auto hash = options_.credentials->HashPassword("nobody's");
    if (hash.ok()) decoy_ = *hash;
  });
  const bool has_password = user && !user->password_hash.empty();
  const bool is_right =
      options_.credentials->IsPassword(password, has_password ? user->password_hash : decoy_);
  return is_right && has_password && user->is_active;
}

HttpResponse SignIn::RefusePassword(UserStore* users, const HttpRequest& request,
                                    const std::optional<StoredUser>& user) {
  // A name that is no user's may be a password that was typed into the wrong field.
  const Status noted =
      Edit({"login_failed"}, user ? user->username : "unknown", request, [&]() -> Status {
        return user ? users->NoteSignIn(user->id, false, options_.clock->Now()) : Ok();
      });
  if (!noted.ok()) return ErrorResponse(noted.error());
  return AskToSignIn(request, "the name or the password is wrong");
}

std::variant<StoredUser, HttpResponse> SignIn::Check(UserStore* users, const HttpRequest& request,
                                                     const std::string& username,
                                                     const std::string& password) {
  auto found = users->User(username);
  if (!found.ok() && found.error().code != ErrorCode::kNotFound) {
    return ErrorResponse(found.error());
  }
  std::optional<StoredUser> user;
  if (found.ok()) user = std::move(*found);
  // With the stored hash in it, the key of a password that was changed is never asked for again.
  std::string text = username;
  text.push_back('\0');
  text += password;
  text.push_back('\0');
  if (user) text += user->password_hash;
  const std::string key = options_.credentials->KeyedHashOf(text);
  if (user && user->is_active && IsRemembered(key)) return *user;
  {
    // Of many requests at once with the same password, the first ones check it for all.
    const CheckSlot slot(&checks_);
    if (user && user->is_active && IsRemembered(key)) return *user;
    const Time now = options_.clock->Now();
    const Duration wait = throttle_.Wait(username, request.remote_address, now);
    if (wait > Duration::zero()) return TooManyFailures(wait);
    if (IsRight(user, password)) {
      throttle_.Forget(username, request.remote_address);
      Remember(key);
      return *user;
    }
    throttle_.NoteFailure(username, request.remote_address, now);
  }
  return RefusePassword(users, request, user);
}

Status SignIn::Edit(const AuditNote& note, const std::string& owner, const HttpRequest& request,
                    const std::function<Status()>& edit) {
  BEEFLOW_ASSIGN_OR_RETURN(auto catalog, catalogs_.Borrow());
  const AuditEntry entry = MakeAuditEntry(note, owner, request, options_.clock->Now());
  return options_.on_loop([&]() -> Status {
    BEEFLOW_RETURN_IF_ERROR(edit());
    return catalog->Audit(entry);
  });
}

std::variant<SignIn::Opened, HttpResponse> SignIn::Open(const HttpRequest& request,
                                                        const std::string& username,
                                                        const std::string& password) {
  auto users = users_.Borrow();
  if (!users.ok()) return ErrorResponse(users.error());
  auto checked = Check(users->get(), request, username, password);
  if (auto* refusal = std::get_if<HttpResponse>(&checked)) return *refusal;
  const StoredUser& user = std::get<StoredUser>(checked);
  const auto id = options_.credentials->NewSecret();
  const auto csrf_token = options_.credentials->NewSecret();
  if (!id.ok()) return ErrorResponse(id.error());
  if (!csrf_token.ok()) return ErrorResponse(csrf_token.error());
  const Time now = options_.clock->Now();
  const StoredSession session{options_.credentials->HashOf(*id),
                              user.id,
                              *csrf_token,
                              now,
                              now,
                              now + options_.session_age_max,
                              request.remote_address};
  const std::string before = request.Cookie(kCookie);
  const Status opened = Edit({"login"}, user.username, request, [&]() -> Status {
    if (!before.empty()) {
      BEEFLOW_RETURN_IF_ERROR((*users)->DeleteSession(options_.credentials->HashOf(before)));
    }
    BEEFLOW_RETURN_IF_ERROR((*users)->AddSession(session));
    return (*users)->NoteSignIn(user.id, true, now);
  });
  if (!opened.ok()) return ErrorResponse(opened.error());
  auto who = IdentityOf(users->get(), user);
  if (!who.ok()) return ErrorResponse(who.error());
  who->csrf_token = *csrf_token;
  return Opened{CookieText(request, *id, InSeconds(options_.session_age_max)), std::move(*who)};
}

std::variant<std::string, HttpResponse> SignIn::MakeDayToken(const HttpRequest& request,
                                                             const std::string& username,
                                                             const std::string& password) {
  constexpr const char* kName = "sign-in ";
  constexpr size_t kRandomLetters = 8;
  auto users = users_.Borrow();
  if (!users.ok()) return ErrorResponse(users.error());
  auto checked = Check(users->get(), request, username, password);
  if (auto* refusal = std::get_if<HttpResponse>(&checked)) return *refusal;
  const StoredUser& user = std::get<StoredUser>(checked);
  const Time now = options_.clock->Now();
  const auto secret = options_.credentials->NewSecret();
  if (!secret.ok()) return ErrorResponse(secret.error());
  const TokenRequest wanted{kName + FormatIso(now) + " " + secret->substr(0, kRandomLetters), "all",
                            now + std::chrono::hours(24)};
  const auto token = MakeToken(wanted, user.id, options_.credentials, now);
  if (!token.ok()) return ErrorResponse(token.error());
  const AuditNote note{"token_created", "", "", "", wanted.name};
  const Status made = Edit(note, user.username, request, [&]() -> Status {
    BEEFLOW_ASSIGN_OR_RETURN(const auto tokens, (*users)->Tokens());
    for (const StoredToken& old : tokens) {
      const bool is_over = old.expires && *old.expires <= now && old.name.starts_with(kName);
      if (is_over) BEEFLOW_RETURN_IF_ERROR((*users)->DeleteToken(old.id));
    }
    BEEFLOW_RETURN_IF_ERROR((*users)->AddToken(token->stored));
    return Ok();
  });
  if (!made.ok()) return ErrorResponse(made.error());
  return token->text;
}

HttpResponse SignIn::ChangePassword(const HttpRequest& request, const Identity& who,
                                    const std::string& old_password,
                                    const std::string& new_password) {
  auto users = users_.Borrow();
  if (!users.ok()) return ErrorResponse(users.error());
  auto checked = Check(users->get(), request, who.username, old_password);
  if (auto* refusal = std::get_if<HttpResponse>(&checked)) return *refusal;
  StoredUser user = std::get<StoredUser>(checked);
  const auto hash = options_.credentials->HashPassword(new_password);
  if (!hash.ok()) return ErrorResponse(hash.error());
  user.password_hash = *hash;
  const Status changed = Edit({"password_changed"}, who.username, request,
                              [&] { return (*users)->UpdateUser(user, options_.clock->Now()); });
  if (!changed.ok()) return ErrorResponse(changed.error());
  return {204, "application/json", ""};
}

Result<std::string> SignIn::Close(const HttpRequest& request, const Identity& who) {
  const std::string id = request.Cookie(kCookie);
  if (!id.empty() && !who.csrf_token.empty()) {
    BEEFLOW_ASSIGN_OR_RETURN(auto users, users_.Borrow());
    const Status closed = Edit({"logout"}, who.username, request, [&]() -> Status {
      BEEFLOW_RETURN_IF_ERROR(users->DeleteSession(options_.credentials->HashOf(id)));
      return Ok();
    });
    if (!closed.ok()) return closed.error();
  }
  return CookieText(request, "", 0);
}

}  // namespace beeflow
