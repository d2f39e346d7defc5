// Users, roles, sessions and tokens in the database.
#include <gtest/gtest.h>

#include <algorithm>

#include "store/sql/sql_user_store.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

class UserStoreTest : public testing::Test {
 protected:
  StoredUser Add(const std::string& name, std::vector<std::string> roles = {"Viewer"}) {
    StoredUser user;
    user.username = name;
    user.first_name = "Ann";
    user.last_name = "Lee";
    user.email = name + "@example.com";
    user.roles = std::move(roles);
    user.password_hash = "$argon2id$";
    EXPECT_TRUE(store_->CreateUser(user, now_).ok());
    return store_->User(name).value();
  }
  StoredSession Session(const std::string& hash, int64_t user_id) {
    return {hash, user_id, "csrf", now_, now_, now_ + std::chrono::hours(1), "127.0.0.1"};
  }
  bool May(const std::string& role, const std::string& action, const std::string& resource) {
    const auto all = store_->PermissionsOf({role}).value();
    return std::find(all.begin(), all.end(), RolePermission{action, resource}) != all.end();
  }
  void AddDag(const std::string& dag_id, const std::string& data) {
    file_.Edit(
        "INSERT INTO serialized_dag (dag_id, fileloc, data, last_updated, dag_hash,"
        " is_latest) VALUES ('" +
        dag_id + "', 'f.py', '" + data + "', '', 'h', 1)");
  }

  TempDatabase file_;
  Time now_ = *ParseTime("2021-01-01");
  std::unique_ptr<SqlUserStore> store_ =
      Taken(sqlite::OpenAs<SqlUserStore>(file_.path(), sqlite::OpenMode::kCreate));
};

TEST_F(UserStoreTest, AFreshDatabaseHasAirflowsRolesAndNoUsers) {
  EXPECT_FALSE(store_->HasUsers().value());
  std::vector<std::string> names;
  for (const StoredRole& role : Taken(store_->Roles())) names.push_back(role.name);
  EXPECT_EQ(names, (std::vector<std::string>{"Admin", "Op", "Public", "User", "Viewer"}));
  EXPECT_TRUE(store_->PermissionsOf({"Public"}).value().empty());
  EXPECT_TRUE(May("Viewer", "can_read", "DAGs"));
  EXPECT_FALSE(May("Viewer", "can_edit", "DAGs"));
  EXPECT_FALSE(May("Viewer", "can_read", "Variables"));
  EXPECT_TRUE(May("User", "can_read", "DAGs"));
  EXPECT_TRUE(May("User", "can_create", "DAG Runs"));
  EXPECT_FALSE(May("User", "can_read", "Connections"));
  EXPECT_TRUE(May("Op", "can_delete", "Variables"));
  EXPECT_FALSE(May("Op", "can_read", "Users"));
  EXPECT_TRUE(May("User", "can_read", "Backfills"));
  EXPECT_FALSE(May("User", "can_create", "Backfills"));
  EXPECT_TRUE(May("Op", "can_edit", "Backfills"));
  EXPECT_TRUE(May("Admin", "can_delete", "Variables"));
  EXPECT_TRUE(May("Admin", "can_create", "Users"));
}

TEST_F(UserStoreTest, AUserComesBack) {
  const StoredUser user = Add("ann", {"Viewer", "Op"});
  EXPECT_TRUE(store_->HasUsers().value());
  EXPECT_EQ(user.first_name, "Ann");
  EXPECT_EQ(user.email, "ann@example.com");
  EXPECT_TRUE(user.is_active);
  EXPECT_EQ(user.roles, (std::vector<std::string>{"Op", "Viewer"}));
  EXPECT_EQ(user.created_on, now_);
  EXPECT_EQ(store_->UserById(user.id)->username, "ann");
  Add("bob");
  EXPECT_EQ(store_->Users()->size(), 2U);
}

TEST_F(UserStoreTest, NamesAndAddressesAreTakenOnce) {
  StoredUser again = Add("ann");
  EXPECT_EQ(store_->CreateUser(again, now_).error().code, ErrorCode::kConflict);
  again.username = "other";
  EXPECT_EQ(store_->CreateUser(again, now_).error().code, ErrorCode::kConflict);
  again.email = "other@example.com";
  again.roles = {"Nobody"};
  EXPECT_EQ(store_->CreateUser(again, now_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->User("other").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Users()->size(), 1U);
}

TEST_F(UserStoreTest, AUserIsChangedAndSignInsAreCounted) {
  StoredUser user = Add("ann");
  user.first_name = "Anna";
  user.is_active = false;
  user.roles = {"Admin"};
  ASSERT_TRUE(store_->UpdateUser(user, now_ + std::chrono::hours(1)).ok());
  ASSERT_TRUE(store_->NoteSignIn(user.id, false, now_).ok());
  EXPECT_EQ(store_->User("ann")->fail_login_count, 1);
  ASSERT_TRUE(store_->NoteSignIn(user.id, true, now_).ok());
  const StoredUser changed = store_->User("ann").value();
  EXPECT_EQ(changed.first_name, "Anna");
  EXPECT_FALSE(changed.is_active);
  EXPECT_EQ(changed.roles, std::vector<std::string>{"Admin"});
  EXPECT_EQ(changed.changed_on, now_ + std::chrono::hours(1));
  EXPECT_EQ(changed.fail_login_count, 0);
  EXPECT_EQ(changed.login_count, 1);
  EXPECT_EQ(changed.last_login, now_);
}

TEST_F(UserStoreTest, AUserWhoGoesTakesEverythingAlong) {
  const StoredUser user = Add("ann");
  ASSERT_TRUE(store_->AddSession(Session("s", user.id)).ok());
  ASSERT_TRUE(store_->AddToken({0, "h", "t", user.id, "", "", now_, {}, {}}).ok());
  ASSERT_TRUE(store_->DeleteUser("ann").ok());
  EXPECT_EQ(store_->DeleteUser("ann").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(store_->Session("s")->has_value());
  EXPECT_FALSE(store_->TokenByHash("h")->has_value());
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM ab_user_role"), "0");
}

TEST_F(UserStoreTest, AnotherPasswordEndsTheSessions) {
  StoredUser user = Add("ann");
  ASSERT_TRUE(store_->AddSession(Session("s", user.id)).ok());
  ASSERT_TRUE(store_->UpdateUser(user, now_).ok());
  EXPECT_TRUE(store_->Session("s")->has_value());
  user.password_hash = "$argon2id$other";
  ASSERT_TRUE(store_->UpdateUser(user, now_).ok());
  EXPECT_FALSE(store_->Session("s")->has_value());
}

TEST_F(UserStoreTest, RolesAreMadeChangedAndDeleted) {
  const StoredRole role{"Analyst", {{"can_read", "DAG:sales"}, {"can_read", "DAGs"}}};
  ASSERT_TRUE(store_->CreateRole(role).ok());
  EXPECT_EQ(store_->CreateRole(role).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->Role("Analyst")->permissions, role.permissions);
  ASSERT_TRUE(store_->UpdateRole("Analyst", {"Reader", {{"can_read", "XComs"}}}).ok());
  EXPECT_EQ(store_->Role("Analyst").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->Role("Reader")->permissions.size(), 1U);
  EXPECT_EQ(store_->UpdateRole("Reader", {"Admin", {}}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->CreateRole({"Bad", {{"can_fly", "DAGs"}}}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(store_->Role("Bad").error().code, ErrorCode::kNotFound);
  Add("ann", {"Reader"});
  ASSERT_TRUE(store_->DeleteRole("Reader").ok());
  EXPECT_TRUE(store_->User("ann")->roles.empty());
}

TEST_F(UserStoreTest, AccessControlFollowsTheNewestVersionOfADag) {
  AddDag("sales", R"({"access_control": {"Analyst": ["can_edit", "can_read"], "Op": []}})");
  AddDag("plain", "{}");
  using Access = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(store_->DagAccessOf({"Analyst", "Op"}).value(),
            (Access{{"sales", "can_edit"}, {"sales", "can_read"}}));
  file_.Edit(R"(UPDATE serialized_dag SET data = '{"access_control": {"Op": ["can_read"]}}',
                dag_hash = 'i' WHERE dag_id = 'sales')");
  EXPECT_EQ(store_->DagAccessOf({"Analyst", "Op"}).value(), (Access{{"sales", "can_read"}}));
  file_.Edit(
      "INSERT INTO dag (dag_id, fileloc) VALUES ('sales', 'f.py'); DELETE FROM dag WHERE dag_id = "
      "'sales'");
  EXPECT_TRUE(store_->DagAccessOf({"Op"})->empty());
}

TEST_F(UserStoreTest, SessionsComeBackAndExpiredOnesGo) {
  const StoredUser user = Add("ann");
  ASSERT_TRUE(store_->AddSession(Session("old", user.id)).ok());
  ASSERT_TRUE(store_->TouchSession("old", now_ + std::chrono::minutes(5)).ok());
  EXPECT_EQ(store_->Session("old").value()->last_used, now_ + std::chrono::minutes(5));
  StoredSession later = Session("new", user.id);
  later.created = now_ + std::chrono::hours(2);
  later.expires = now_ + std::chrono::hours(3);
  ASSERT_TRUE(store_->AddSession(later).ok());
  EXPECT_FALSE(store_->Session("old")->has_value());
  EXPECT_TRUE(store_->DeleteSession("new").value());
  EXPECT_FALSE(store_->DeleteSession("new").value());
}

TEST_F(UserStoreTest, TokensComeBack) {
  const StoredUser user = Add("ann");
  StoredToken token{0, "h", "ci", user.id, "", "read-only", now_, now_ + std::chrono::hours(1), {}};
  const StoredToken added = store_->AddToken(token).value();
  EXPECT_EQ(added.username, "ann");
  token.hash = "h2";
  EXPECT_EQ(store_->AddToken(token).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(store_->TouchToken(added.id, now_).ok());
  const auto found = store_->TokenByHash("h").value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->scope, "read-only");
  EXPECT_EQ(found->expires, token.expires);
  EXPECT_EQ(found->last_used, now_);
  EXPECT_EQ(store_->Tokens()->size(), 1U);
  ASSERT_TRUE(store_->DeleteToken(added.id).ok());
  EXPECT_EQ(store_->DeleteToken(added.id).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace beeflow
