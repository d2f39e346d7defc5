// The verbs of users, roles and tokens, over a real database.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "api/seeded_database_for_test.h"
#include "cli/cli.h"
#include "crypt/argon2_credentials.h"
#include "store/sql/sql_user_store.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

class FixedClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

class UserCommandsTest : public testing::Test {
 protected:
  UserCommandsTest() {
    environment_.clock = &clock_;
    environment_.user = "root";
    environment_.credentials = &credentials_;
    environment_.variables = {{"BEEFLOW_HOME", database_.home()}};
    environment_.open_catalog = [this](const Config&) { return database_.OpenCatalog(); };
    environment_.open_users = [this](const Config&) { return OpenUsers(); };
    environment_.ask_secret = [this](const std::string&) -> Result<std::string> {
      if (typed_.empty()) return Invalid("there is no terminal");
      std::string line = typed_.front();
      typed_.erase(typed_.begin());
      return line;
    };
  }
  Result<std::unique_ptr<UserStore>> OpenUsers() const {
    BEEFLOW_ASSIGN_OR_RETURN(
        auto store, sqlite::OpenAs<SqlUserStore>(database_.path(), sqlite::OpenMode::kExisting));
    return std::unique_ptr<UserStore>(std::move(store));
  }

  // What it prints, on either stream.
  std::string Run(const std::vector<std::string>& words, int code = 0) {
    std::vector<const char*> argv = {"beeflow"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::istringstream in;
    std::ostringstream out;
    environment_.in = &in;
    environment_.out = environment_.err = &out;
    EXPECT_EQ(RunCli(static_cast<int>(argv.size()), argv.data(), environment_), code) << out.str();
    return out.str();
  }
  std::string Create(const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"users", "create", "-u", name,        "-f", "Ann",
                                      "-l",    "Lee",    "-e", name + "@x", "-r", "Viewer"};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }
  bool IsPassword(const std::string& user, const std::string& password) {
    const std::string hash = (*OpenUsers())->User(user)->password_hash;
    return credentials_.IsPassword(password, hash);
  }

  SeededDatabase database_;
  FixedClock clock_;
  Argon2Credentials credentials_;
  std::vector<std::string> typed_;
  CliEnvironment environment_;
};

TEST_F(UserCommandsTest, AUserIsMadeListedAndDeleted) {
  EXPECT_EQ(Create("ann", {"-p", "secret"}), "User \"ann\" created with role \"Viewer\"\n");
  EXPECT_TRUE(IsPassword("ann", "secret"));
  EXPECT_EQ(Create("ann", {"-p", "other"}), "ann already exist in the db\n");
  EXPECT_EQ(Run({"users", "list", "-o", "json"}),
            R"([{"id":"1","username":"ann","email":"ann@x","first_name":"Ann","last_name":"Lee",)"
            R"("roles":"Viewer"}])"
            "\n");
  EXPECT_EQ(Run({"users", "delete", "-e", "ann@x"}), "User \"ann\" deleted\n");
  EXPECT_EQ(Run({"users", "list"}), "No data found\n");
  EXPECT_NE(Run({"users", "delete", "-u", "ann"}, 1).find("no user 'ann'"), std::string::npos);
  EXPECT_NE(Run({"users", "delete"}, 1).find("either --username or --email"), std::string::npos);
  const auto audit = (*database_.OpenCatalog())->AuditLog(std::nullopt, 10).value();
  ASSERT_EQ(audit.size(), 2U);
  for (const AuditEntry& entry : audit) EXPECT_EQ(entry.owner, "root");
}

TEST_F(UserCommandsTest, APasswordIsTypedTwiceOrMade) {
  typed_ = {"typed", "typed"};
  Create("ann", {});
  EXPECT_TRUE(IsPassword("ann", "typed"));
  typed_ = {"one", "two"};
  EXPECT_NE(Run({"users", "reset-password", "-u", "ann"}, 1).find("did not match"),
            std::string::npos);
  EXPECT_TRUE(IsPassword("ann", "typed"));
  const std::string out = Run({"users", "reset-password", "-u", "ann", "--use-random-password"});
  ASSERT_TRUE(out.starts_with("Password: ")) << out;
  EXPECT_TRUE(IsPassword("ann", out.substr(10, out.find('\n') - 10)));
}

TEST_F(UserCommandsTest, RolesAreGivenAndTaken) {
  Create("ann", {"-p", "x"});
  EXPECT_EQ(Run({"users", "add-role", "-u", "ann", "-r", "Op"}),
            "User \"ann\" added to role \"Op\"\n");
  Run({"users", "add-role", "-u", "ann", "-r", "Op"}, 1);
  Run({"users", "add-role", "-u", "ann", "-r", "Nobody"}, 1);
  EXPECT_EQ(Run({"users", "remove-role", "-u", "ann", "-r", "Viewer"}),
            "User \"ann\" removed from role \"Viewer\"\n");
  Run({"users", "remove-role", "-u", "ann", "-r", "Viewer"}, 1);
  EXPECT_EQ((*OpenUsers())->User("ann")->roles, std::vector<std::string>{"Op"});
}

TEST_F(UserCommandsTest, UsersAreExportedAndImportedAsAirflowDoesIt) {
  Create("ann", {"-p", "x"});
  const std::string file = database_.home() + "/users.json";
  EXPECT_EQ(Run({"users", "export", file}), "1 users successfully exported to " + file + "\n");
  const std::string text = Run({"users", "export", "-"});
  Json users = Json::parse(text);
  EXPECT_EQ(users, Json::parse(R"([{"id": 1, "username": "ann", "email": "ann@x",
      "firstname": "Ann", "lastname": "Lee", "roles": ["Viewer"]}])"));
  users[0]["roles"] = {"Op", "User"};
  users[0]["lastname"] = "Ray";
  users.push_back({{"username", "bob"},
                   {"email", "bob@x"},
                   {"firstname", "Bob"},
                   {"lastname", "Lee"},
                   {"roles", {"Viewer"}}});
  std::ofstream(file) << users;
  EXPECT_EQ(Run({"users", "import", file}),
            "Created the following users:\n\tbob@x\nUpdated the following users:\n\tann@x\n");
  EXPECT_EQ((*OpenUsers())->User("ann")->roles, (std::vector<std::string>{"Op", "User"}));
  EXPECT_EQ((*OpenUsers())->User("ann")->last_name, "Ray");
  EXPECT_TRUE(IsPassword("ann", "x"));
  EXPECT_EQ((*OpenUsers())->User("bob")->password_hash, "");
}

TEST_F(UserCommandsTest, AFileOfUsersIsReadBeforeAnythingChanges) {
  Create("ann", {"-p", "x"});
  const std::string file = database_.home() + "/users.json";
  const auto import = [&](const Json& last) {
    const Json good = {{"username", "bob"},
                       {"email", "bob@x"},
                       {"firstname", ""},
                       {"lastname", ""},
                       {"roles", {"Viewer"}}};
    Json list = {good, good};
    list[1].update({{"username", "eve"}, {"email", "eve@x"}});
    list[1].update(last);
    std::ofstream(file) << list;
    return Run({"users", "import", file}, 1);
  };
  EXPECT_NE(import({{"roles", {"Boss"}}}).find("user 2: there is no role 'Boss'"),
            std::string::npos);
  EXPECT_NE(import({{"email", nullptr}}).find("user 2"), std::string::npos);
  EXPECT_NE(import({{"roles", Json::array()}}).find("roles"), std::string::npos);
  EXPECT_NE(import({{"email", "ann@x"}}).find("cannot be changed"), std::string::npos);
  EXPECT_NE(import({{"username", "ann"}}).find("another email"), std::string::npos);
  EXPECT_EQ((*OpenUsers())->Users()->size(), 1U);
  EXPECT_NE(Run({"users", "import", "/nowhere"}, 1).find("does not exist"), std::string::npos);
}

TEST_F(UserCommandsTest, RolesAreMadeAndGetPermissions) {
  EXPECT_EQ(Run({"roles", "list"}), "name\n======\nAdmin\nOp\nPublic\nUser\nViewer\n");
  EXPECT_EQ(Run({"roles", "create", "A", "B"}), "Added 2 role(s)\n");
  Run({"roles", "add-perms", "A", "-r", "DAG:etl", "Pools", "-a", "can_read", "can_edit"});
  EXPECT_EQ((*OpenUsers())->Role("A")->permissions.size(), 4U);
  Run({"roles", "del-perms", "A", "-r", "Pools"});
  Run({"roles", "del-perms", "A", "-r", "DAG:etl", "-a", "can_edit"});
  EXPECT_EQ((*OpenUsers())->Role("A")->permissions,
            (std::vector<RolePermission>{{"can_read", "DAG:etl"}}));
  Run({"roles", "add-perms", "A", "-r", "Pools", "-a", "can_fly"}, 1);
  EXPECT_EQ(Run({"roles", "delete", "A", "B"}), "Deleted 2 role(s)\n");
  Run({"roles", "delete", "Admin"}, 1);
  Run({"roles", "delete", "A"}, 1);
}

TEST_F(UserCommandsTest, ATokenIsShownOnceListedAndRevoked) {
  Create("ann", {"-p", "x"});
  const std::string out = Run(
      {"tokens", "create", "-u", "ann", "-n", "ci", "-s", "read-only", "--expires", "2022-01-01"});
  const std::string token = out.substr(out.find("bft_"), 47);
  const auto stored = (*OpenUsers())->TokenByHash(credentials_.HashOf(token)).value();
  ASSERT_TRUE(stored.has_value()) << out;
  EXPECT_EQ(stored->scope, "read-only");
  EXPECT_EQ(stored->expires, *ParseTime("2022-01-01"));
  const std::string list = Run({"tokens", "list", "-u", "ann"});
  EXPECT_NE(list.find("read-only"), std::string::npos);
  EXPECT_EQ(list.find("bft_"), std::string::npos);
  EXPECT_EQ(Run({"tokens", "delete", "1"}), "Token 1 deleted\n");
  Run({"tokens", "delete", "1"}, 1);
  Run({"tokens", "create", "-u", "ann", "-n", "ci", "-s", "much"}, 1);
}

}  // namespace
}  // namespace beeflow
