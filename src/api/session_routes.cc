// Who is signed in and what they may do; signing in and out
#include "api/api_context.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

Json PermissionNames(const Identity& who) {
  if (who.may_everything) return "all";
  Json names = Json::array();
  const auto add = [&](Action action, const std::string& resource) {
    names.push_back(std::string(ToString(action)) + " on " + resource);
  };
  for (const Permission& permission : who.permissions) add(permission.action, permission.resource);
  for (const auto& [dag_id, actions] : who.dags) {
    for (const Action action : actions) add(action, "DAG:" + dag_id);
  }
  return names;
}

Result<Json> SessionJson(ApiCall& call, const Identity& who) {
  const ApiOptions& options = call.context().options();
  bool must_sign_in = false;
  if (options.sign_in) {
    BEEFLOW_ASSIGN_OR_RETURN(must_sign_in, options.sign_in->MustSignIn());
  }
  return Json{{"username", who.username},
              {"roles", who.roles},
              {"is_signed_in", who.is_signed_in},
              {"must_sign_in", must_sign_in},
              {"permissions", PermissionNames(who)},
              {"csrf_token", who.csrf_token},
              {"version", options.version},
              {"instance_name", options.instance_name},
              {"server_time", FormatIso(call.Now())}};
}

Result<Json> GetSession(ApiCall& call) { return SessionJson(call, call.who()); }

struct LoginForm {
  std::string username;
  std::string password;
};

Result<LoginForm> ReadLogin(const HttpRequest& request) {
  BEEFLOW_ASSIGN_OR_RETURN(const Json body, ReadBody(request, {"username", "password"}));
  JsonReader in(body, "the body");
  LoginForm form{in.String("username"), in.String("password")};
  if (form.username.empty()) in.Fail("username is missing");
  BEEFLOW_RETURN_IF_ERROR(in.status());
  return form;
}

// As the clients of Airflow 3 sign in. Where nobody has to, whatever they send then is good.
HttpResponse PostAuthToken(ApiCall& call) {
  SignIn* sign_in = call.context().options().sign_in;
  constexpr int kCreated = 201;
  if (!sign_in || call.who().may_everything) {
    return JsonResponse({{"access_token", "none-is-needed"}}, kCreated);
  }
  const auto form = ReadLogin(call.request());
  if (!form.ok()) return ErrorResponse(form.error());
  const auto made = sign_in->MakeDayToken(call.request(), form->username, form->password);
  if (const auto* refusal = std::get_if<HttpResponse>(&made)) return *refusal;
  return JsonResponse({{"access_token", std::get<std::string>(made)}}, kCreated);
}

HttpResponse LogIn(ApiCall& call) {
  const auto form = ReadLogin(call.request());
  if (!form.ok()) return ErrorResponse(form.error());
  SignIn* sign_in = call.context().options().sign_in;
  if (!sign_in) return ErrorResponse(Conflict("nobody has to sign in here"));
  auto opened = sign_in->Open(call.request(), form->username, form->password);
  if (auto* refusal = std::get_if<HttpResponse>(&opened)) return *refusal;
  const auto& session = std::get<SignIn::Opened>(opened);
  const auto json = SessionJson(call, session.who);
  if (!json.ok()) return ErrorResponse(json.error());
  HttpResponse response = JsonResponse(*json);
  response.headers.emplace_back("Set-Cookie", session.cookie);
  return response;
}

// Not in the name of a token: whoever finds one must not take the account over.
HttpResponse ChangePassword(ApiCall& call) {
  const auto body = ReadBody(call.request(), {"old_password", "new_password"});
  if (!body.ok()) return ErrorResponse(body.error());
  JsonReader in(*body, "the body");
  const std::string before = in.String("old_password");
  const std::string after = in.String("new_password");
  if (!in.status().ok()) return ErrorResponse(in.status().error());
  SignIn* sign_in = call.context().options().sign_in;
  if (!sign_in || call.who().may_everything) {
    return ErrorResponse(Conflict("nobody has to sign in here"));
  }
  if (call.who().has_api_token) {
    return ProblemResponse(403, "Forbidden", "a token cannot be used to change a password");
  }
  return sign_in->ChangePassword(call.request(), call.who(), before, after);
}

HttpResponse LogOut(ApiCall& call) {
  HttpResponse response{204, "application/json", ""};
  SignIn* sign_in = call.context().options().sign_in;
  if (!sign_in) return response;
  const auto cookie = sign_in->Close(call.request(), call.who());
  if (!cookie.ok()) return ErrorResponse(cookie.error());
  response.headers.emplace_back("Set-Cookie", *cookie);
  return response;
}

}  // namespace

void AddSessionRoutes(ApiRoutes* routes) {
  Operation session{"GET",
                    "/api/v1/ui/session",
                    "get_session",
                    "Who is signed in, and their rights",
                    {},
                    {},
                    "",
                    "Session"};
  session.is_open = true;
  routes->AddJson(session, GetSession);
  Operation login{"POST", "/api/v1/ui/login", "post_login", "Sign in", {}, {}, "Login", "Session"};
  login.is_open = true;
  routes->Add(login, LogIn);
  for (const char* path : {"/auth/token", "/auth/token/cli"}) {
    Operation token{"POST", path, "create_token", "A token that is good for a day",
                    {},     {},   "Login",        "AccessToken"};
    token.is_open = true;
    token.status = 201;
    routes->Add(token, PostAuthToken);
  }
  Operation password{"POST",
                     "/api/v1/ui/password",
                     "post_password",
                     "Change one's own password",
                     {{Action::kEdit, resource::kMyPassword}},
                     {},
                     "PasswordChange",
                     ""};
  password.status = 204;
  routes->Add(password, ChangePassword);
  Operation logout{"POST", "/api/v1/ui/logout", "post_logout", "Sign out", {}, {}, "", ""};
  logout.status = 204;
  routes->Add(logout, LogOut);
}

}  // namespace beeflow
