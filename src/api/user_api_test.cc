// Users and roles through the API, in Airflow's shapes.
#include <gtest/gtest.h>

#include "api/sign_in_fixture_for_test.h"

namespace beeflow {
namespace {

class UserApiTest : public SignInFixture {
 protected:
  void SetUp() override {
    SignInFixture::SetUp();
    AddUser("ann", {"Admin"});
    AddUser("oli", {"Op"});
  }
  static Json NewUser() {
    return {{"username", "bob"},
            {"first_name", "Bob"},
            {"last_name", "Lee"},
            {"email", "bob@example.com"},
            {"roles", {{{"name", "User"}}}},
            {"password", "another horse"}};
  }
  const httplib::Headers admin_ = Basic("ann");
};

TEST_F(UserApiTest, AUserIsMadeSeenChangedAndDeleted) {
  const Answer made = Post("/api/v1/users", NewUser(), admin_);
  ASSERT_EQ(made.status, 200) << made.text;
  EXPECT_EQ(made.body["username"], "bob");
  EXPECT_EQ(made.body["active"], true);
  EXPECT_EQ(made.body["roles"], Json::parse(R"([{"name": "User"}])"));
  EXPECT_FALSE(made.body.contains("password"));
  EXPECT_EQ(made.text.find("argon2"), std::string::npos);
  EXPECT_EQ(Get("/api/v1/dags", Basic("bob", "another horse")).status, 200);
  EXPECT_EQ(Get("/api/v1/users/bob", admin_).body["email"], "bob@example.com");
  const Answer changed =
      Patch("/api/v1/users/bob?update_mask=last_name,roles",
            {{"last_name", "Ross"}, {"first_name", "no"}, {"roles", Json::array()}}, admin_);
  EXPECT_EQ(changed.body["last_name"], "Ross");
  EXPECT_EQ(changed.body["first_name"], "Bob");
  EXPECT_EQ(changed.body["roles"], Json::array());
  EXPECT_EQ(Get("/api/v1/dags", Basic("bob", "another horse")).status, 403);
  EXPECT_EQ(Patch("/api/v1/users/bob", {{"password", "third horse"}}, admin_).status, 200);
  EXPECT_EQ(Get("/api/v1/dags", Basic("bob", "another horse")).status, 401);
  EXPECT_EQ(Delete("/api/v1/users/bob", admin_).status, 204);
  EXPECT_EQ(Get("/api/v1/users/bob", admin_).status, 404);
  EXPECT_EQ(Delete("/api/v1/users/bob", admin_).status, 404);
  EXPECT_EQ(Audit("user_deleted").at(0).extra, R"({"address":"127.0.0.1","details":"bob"})");
}

TEST_F(UserApiTest, UsersAreListedInOrder) {
  const Json list = Get("/api/v1/users?order_by=-username&limit=1", admin_).body;
  EXPECT_EQ(list["total_entries"], 2);
  EXPECT_EQ(list["users"][0]["username"], "oli");
  EXPECT_EQ(list["users"].size(), 1U);
  EXPECT_EQ(Get("/api/v1/users?order_by=password", admin_).status, 400);
}

TEST_F(UserApiTest, WhatIsWrongWithAUserIsNamed) {
  const auto detail = [&](const char* field, const Json& value) {
    Json user = NewUser();
    user[field] = value;
    const Answer answer = Post("/api/v1/users", user, admin_);
    return std::to_string(answer.status) + " " + answer.body["detail"].get<std::string>();
  };
  EXPECT_EQ(detail("username", "ann"), "409 Username `ann` already exists. Use PATCH to update.");
  EXPECT_EQ(detail("email", "ann@example.com"),
            "409 The email `ann@example.com` is already taken.");
  EXPECT_EQ(detail("roles", {{{"name", "Nobody"}}, {{"name", "Op"}}}),
            "400 Unknown roles: 'Nobody'");
  EXPECT_EQ(detail("password", ""), "400 a password must not be empty");
  EXPECT_EQ(detail("login_count", 1),
            "400 the body has a field 'login_count' that cannot be set here");
  EXPECT_EQ(Post("/api/v1/users", {{"username", "bob"}}, admin_).status, 400);
  EXPECT_EQ(Patch("/api/v1/users/ann?update_mask=id", {{"email", "x"}}, admin_).status, 400);
  EXPECT_EQ(Patch("/api/v1/users/nobody", {{"email", "x"}}, admin_).status, 404);
}

TEST_F(UserApiTest, OnlyThoseWhoManageUsersSeeThem) {
  for (const char* path : {"/users", "/users/ann", "/roles", "/roles/Op", "/permissions"}) {
    EXPECT_EQ(Get(std::string("/api/v1") + path, Basic("oli")).status, 403) << path;
    EXPECT_EQ(Get(std::string("/api/v1") + path, admin_).status, 200) << path;
  }
  EXPECT_EQ(Post("/api/v1/users", NewUser(), Basic("oli")).status, 403);
  EXPECT_EQ(Patch("/api/v1/users/oli", {{"roles", {{{"name", "Admin"}}}}}, Basic("oli")).status,
            403);
  EXPECT_EQ(Patch("/api/v1/roles/Op", {{"actions", Json::array()}}, Basic("oli")).status, 403);
  EXPECT_EQ(Delete("/api/v1/users/ann", Basic("oli")).status, 403);
}

TEST_F(UserApiTest, ARoleIsMadeSeenChangedAndDeleted) {
  const Json actions =
      Json::parse(R"([{"action": {"name": "can_read"}, "resource": {"name": "DAG:etl"}}])");
  const Answer made = Post("/api/v1/roles", {{"name", "Analyst"}, {"actions", actions}}, admin_);
  ASSERT_EQ(made.status, 200) << made.text;
  EXPECT_EQ(made.body, Json({{"name", "Analyst"}, {"actions", actions}}));
  EXPECT_EQ(Post("/api/v1/roles", {{"name", "Analyst"}}, admin_).status, 409);
  EXPECT_EQ(Get("/api/v1/roles/Analyst", admin_).body["actions"], actions);
  EXPECT_EQ(
      Patch("/api/v1/roles/Analyst?update_mask=name", {{"name", "Reader"}}, admin_).body["actions"],
      actions);
  EXPECT_EQ(Get("/api/v1/roles", admin_).body["total_entries"], 6);
  EXPECT_EQ(Get("/api/v1/roles?order_by=-name&limit=1", admin_).body["roles"][0]["name"], "Viewer");
  EXPECT_EQ(Delete("/api/v1/roles/Reader", admin_).status, 204);
  EXPECT_EQ(Get("/api/v1/roles/Reader", admin_).status, 404);
  EXPECT_EQ(Delete("/api/v1/roles/Admin", admin_).status, 400);
  EXPECT_EQ(Patch("/api/v1/roles/Op?update_mask=id", {{"name", "x"}}, admin_).status, 400);
  for (const char* bad : {R"({"name": "x", "actions": {}})", R"({"name": "x", "actions": [1]})",
                          R"({"name": "x", "actions": [{"action": "can_read"}]})",
                          R"({"name": ""})", R"({"name": 1})"}) {
    EXPECT_EQ(Post("/api/v1/roles", Json::parse(bad), admin_).status, 400) << bad;
  }
}

TEST_F(UserApiTest, TheyAreWhereAirflow29MovedThemToo) {
  for (const char* path : {"/users", "/users/ann", "/roles", "/roles/Op", "/permissions"}) {
    const Answer moved = Get(std::string("/auth/fab/v1") + path, admin_);
    EXPECT_EQ(moved.status, 200) << path;
    EXPECT_EQ(moved.body, Get(std::string("/api/v1") + path, admin_).body) << path;
  }
}

TEST_F(UserApiTest, PermissionsAreAirflowsActions) {
  const Json list = Get("/api/v1/permissions", admin_).body;
  EXPECT_EQ(list["total_entries"], 5);
  EXPECT_EQ(list["actions"][0], Json({{"name", "can_create"}}));
}

}  // namespace
}  // namespace beeflow
