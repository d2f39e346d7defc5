// The configuration as its users see it: files, variables, precedence, and what the errors say.
#include "config/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/nearest_name.h"

namespace beeflow {
namespace {

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "beeflow_config_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    home_ = pattern;
    variables_ = {{"BEEFLOW_HOME", home_}, {"HOME", "/home/me"}};
  }
  void TearDown() override { std::filesystem::remove_all(home_); }

  void WriteFile(const std::string& text) { std::ofstream(home_ + "/beeflow.cfg") << text; }

  Config Load() {
    auto config = Config::Load(variables_);
    EXPECT_TRUE(config.ok()) << config.error().message;
    return config.ok() ? *config : Config();
  }
  std::string LoadError() {
    auto config = Config::Load(variables_);
    return config.ok() ? "" : config.error().message;
  }

  std::string home_;
  Variables variables_;
};

TEST_F(ConfigTest, DefaultsLieBelowHome) {
  const Config config = Load();
  EXPECT_EQ(config.Text("database", "path"), home_ + "/beeflow.db");
  EXPECT_EQ(config.Text("core", "dags_folder"), home_ + "/dags");
  EXPECT_EQ(config.Text("logging", "base_log_folder"), home_ + "/logs");
  EXPECT_EQ(config.Integer("core", "max_active_tasks_per_dag"), 16);
  EXPECT_TRUE(config.Boolean("core", "dags_are_paused_at_creation"));
  EXPECT_EQ(config.Number("core", "dagbag_import_timeout"), 30.0);
  EXPECT_EQ(config.Find("core", "parallelism")->source, "default");
}

TEST_F(ConfigTest, AQueueMayDifferFromTheOtherTasks) {
  WriteFile("[worker]\nmemory_mb = 256\n[worker:GPU]\nmemory_mb = 4096\ntimeout_seconds = 0\n");
  variables_["BEEFLOW__WORKER:NIGHT__CPU_SHARE"] = "2";
  const Config config = Load();
  EXPECT_EQ(config.NumberForQueue("gpu", "memory_mb"), 4096);
  EXPECT_EQ(config.NumberForQueue("Gpu", "timeout_seconds"), 0);
  EXPECT_EQ(config.NumberForQueue("gpu", "cpu_share"), 0);
  EXPECT_EQ(config.NumberForQueue("default", "memory_mb"), 256);
  EXPECT_EQ(config.NumberForQueue("night", "cpu_share"), 2);
  EXPECT_EQ(config.settings().back().section, "worker:night");
  for (const auto& [name, value] : config.AirflowVariables()) {
    EXPECT_EQ(name.find(':'), std::string::npos);
  }
}

TEST_F(ConfigTest, ErrorsOfAQueuesSectionSayWhatIsKnown) {
  WriteFile("[worker:gpu]\nmemory_md = 4096\n");
  EXPECT_EQ(LoadError(), home_ +
                             "/beeflow.cfg:2: there is no setting [worker:gpu] memory_md; did you "
                             "mean 'memory_mb'?");
  WriteFile("[worker:gpu]\npython = /usr/bin/python3\n");
  EXPECT_NE(LoadError().find("a queue may set max_concurrency, keep_alive_seconds, memory_mb"),
            std::string::npos);
  WriteFile("[worker:gpu]\nmemory_mb = much\n");
  EXPECT_NE(LoadError().find("[worker:gpu] memory_mb: 'much' is not a whole number"),
            std::string::npos);
}

TEST_F(ConfigTest, HomeIsOursThenAirflowsThenTheUsers) {
  EXPECT_EQ(Config::Load({{"HOME", "/home/me"}})->home(), "/home/me/beeflow");
  EXPECT_EQ(Config::Load({{"HOME", "/home/me"}, {"AIRFLOW_HOME", "~/air/"}})->home(),
            "/home/me/air");
  EXPECT_EQ(Config::Load({{"AIRFLOW_HOME", "/air"}, {"BEEFLOW_HOME", "/bee"}})->home(), "/bee");
  EXPECT_NE(Config::Load({}).error().message.find("set BEEFLOW_HOME"), std::string::npos);
}

TEST_F(ConfigTest, OurVariableWinsOverAirflowsOverTheFile) {
  WriteFile("# mine\n[core]\nparallelism = 3\n[worker]\nkeep_alive_seconds: 1.5\n");
  EXPECT_EQ(Load().Integer("core", "parallelism"), 3);
  EXPECT_EQ(Load().Find("core", "parallelism")->source, home_ + "/beeflow.cfg:3");
  EXPECT_EQ(Load().Number("worker", "keep_alive_seconds"), 1.5);
  variables_["AIRFLOW__CORE__PARALLELISM"] = "4";
  EXPECT_EQ(Load().Integer("core", "parallelism"), 4);
  variables_["BEEFLOW__CORE__PARALLELISM"] = "5";
  EXPECT_EQ(Load().Integer("core", "parallelism"), 5);
  EXPECT_EQ(Load().Find("core", "parallelism")->source,
            "environment variable BEEFLOW__CORE__PARALLELISM");
}

TEST_F(ConfigTest, RelativePathsLieBelowHomeAndTildeIsTheUsers) {
  WriteFile("[core]\ndags_folder = flows/\n[logging]\nbase_log_folder = ~/logs\n");
  EXPECT_EQ(Load().Text("core", "dags_folder"), home_ + "/flows");
  EXPECT_EQ(Load().Text("logging", "base_log_folder"), "/home/me/logs");
}

TEST_F(ConfigTest, UnknownKeyNamesFileLineAndNearestName) {
  WriteFile("[core]\n\nparalellism = 3\n");
  EXPECT_EQ(LoadError(), home_ +
                             "/beeflow.cfg:3: there is no setting [core] paralellism; did you "
                             "mean 'parallelism'?");
  WriteFile("[core]\nbase_log_folder = /tmp\n");
  EXPECT_NE(LoadError().find("did you mean '[logging] base_log_folder'?"), std::string::npos);
}

TEST_F(ConfigTest, BadValuesNameTheirPlaceAndRange) {
  WriteFile("[core]\nparallelism = 0\n");
  EXPECT_EQ(LoadError(), home_ +
                             "/beeflow.cfg:2: [core] parallelism: '0' is out of range; write a "
                             "number from 1 to 1000000000");
  WriteFile("[webserver]\nweb_server_port = 80a\n");
  EXPECT_NE(LoadError().find("'80a' is not a whole number; write one from 0 to 65535"),
            std::string::npos);
  WriteFile("[core]\nload_examples = maybe\n");
  EXPECT_NE(LoadError().find("'maybe' is not a boolean; write True or False"), std::string::npos);
  WriteFile("[logging]\nlogging_level = loud\n");
  EXPECT_NE(LoadError().find("is not one of DEBUG INFO"), std::string::npos);
  WriteFile("[core]\ndags_folder =\n");
  EXPECT_NE(LoadError().find("the value is empty"), std::string::npos);
}

TEST_F(ConfigTest, OurUnknownVariableIsAnErrorAirflowsIsNot) {
  variables_["AIRFLOW__CORE__EXECUTOR"] = "CeleryExecutor";
  variables_["AIRFLOW__WEBSERVER__SECRET_KEY"] = "x";
  EXPECT_EQ(LoadError(), "");
  variables_["BEEFLOW__CORE__PARALELLISM"] = "4";
  EXPECT_EQ(LoadError(),
            "environment variable BEEFLOW__CORE__PARALELLISM names no setting; did you mean "
            "'BEEFLOW__CORE__PARALLELISM'?");
}

TEST_F(ConfigTest, AirflowsVariableIsCheckedWhereItCounts) {
  variables_["AIRFLOW__CORE__PARALLELISM"] = "many";
  EXPECT_NE(LoadError().find("environment variable AIRFLOW__CORE__PARALLELISM: [core]"),
            std::string::npos);
}

TEST_F(ConfigTest, BrokenFilesNameTheLine) {
  WriteFile("parallelism = 3\n");
  EXPECT_NE(LoadError().find("beeflow.cfg:1: 'parallelism' stands outside"), std::string::npos);
  WriteFile("[core\n");
  EXPECT_NE(LoadError().find("beeflow.cfg:1: '[core' is not a section"), std::string::npos);
  WriteFile("[core]\nparallelism\n");
  EXPECT_NE(LoadError().find("beeflow.cfg:2: 'parallelism' is not a setting"), std::string::npos);
  WriteFile("[core]\nparallelism = 3\nparallelism = 4\n");
  EXPECT_NE(LoadError().find("is given twice, first in line 2"), std::string::npos);
}

TEST_F(ConfigTest, DagFilesSeeEverySettingButSecrets) {
  variables_["BEEFLOW__CORE__FERNET_KEY"] = "secret";
  const Config config = Load();
  EXPECT_EQ(config.Text("core", "fernet_key"), "secret");
  const auto variables = config.AirflowVariables();
  const auto secrets =
      std::count_if(KnownSettings().begin(), KnownSettings().end(),
                    [](const Setting& setting) { return setting.type == SettingType::kSecret; });
  EXPECT_EQ(variables.size(), KnownSettings().size() - static_cast<size_t>(secrets));
  for (const auto& [name, value] : variables) EXPECT_NE(value, "secret") << name;
  EXPECT_EQ(variables[0], std::pair(std::string("AIRFLOW__CORE__DAGS_FOLDER"), home_ + "/dags"));
}

TEST(NearestName, FindsTyposAndNothingElse) {
  const std::vector<std::string> names = {"extract", "transform", "load"};
  EXPECT_EQ(NearestName("extarct", names), "extract");
  EXPECT_EQ(NearestName("Load", names), "load");
  EXPECT_EQ(NearestName("publish", names), "");
  EXPECT_EQ(DidYouMean("lod", names), "; did you mean 'load'?");
}

}  // namespace
}  // namespace beeflow
