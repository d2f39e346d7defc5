// The verbs of Variables and connections as people use them, over a real database: what they print,
// what they store, and that secrets appear only where they were asked for.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "api/seeded_database_for_test.h"
#include "cli/cli.h"
#include "cli/yaml.h"
#include "crypt/fernet_keyring.h"
#include "store/sql/sql_secret_store.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

class FixedClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class SecretCommandsTest : public testing::Test {
 protected:
  SecretCommandsTest() {
    environment_.clock = &clock_;
    environment_.variables = {{"BEEFLOW_HOME", database_.home()}};
    environment_.open_secrets =
        [this](const Config& config) -> Result<std::unique_ptr<SecretStore>> {
      FernetKeyringOptions options;
      options.key_file = config.home() + "/fernet.key";
      BEEFLOW_ASSIGN_OR_RETURN(auto store,
                               sqlite::OpenAs<SqlSecretStore>(
                                   config.Text("database", "path"), sqlite::OpenMode::kExisting,
                                   std::make_unique<FernetKeyring>(std::move(options), &clock_)));
      return std::unique_ptr<SecretStore>(std::move(store));
    };
  }

  Outcome Run(const std::vector<std::string>& words) {
    std::vector<const char*> argv = {"beeflow"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    environment_.in = &in;
    environment_.out = &out;
    environment_.err = &err;
    const int code = RunCli(static_cast<int>(argv.size()), argv.data(), environment_);
    return {code, out.str(), err.str()};
  }
  // The output of a command that has to succeed.
  std::string Out(const std::vector<std::string>& words) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.out;
  }
  // The message of a command that has to fail, and prints nothing else.
  std::string Failure(const std::vector<std::string>& words) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.code, 1) << outcome.out;
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  }
  std::string Path(const std::string& name) const { return database_.home() + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  SeededDatabase database_;
  FixedClock clock_;
  CliEnvironment environment_;
};

TEST_F(SecretCommandsTest, AVariableIsSetShownListedAndDeleted) {
  EXPECT_EQ(Out({"variables", "set", "token", "s3cret", "--description", "of the API"}),
            "Variable token created\n");
  EXPECT_EQ(Out({"variables", "get", "token"}), "s3cret\n");
  EXPECT_EQ(Out({"variables", "list"}), "key\n=====\ntoken\n");
  EXPECT_EQ(Out({"variables", "list", "-o", "json"}), "[{\"key\":\"token\"}]\n");
  EXPECT_EQ(Out({"variables", "delete", "token"}), "Variable token deleted\n");
  EXPECT_EQ(Out({"variables", "list"}), "No data found\n");
  EXPECT_EQ(Run({"variables", "delete", "token"}).err, "beeflow: Variable token does not exist\n");
}

TEST_F(SecretCommandsTest, AVariableThatIsMissingHasADefaultOrIsAnError) {
  Out({"variables", "set", "token", "x"});
  EXPECT_EQ(Out({"variables", "get", "none", "--default", ""}), "\n");
  EXPECT_EQ(Out({"variables", "get", "none", "-d", "5"}), "5\n");
  EXPECT_EQ(Failure({"variables", "get", "tokn"}),
            "beeflow: Variable tokn does not exist; did you mean 'token'?\n");
}

TEST_F(SecretCommandsTest, JsonIsCheckedWhenAskedFor) {
  Out({"variables", "set", "limits", R"({"b": 1, "a": [2]})"});
  EXPECT_EQ(Out({"variables", "get", "limits"}), "{\"b\": 1, \"a\": [2]}\n");
  EXPECT_EQ(Out({"variables", "get", "-j", "limits"}), "{\"b\":1,\"a\":[2]}\n");
  Out({"variables", "set", "word", "plain"});
  EXPECT_EQ(Failure({"variables", "get", "--json", "word"}),
            "beeflow: Variable word is not valid JSON; show it without --json\n");
  Out({"variables", "set", "-j", "quoted", "a \"b\""});
  EXPECT_EQ(Out({"variables", "get", "quoted"}), "\"a \\\"b\\\"\"\n");
}

TEST_F(SecretCommandsTest, TheEnvironmentComesFirst) {
  Out({"variables", "set", "stage", "database"});
  environment_.variables["AIRFLOW_VAR_STAGE"] = "environment";
  EXPECT_EQ(Out({"variables", "get", "stage"}), "environment\n");
  environment_.variables["AIRFLOW_CONN_WEB"] = "http://ann:s3cret@h";
  EXPECT_NE(Out({"connections", "get", "web", "-o", "json"}).find("s3cret"), std::string::npos);
}

TEST_F(SecretCommandsTest, VariablesComeBackFromEveryFormatTheyWereExportedTo) {
  Out({"variables", "set", "text", "a: b"});
  Out({"variables", "set", "number", "05"});
  Out({"variables", "set", "string", "\"s\""});
  Out({"variables", "set", "object", R"({"z":1,"a":[true,null]})", "--description",
       "order counts"});
  for (const char* name : {"v.json", "v.yaml", "v.env"}) {
    EXPECT_EQ(Out({"variables", "export", Path(name)}),
              "4 variables successfully exported to " + Path(name) + "\n");
    for (const char* key : {"text", "number", "string", "object"})
      Out({"variables", "delete", key});
    EXPECT_EQ(Out({"variables", "import", Path(name)}), "4 of 4 variables successfully updated.\n");
    EXPECT_EQ(Out({"variables", "get", "text"}), "a: b\n") << name;
    EXPECT_EQ(Out({"variables", "get", "number"}), "05\n") << name;
    EXPECT_EQ(Out({"variables", "get", "string"}), "\"s\"\n") << name;
    EXPECT_EQ(Out({"variables", "get", "-j", "object"}), "{\"z\":1,\"a\":[true,null]}\n") << name;
    EXPECT_EQ(std::filesystem::status(Path(name)).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  EXPECT_EQ(Out({"variables", "export", "-"}).front(), '{');
}

TEST_F(SecretCommandsTest, ImportsMayKeepWhatExists) {
  Out({"variables", "set", "a", "old"});
  const std::string file =
      Write("v.json", R"({"a": "new", "b": {"value": 1, "description": "d"}})");
  EXPECT_EQ(Failure({"variables", "import", file, "-a", "fail"}),
            "beeflow: these Variables exist already: a; nothing was imported\n");
  EXPECT_EQ(Out({"variables", "list", "-o", "plain"}), "key\na\n");
  EXPECT_EQ(Out({"variables", "import", file, "--action-on-existing-key", "skip"}),
            "1 of 2 variables successfully updated.\n"
            "These Variables exist already and were skipped: a\n");
  EXPECT_EQ(Out({"variables", "get", "a"}), "old\n");
  EXPECT_EQ(Out({"variables", "get", "b"}), "1\n");
  Out({"variables", "import", file});
  EXPECT_EQ(Out({"variables", "get", "a"}), "new\n");
}

TEST_F(SecretCommandsTest, WrongFilesAreNamedWithoutTheirValues) {
  EXPECT_EQ(
      Failure({"variables", "import", Path("none.json")}),
      "beeflow: " + Path("none.json") + " cannot be read; name a .json, .yaml or .env file\n");
  EXPECT_EQ(Failure({"variables", "import", Write("v.txt", "")}),
            "beeflow: " + Path("v.txt") + ": the name must end with .json, .yaml, .yml or .env\n");
  EXPECT_EQ(Failure({"variables", "import", Write("v.json", "{\"a\": s3cret}")}),
            "beeflow: " + Path("v.json") + ": not valid JSON at byte 7\n");
  EXPECT_EQ(Failure({"variables", "import", Write("v.env", "# comment\nA=1\nA=s3cret\n")}),
            "beeflow: " + Path("v.env") + ": line 3: A is given twice; leave one of them out\n");
  EXPECT_EQ(Failure({"variables", "import", Write("v.yaml", "- a\n")}),
            "beeflow: " + Path("v.yaml") + ": must hold an object of names and values\n");
}

TEST_F(SecretCommandsTest, AConnectionIsAddedInThreeWays) {
  EXPECT_EQ(Out({"connections", "add", "a", "--conn-uri", "http://ann:s3cret@h:80/x?k=v"}),
            "Successfully added `conn_id`=a : http://ann:******@h:80/x\n");
  Out({"connections", "add", "b", "--conn-json",
       R"({"conn_type": "http", "login": "ann", "password": "s3cret", "host": "h", "port": "80",
           "schema": "x", "extra": {"k": "v"}})"});
  Out({"connections", "add", "c", "--conn-type", "http", "--conn-login", "ann", "--conn-password",
       "s3cret", "--conn-host", "h", "--conn-port", "80", "--conn-schema", "x", "--conn-extra",
       R"({"k":"v"})"});
  for (const char* id : {"a", "b", "c"}) {
    const auto shown = OrderedJson::parse(Out({"connections", "get", id, "-o", "json"}))[0];
    EXPECT_EQ(shown["get_uri"], "http://ann:s3cret@h:80/x?k=v") << id;
    EXPECT_EQ(shown["password"], "s3cret");
    EXPECT_EQ(shown["extra_dejson"], R"({"k":"v"})");
    EXPECT_EQ(shown["is_encrypted"], "True");
  }
}

TEST_F(SecretCommandsTest, ListsHideSecrets) {
  Out({"connections", "add", "a", "--conn-uri", "http://ann:s3cret@h/?token=s3cret"});
  const std::string listed = Out({"connections", "list"});
  EXPECT_EQ(listed.find("s3cret"), std::string::npos);
  EXPECT_NE(listed.find("***"), std::string::npos);
  EXPECT_NE(listed.find("ann"), std::string::npos);
  EXPECT_NE(Out({"connections", "list", "--show-values"}).find("s3cret"), std::string::npos);
  EXPECT_EQ(Out({"connections", "list", "--conn-id", "other"}), "No data found\n");
}

TEST_F(SecretCommandsTest, WrongConnectionsAreRefused) {
  Out({"connections", "add", "a", "--conn-type", "http"});
  EXPECT_EQ(Failure({"connections", "add", "a", "--conn-type", "http"}),
            "beeflow: A connection with `conn_id`=a already exists; delete it first, or choose "
            "another id\n");
  EXPECT_EQ(Failure({"connections", "add", "b", "--conn-host", "h"}),
            "beeflow: --conn-type is missing; give it, or --conn-uri, or --conn-json\n");
  EXPECT_EQ(Failure({"connections", "add", "b", "--conn-host", "h", "--conn-uri", "http://h"}),
            "beeflow: give either --conn-uri, or --conn-json, or the single fields (--conn-type, "
            "…)\n");
  EXPECT_EQ(Failure({"connections", "add", "b c", "--conn-uri", "http://h"}),
            "beeflow: connection id 'b c' is not valid; use letters, digits and _-.:/\\#!() , at "
            "most 250 characters\n");
  EXPECT_EQ(Failure({"connections", "add", "b", "--conn-uri", "s3cret"}).find("s3cret"),
            std::string::npos);
  EXPECT_EQ(Failure({"connections", "get", "aa"}),
            "beeflow: there is no connection 'aa'; did you mean 'a'?\n");
  EXPECT_EQ(Failure({"connections", "delete", "zzzz"}),
            "beeflow: there is no connection 'zzzz'; 'beeflow connections list' shows all "
            "connections\n");
  EXPECT_EQ(Out({"connections", "delete", "a"}),
            "Successfully deleted connection with `conn_id`=a\n");
}

TEST_F(SecretCommandsTest, ConnectionsComeBackFromEveryFormatTheyWereExportedTo) {
  const std::string uri = "http://ann:s3cret@h:80/x?__extra__=%7B%22k%22%3A%5B1%5D%7D";
  Out({"connections", "add", "a", "--conn-uri", uri});
  Out({"connections", "add", "b", "--conn-uri", "fs://", "--conn-description", "files"});
  const std::vector<std::vector<std::string>> ways = {
      {Path("c.json")},
      {Path("c.yaml")},
      {Path("c.env")},
      {Path("j.env"), "--serialization-format", "json"}};
  for (const auto& way : ways) {
    std::vector<std::string> words = {"connections", "export"};
    words.insert(words.end(), way.begin(), way.end());
    EXPECT_EQ(Out(words), "Connections successfully exported to " + way[0] + ".\n");
    Out({"connections", "delete", "a"});
    EXPECT_EQ(Out({"connections", "import", way[0]}),
              "Imported connection a\n"
              "Could not import connection b: connection already exists.\n");
    const auto shown = OrderedJson::parse(Out({"connections", "get", "a", "-o", "json"}))[0];
    EXPECT_EQ(shown["get_uri"], uri) << way[0];
  }
  EXPECT_EQ(Out({"connections", "export", "-", "--file-format", "env"}),
            "a=" + uri + "\nb=fs://\n");
  EXPECT_EQ(Failure({"connections", "export", Path("c.json"), "--serialization-format", "uri"}),
            "beeflow: Option `--serialization-format` may only be used with file type `env`.\n");
}

TEST_F(SecretCommandsTest, AnImportWithAMistakeStoresNothing) {
  const std::string file = Write("c.yaml", "a: http://h\nb: {conn_type: http, pasword: s3cret}\n");
  EXPECT_EQ(Failure({"connections", "import", file}),
            "beeflow: " + file + ": connection 'b': there is no field 'pasword'\n");
  EXPECT_EQ(Out({"connections", "list"}), "No data found\n");
}

TEST_F(SecretCommandsTest, TheKeyIsNotShownInLists) {
  const std::string key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
  environment_.variables["BEEFLOW__CORE__FERNET_KEY"] = key;
  EXPECT_EQ(Out({"config", "list"}).find(key), std::string::npos);
  EXPECT_EQ(Out({"config"}).find(key), std::string::npos);
  EXPECT_EQ(Out({"config", "get-value", "core", "fernet_key"}), key + "\n");
}

TEST_F(SecretCommandsTest, RotationCountsWhatItEncrypted) {
  Out({"variables", "set", "a", "1"});
  Out({"connections", "add", "c", "--conn-uri", "http://:pw@h"});
  EXPECT_EQ(Out({"rotate-fernet-key"}),
            "Encrypted 2 Variables and connections with the first key\n");
  EXPECT_EQ(Out({"variables", "get", "a"}), "1\n");
}

TEST_F(SecretCommandsTest, ConnectionsCanBeTried) {
  ConnectionTest answer{true, "Connection successfully tested"};
  environment_.test_connection = [&answer](const Config&, const std::string& conn_id) {
    EXPECT_EQ(conn_id, "db");
    return Result<ConnectionTest>(answer);
  };
  Out({"connections", "add", "db", "--conn-uri", "sqlite://x"});
  EXPECT_EQ(Out({"connections", "test", "db"}),
            "Testing connection db ...\nConnection success! Connection successfully tested\n");
  answer = {false, "no such host"};
  EXPECT_EQ(Run({"connections", "test", "db"}).err, "beeflow: Connection failed! no such host\n");
  EXPECT_EQ(Failure({"connections", "test", "bd"}),
            "beeflow: there is no connection 'bd'; did you mean 'db'?\n");
  EXPECT_NE(Failure({"connections", "create-default-connections"}).find("connections add"),
            std::string::npos);
}

}  // namespace
}  // namespace beeflow
