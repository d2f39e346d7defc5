// Variables and Connections in the database: what is stored, and what is readable afterwards.
#include <gtest/gtest.h>

#include "crypt/fernet_keyring.h"
#include "store/sql/sql_secret_store.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_database_for_test.h"

namespace beeflow {
namespace {

constexpr const char* kOld = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr const char* kNew = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

class FixedClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-01-01"); }
};

class SecretStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqlSecretStore> Open(const std::string& keys) {
    FernetKeyringOptions options{keys, "beeflow.cfg:3", (file_.folder() / "fernet.key").string()};
    return Taken(sqlite::OpenAs<SqlSecretStore>(
        file_.path(), sqlite::OpenMode::kCreate,
        std::make_unique<FernetKeyring>(std::move(options), &clock_)));
  }

  TempDatabase file_;
  FixedClock clock_;
  std::unique_ptr<SqlSecretStore> store_ = Open(kOld);
};

StoredVariable MakeVariable(const std::string& key, const std::string& value) {
  StoredVariable variable;
  variable.key = key;
  variable.value = value;
  return variable;
}

StoredConnection MakeConnection(const std::string& conn_id) {
  StoredConnection connection;
  connection.conn_id = conn_id;
  connection.conn_type = "postgres";
  connection.description = "the warehouse";
  connection.host = "db.example.com";
  connection.schema = "sales";
  connection.login = "ann";
  connection.password = "s3cret";
  connection.port = 5432;
  connection.extra = R"({"sslmode": "require"})";
  return connection;
}

TEST_F(SecretStoreTest, AVariableComesBackAndIsEncryptedInTheDatabase) {
  StoredVariable variable = MakeVariable("token", "s3cret");
  variable.description = "of the API";
  ASSERT_TRUE(store_->SetVariable(variable).ok());
  const auto found = store_->Variable("token").value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, "s3cret");
  EXPECT_EQ(found->description, "of the API");
  EXPECT_TRUE(found->is_encrypted);
  EXPECT_EQ(file_.Edit("SELECT is_encrypted FROM variable"), "1");
  EXPECT_EQ(file_.Edit("SELECT substr(val, 1, 5) FROM variable"), "gAAAA");
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM variable WHERE val LIKE '%s3cret%'"), "0");
}

TEST_F(SecretStoreTest, SettingAgainChangesTheValueAndKeepsTheDescription) {
  StoredVariable variable = MakeVariable("limit", "1");
  variable.description = "of rows";
  ASSERT_TRUE(store_->SetVariable(variable).ok());
  ASSERT_TRUE(store_->SetVariable(MakeVariable("limit", "2")).ok());
  const auto found = store_->Variable("limit").value();
  EXPECT_EQ(found->value, "2");
  EXPECT_EQ(found->description, "of rows");
}

TEST_F(SecretStoreTest, ValuesThatSomeoneStoredInTheClearAreReadAsTheyAre) {
  file_.Edit("INSERT INTO variable (key, val) VALUES ('plain', 'gAAAA as it is')");
  file_.Edit(
      "INSERT INTO connection (conn_id, conn_type, password, extra) VALUES ('c', 'http', 'p', "
      "'{}')");
  EXPECT_EQ(store_->Variable("plain").value()->value, "gAAAA as it is");
  EXPECT_EQ(store_->Connection("c").value()->password, "p");
  EXPECT_EQ(store_->Connection("c").value()->extra, "{}");
}

TEST_F(SecretStoreTest, AirflowsTokensAreRead) {
  file_.Edit(
      "INSERT INTO variable (key, val, is_encrypted) VALUES ('greeting', 'gAAAAAAdwJ6wAAECAwQFBgcIC"
      "QoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==', 1)");
  EXPECT_EQ(store_->Variable("greeting").value()->value, "hello");
}

TEST_F(SecretStoreTest, KeysAreListedAndDeleted) {
  for (const char* key : {"b", "a"}) ASSERT_TRUE(store_->SetVariable(MakeVariable(key, "1")).ok());
  EXPECT_EQ(store_->VariableKeys().value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(store_->DeleteVariable("a").value());
  EXPECT_FALSE(store_->DeleteVariable("a").value());
  EXPECT_EQ(store_->Variable("a").value(), std::nullopt);
  EXPECT_EQ(store_->VariableKeys().value(), (std::vector<std::string>{"b"}));
}

TEST_F(SecretStoreTest, AConnectionComesBackWithItsSecretsEncrypted) {
  ASSERT_TRUE(store_->SetConnection(MakeConnection("warehouse")).ok());
  const auto found = store_->Connection("warehouse").value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->conn_type, "postgres");
  EXPECT_EQ(found->host, "db.example.com");
  EXPECT_EQ(found->schema, "sales");
  EXPECT_EQ(found->login, "ann");
  EXPECT_EQ(found->password, "s3cret");
  EXPECT_EQ(found->port, 5432);
  EXPECT_EQ(found->extra, R"({"sslmode": "require"})");
  EXPECT_TRUE(found->is_encrypted);
  EXPECT_TRUE(found->is_extra_encrypted);
  EXPECT_EQ(file_.Edit("SELECT count(*) FROM connection WHERE password LIKE 'gAAAA%'"
                       " AND extra LIKE 'gAAAA%' AND login = 'ann'"),
            "1");
}

TEST_F(SecretStoreTest, AConnectionIsReplacedAsAWhole) {
  ASSERT_TRUE(store_->SetConnection(MakeConnection("warehouse")).ok());
  StoredConnection bare;
  bare.conn_id = "warehouse";
  bare.conn_type = "http";
  ASSERT_TRUE(store_->SetConnection(bare).ok());
  const auto found = store_->Connection("warehouse").value();
  EXPECT_EQ(found->conn_type, "http");
  EXPECT_EQ(found->host, std::nullopt);
  EXPECT_EQ(found->password, std::nullopt);
  EXPECT_FALSE(found->is_encrypted);
  EXPECT_EQ(store_->ConnectionIds().value(), std::vector<std::string>{"warehouse"});
  EXPECT_TRUE(store_->DeleteConnection("warehouse").value());
  EXPECT_FALSE(store_->DeleteConnection("warehouse").value());
}

TEST_F(SecretStoreTest, AWrongKeyNamesWhatCannotBeReadAndWhatToDo) {
  ASSERT_TRUE(store_->SetVariable(MakeVariable("token", "s3cret")).ok());
  ASSERT_TRUE(store_->SetConnection(MakeConnection("warehouse")).ok());
  const std::string advice =
      "it cannot be decrypted with the key in [core] fernet_key (beeflow.cfg:3); add the key that "
      "it was stored with behind the present one, separated by a comma, or store it again";
  const auto other = Open(kNew);
  EXPECT_EQ(other->Variable("token").error().message, "Variable 'token': " + advice);
  EXPECT_EQ(other->Connection("warehouse").error().message,
            "Connection 'warehouse', password: " + advice);
  EXPECT_TRUE(other->VariableKeys().ok());
}

TEST_F(SecretStoreTest, RotationLeavesNothingThatNeedsTheOldKey) {
  file_.Edit("INSERT INTO variable (key, val) VALUES ('plain', 'text')");
  ASSERT_TRUE(store_->SetVariable(MakeVariable("token", "s3cret")).ok());
  ASSERT_TRUE(store_->SetConnection(MakeConnection("warehouse")).ok());
  EXPECT_EQ(Open(std::string(kNew) + "," + kOld)->RotateKey().value(), 2);
  const auto later = Open(kNew);
  EXPECT_EQ(later->Variable("token").value()->value, "s3cret");
  EXPECT_EQ(later->Connection("warehouse").value()->password, "s3cret");
  EXPECT_EQ(later->Variable("plain").value()->value, "text");
}

TEST_F(SecretStoreTest, RotationWithoutTheOldKeyChangesNothing) {
  ASSERT_TRUE(store_->SetVariable(MakeVariable("token", "s3cret")).ok());
  EXPECT_FALSE(Open(kNew)->RotateKey().ok());
  EXPECT_EQ(store_->Variable("token").value()->value, "s3cret");
}

}  // namespace
}  // namespace beeflow
