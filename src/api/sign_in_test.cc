// Signing in as browsers, clients and programs with a token do it, and what does not get in.
#include "api/sign_in.h"

#include <gtest/gtest.h>

#include "api/sign_in_fixture_for_test.h"

namespace beeflow {
namespace {

class SignInTest : public SignInFixture {
 protected:
  void SetUp() override {
    SignInFixture::SetUp();
    AddUser("ann", {"Admin"});
    AddUser("vic", {"Viewer"});
  }
  Answer LogIn(const std::string& name, const std::string& password,
               const httplib::Headers& headers = {}) {
    return Post("/api/v1/ui/login", {{"username", name}, {"password", password}}, headers);
  }
  std::string NewToken(const std::string& user, const Json& request) {
    const Answer answer = Post("/api/v1/tokens", request, Basic(user));
    EXPECT_EQ(answer.status, 200) << answer.text;
    return answer.body.value("token", "");
  }
  static httplib::Headers Bearer(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
  }
};

TEST_F(SignInTest, WithoutCredentialsNothingIsReadOrWritten) {
  EXPECT_EQ(Get("/api/v1/dags").status, 401);
  EXPECT_EQ(Get("/api/v1/pools/default_pool").status, 401);
  EXPECT_EQ(Get("/api/v1/users").status, 401);
  EXPECT_EQ(Get("/api/v1/tokens").status, 401);
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}).status, 401);
  EXPECT_EQ(Get("/api/v1/health").status, 200);
  EXPECT_EQ(Get("/").status, 200);
  const Answer session = Get("/api/v1/ui/session");
  EXPECT_EQ(session.status, 200);
  EXPECT_EQ(session.body["is_signed_in"], false);
  EXPECT_EQ(session.body["must_sign_in"], true);
  EXPECT_EQ(session.body["permissions"], Json::array());
}

TEST_F(SignInTest, OnlyProgramsAreAskedForBasic) {
  EXPECT_EQ(Get("/api/v1/dags").Header("WWW-Authenticate"), "Basic realm=\"Beeflow\"");
  EXPECT_EQ(Get("/api/v1/dags", {{"Sec-Fetch-Mode", "cors"}}).Header("WWW-Authenticate"),
            "Session realm=\"Beeflow\"");
}

TEST_F(SignInTest, ThePublicRoleIsForEveryone) {
  ASSERT_TRUE(users_->UpdateRole("Public", {"Public", {{"can_read", "DAGs"}}}).ok());
  EXPECT_EQ(Get("/api/v1/dags").status, 200);
  EXPECT_EQ(Get("/api/v1/pools").status, 401);
}

TEST_F(SignInTest, AirflowsClientsSignInWithEachRequest) {
  EXPECT_EQ(Get("/api/v1/dags", Basic("vic")).status, 200);
  EXPECT_EQ(Get("/api/v1/dags", Basic("vic", "wrong")).status, 401);
  EXPECT_EQ(Get("/api/v1/dags", Basic("nobody")).status, 401);
  EXPECT_EQ(Get("/api/v1/dags", {{"Authorization", "Basic !"}}).status, 401);
  EXPECT_EQ(Get("/api/v1/dags", {{"Authorization", "Digest x"}}).status, 401);
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, Basic("vic")).status, 403);
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, Basic("ann")).status, 200);
  EXPECT_EQ(Audit("paused").at(0).owner, "ann");
}

TEST_F(SignInTest, APasswordIsCheckedOnceAMinute) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Get("/api/v1/dags", Basic("vic")).status, 200);
  EXPECT_EQ(credentials_.checks, 1);
  clock_.Advance(std::chrono::minutes(2));
  EXPECT_EQ(Get("/api/v1/dags", Basic("vic")).status, 200);
  EXPECT_EQ(credentials_.checks, 2);
}

TEST_F(SignInTest, AnotherPasswordAnotherStateCountsAtOnce) {
  EXPECT_EQ(Get("/api/v1/dags", Basic("vic")).status, 200);
  StoredUser user = users_->User("vic").value();
  user.is_active = false;
  ASSERT_TRUE(users_->UpdateUser(user, clock_.Now()).ok());
  EXPECT_EQ(Get("/api/v1/dags", Basic("vic")).status, 401);
  user.is_active = true;
  user.password_hash = credentials_.HashPassword("another").value();
  ASSERT_TRUE(users_->UpdateUser(user, clock_.Now()).ok());
  EXPECT_EQ(Get("/api/v1/dags", Basic("vic")).status, 401);
  EXPECT_EQ(Get("/api/v1/dags", Basic("vic", "another")).status, 200);
}

TEST_F(SignInTest, ASessionIsACookieAndATokenForWrites) {
  const Answer answer = LogIn("ann", kPassword);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body["username"], "ann");
  EXPECT_EQ(answer.body["roles"], Json({"Admin"}));
  const std::string cookie = answer.Header("Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("beeflow_session=")) << cookie;
  EXPECT_NE(cookie.find("; HttpOnly; SameSite=Lax; Max-Age=2592000"), std::string::npos) << cookie;
  EXPECT_EQ(cookie.find("Secure"), std::string::npos);
  const httplib::Headers page = SignedIn("ann");
  EXPECT_EQ(Get("/api/v1/dags", page).status, 200);
  EXPECT_EQ(Get("/api/v1/ui/session", page).body["is_signed_in"], true);
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, page).status, 200);
}

TEST_F(SignInTest, AForeignPageCannotWriteInASession) {
  httplib::Headers page = SignedIn("ann");
  page.erase("X-CSRF-Token");
  EXPECT_EQ(Get("/api/v1/dags", page).status, 200);
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, page).status, 403);
  EXPECT_EQ(Delete("/api/v1/users/vic", page).status, 403);
  EXPECT_EQ(Post("/api/v1/ui/logout", {}, page).status, 403);
  page.emplace("X-CSRF-Token", SignedIn("ann").find("X-CSRF-Token")->second);  // of another one
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, page).status, 403);
  EXPECT_FALSE((*database_.OpenCatalog())->Dag("etl")->record.is_paused);
}

TEST_F(SignInTest, SigningInMakesANewIdAndEndsTheOldOne) {
  const httplib::Headers planted = {{"Cookie", "beeflow_session=planted"}};
  const Answer answer = LogIn("ann", kPassword, planted);
  EXPECT_EQ(answer.Header("Set-Cookie").find("planted"), std::string::npos);
  EXPECT_EQ(Get("/api/v1/dags", planted).status, 401);
  const httplib::Headers first = SignedIn("ann");
  EXPECT_EQ(LogIn("ann", kPassword, first).status, 200);
  EXPECT_EQ(Get("/api/v1/dags", first).status, 401);
}

TEST_F(SignInTest, SigningOutEndsTheSession) {
  const httplib::Headers page = SignedIn("ann");
  const Answer answer = Post("/api/v1/ui/logout", {}, page);
  EXPECT_EQ(answer.status, 204);
  EXPECT_NE(answer.Header("Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(Get("/api/v1/dags", page).status, 401);
}

TEST_F(SignInTest, SessionsEndByIdlenessAndByAge) {
  const httplib::Headers idle = SignedIn("ann");
  clock_.Advance(std::chrono::hours(12));
  EXPECT_EQ(Get("/api/v1/dags", idle).status, 401);
  const httplib::Headers busy = SignedIn("ann");
  for (int i = 0; i < 71; ++i) {
    clock_.Advance(std::chrono::hours(10));
    ASSERT_EQ(Get("/api/v1/dags", busy).status, 200) << i;
  }
  clock_.Advance(std::chrono::hours(10));
  EXPECT_EQ(Get("/api/v1/dags", busy).status, 401);
}

TEST_F(SignInTest, SessionIdsAndTokensAreStoredAsHashes) {
  const std::string cookie = SignedIn("ann").find("Cookie")->second;
  const std::string id = cookie.substr(cookie.find('=') + 1);
  EXPECT_FALSE(users_->Session(id)->has_value());
  EXPECT_TRUE(users_->Session(credentials_.HashOf(id))->has_value());
  EXPECT_EQ(users_->Session(credentials_.HashOf(id)).value()->address, "127.0.0.1");
  const std::string token = NewToken("ann", {{"name", "ci"}});
  EXPECT_FALSE(users_->TokenByHash(token)->has_value());
}

TEST_F(SignInTest, FailuresAreThrottled) {
  for (int i = 0; i < LoginThrottle::kOfUserAtAddress; ++i) {
    EXPECT_EQ(LogIn("ann", "wrong").status, 401);
  }
  const int checks = credentials_.checks;
  const Answer refused = LogIn("ann", kPassword);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "300");
  EXPECT_EQ(Get("/api/v1/dags", Basic("ann")).status, 429);
  EXPECT_EQ(credentials_.checks, checks) << "argon2 ran for a refused attempt";
  EXPECT_EQ(LogIn("vic", kPassword).status, 200);
  clock_.Advance(LoginThrottle::kWindow);
  EXPECT_EQ(LogIn("ann", kPassword).status, 200);
}

TEST_F(SignInTest, ANameThatIsNobodysTakesAsLongAsAWrongPassword) {
  EXPECT_EQ(LogIn("nobody", "wrong").status, 401);
  EXPECT_EQ(credentials_.checks, 1);
  EXPECT_EQ(LogIn("nobody", "wrong").body, LogIn("ann", "wrong").body);
}

// Users come without a password by `users import`.
TEST_F(SignInTest, AUserWithoutAPasswordLooksLikeNobody) {
  StoredUser user = *users_->User("ann");
  user.password_hash = "";
  ASSERT_TRUE(users_->UpdateUser(user, clock_.Now()).ok());
  for (const char* password : {"", "nobody's", kPassword}) {
    EXPECT_EQ(LogIn("ann", password).status, 401) << password;
  }
  EXPECT_EQ(credentials_.checks, 3);
  EXPECT_EQ(LogIn("ann", "wrong").body, LogIn("nobody", "wrong").body);
}

TEST_F(SignInTest, ClientsOfAirflow3GetATokenForADay) {
  const Json form = {{"username", "vic"}, {"password", kPassword}};
  const Answer made = Post("/auth/token", form);
  EXPECT_EQ(made.status, 201);
  const auto token = Bearer(made.body.value("access_token", ""));
  EXPECT_EQ(Get("/api/v2/dags", token).status, 200);
  EXPECT_EQ(Get("/api/v2/users", token).status, 404);
  EXPECT_EQ(Get("/api/v2/connections", token).status, 403);
  EXPECT_EQ(Post("/auth/token/cli", {{"username", "vic"}, {"password", "wrong"}}).status, 401);
  EXPECT_EQ(Post("/auth/token", {{"password", "x"}}).status, 400);
  EXPECT_EQ(Audit("token_created").at(0).owner, "vic");
  clock_.Advance(std::chrono::hours(24));
  EXPECT_EQ(Get("/api/v2/dags", token).status, 401);
  EXPECT_EQ(Post("/auth/token", form).status, 201);
  EXPECT_EQ(users_->Tokens()->size(), 1U) << "those that are over were not removed";
}

TEST_F(SignInTest, TheAuditLogTellsWhoAndFromWhere) {
  const httplib::Headers page = SignedIn("ann");
  LogIn("ann", "wrong");
  LogIn("my secret typed as a name", "wrong");
  Post("/api/v1/ui/logout", {}, page);
  ASSERT_EQ(Audit("login").size(), 1U);
  EXPECT_EQ(Audit("login").at(0).owner, "ann");
  EXPECT_EQ(Audit("login").at(0).extra, R"({"address":"127.0.0.1"})");
  EXPECT_EQ(Audit("logout").at(0).owner, "ann");
  std::vector<std::string> failed;
  for (const AuditEntry& entry : Audit("login_failed")) failed.push_back(entry.owner);
  std::sort(failed.begin(), failed.end());
  EXPECT_EQ(failed, (std::vector<std::string>{"ann", "unknown"}));
  EXPECT_EQ(users_->User("ann")->login_count, 1);
  EXPECT_EQ(users_->User("ann")->fail_login_count, 1);
}

TEST_F(SignInTest, ATokenActsForItsUserWithinItsScope) {
  const auto all = Bearer(NewToken("ann", {{"name", "all"}}));
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, all).status, 200);
  const auto reads = Bearer(NewToken("ann", {{"name", "reads"}, {"scope", "read-only"}}));
  EXPECT_EQ(Get("/api/v1/dags", reads).status, 200);
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, reads).status, 403);
  const auto one = Bearer(NewToken("ann", {{"name", "one"}, {"scope", "can_read on Pools"}}));
  EXPECT_EQ(Get("/api/v1/pools", one).status, 200);
  EXPECT_EQ(Get("/api/v1/dags", one).status, 403);
  const auto more = Bearer(NewToken("vic", {{"name", "m"}, {"scope", "can_edit on DAGs"}}));
  EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", true}}, more).status, 403);
}

TEST_F(SignInTest, ATokenEnds) {
  const auto token = Bearer(NewToken("vic", {{"name", "ci"}, {"expires", "2021-03-05T00:00:00Z"}}));
  EXPECT_EQ(Get("/api/v1/dags", token).status, 200);
  clock_.Advance(std::chrono::hours(24));
  EXPECT_EQ(Get("/api/v1/dags", token).status, 401);
  EXPECT_EQ(Get("/api/v1/dags", Bearer("bft_made-up")).status, 401);
  const auto other = Bearer(NewToken("vic", {{"name", "other"}}));
  const Json tokens = Get("/api/v1/tokens", Basic("vic")).body["tokens"];
  EXPECT_EQ(tokens.size(), 2U);
  const std::string id = tokens[1]["id"].dump();
  EXPECT_EQ(tokens[1]["name"], "other");
  EXPECT_EQ(tokens.dump().find("bft_"), std::string::npos);
  EXPECT_EQ(Delete("/api/v1/tokens/" + id, Basic("vic")).status, 204);
  EXPECT_EQ(Get("/api/v1/dags", other).status, 401);
}

TEST_F(SignInTest, ATokenMakesNoTokens) {
  const auto token = Bearer(NewToken("ann", {{"name", "ci"}, {"scope", "read-only"}}));
  EXPECT_EQ(Post("/api/v1/tokens", {{"name", "more"}}, token).status, 403);
  EXPECT_EQ(Get("/api/v1/tokens", token).status, 403);
}

TEST_F(SignInTest, TokensOfOthersAreHiddenFromThoseWhoManageNoUsers) {
  NewToken("ann", {{"name", "ci"}});
  EXPECT_EQ(Get("/api/v1/tokens", Basic("vic")).body["total_entries"], 0);
  const std::string id = Get("/api/v1/tokens", Basic("ann")).body["tokens"][0]["id"].dump();
  EXPECT_EQ(Delete("/api/v1/tokens/" + id, Basic("vic")).status, 404);
  NewToken("vic", {{"name", "ci"}});
  EXPECT_EQ(Get("/api/v1/tokens", Basic("ann")).body["total_entries"], 2);
}

TEST_F(SignInTest, TokensThatMeanNothingAreRefused) {
  EXPECT_EQ(Post("/api/v1/tokens", Json::object(), Basic("ann")).status, 400);
  EXPECT_EQ(Post("/api/v1/tokens", {{"name", "x"}, {"scope", "?"}}, Basic("ann")).status, 400);
  EXPECT_EQ(Post("/api/v1/tokens", {{"name", "x"}, {"expires", "2020-01-01"}}, Basic("ann")).status,
            400);
  NewToken("ann", {{"name", "x"}});
  EXPECT_EQ(Post("/api/v1/tokens", {{"name", "x"}}, Basic("ann")).status, 409);
}

TEST_F(SignInTest, OnesOwnPasswordIsChangedByWhoeverKnowsIt) {
  const httplib::Headers page = SignedIn("vic");
  const auto change = [&](const std::string& before, const httplib::Headers& headers) {
    return Post("/api/v1/ui/password", {{"old_password", before}, {"new_password", "new horse"}},
                headers)
        .status;
  };
  EXPECT_EQ(change("wrong", page), 401);
  EXPECT_EQ(change(kPassword, Bearer(NewToken("vic", {{"name", "ci"}}))), 403);
  EXPECT_EQ(change(kPassword, page), 204);
  EXPECT_EQ(Get("/api/v1/dags", page).status, 401);
  EXPECT_EQ(LogIn("vic", kPassword).status, 401);
  EXPECT_EQ(LogIn("vic", "new horse").status, 200);
}

TEST_F(SignInTest, ALocalServerIsOpenUntilThereIsAUser) {
  for (const char* name : {"ann", "vic"}) ASSERT_TRUE(users_->DeleteUser(name).ok());
  Serve({}, true);
  EXPECT_EQ(Get("/api/v1/dags").status, 200);
  const Json session = Get("/api/v1/ui/session").body;
  EXPECT_EQ(session["must_sign_in"], false);
  EXPECT_EQ(session["permissions"], "all");
  EXPECT_EQ(Post("/api/v1/tokens", {{"name", "x"}}).status, 409);
  AddUser("ann", {"Admin"});
  EXPECT_EQ(Get("/api/v1/dags").status, 401);
  EXPECT_EQ(Get("/api/v1/ui/session").body["must_sign_in"], true);
}

}  // namespace
}  // namespace beeflow
