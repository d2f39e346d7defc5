// The command line as people use it, over a real database: what it prints, and what it says about
// mistakes.
#include "cli/cli.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "api/seeded_database_for_test.h"
#include "blob/open_blob_store.h"
#include "ports/log_path.h"
#include "store/sql/sql_export.h"
#include "store/sqlite/migration.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

class FixedClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

class Admin : public DatabaseAdmin {
 public:
  std::string name() const override { return path_; }
  Result<std::string> Import(const std::string& from, const std::string& /*fernet_key*/,
                             const std::function<void(const std::string&)>& /*told*/) override {
    return "took over " + from;
  }
  explicit Admin(std::string path) : path_(std::move(path)) {}
  Result<std::string> Migrate() override {
    BEEFLOW_RETURN_IF_ERROR(MigrateDatabase(path_));
    return std::string("up to date");
  }
  Result<std::string> Check() override {
    BEEFLOW_RETURN_IF_ERROR(CheckDatabase(path_));
    return std::string("fine");
  }
  Status Reset() override {
    was_reset = true;
    return Ok();
  }
  static inline bool was_reset = false;

 private:
  std::string path_;
};

// Hands each Wait to the test, which makes the change that is waited for.
class ScriptedWatch : public ChangeWatch {
 public:
  explicit ScriptedWatch(std::function<Status()>* wait) : wait_(*wait) {}
  Status Wait() override { return wait_(); }

 private:
  std::function<Status()>& wait_;
};

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class CliTest : public testing::Test {
 protected:
  void SetUp() override {
    environment_.clock = &clock_;
    environment_.version = "0.1.0";
    environment_.user = "ann";
    environment_.variables = {{"BEEFLOW_HOME", database_.home()}};
    environment_.open_catalog = [this](const Config&) { return database_.OpenCatalog(); };
    environment_.open_export = [](const Config& config) -> Result<std::unique_ptr<ExportSource>> {
      BEEFLOW_ASSIGN_OR_RETURN(auto source,
                               sqlite::OpenAs<SqlExport>(config.Text("database", "path")));
      return std::unique_ptr<ExportSource>(std::move(source));
    };
    environment_.open_blob_store = [](const BlobLocation& location) {
      return OpenBlobStore(location, {});
    };
    environment_.open_admin = [](const Config& config) -> Result<std::unique_ptr<DatabaseAdmin>> {
      return std::unique_ptr<DatabaseAdmin>(
          std::make_unique<Admin>(config.Text("database", "path")));
    };
    environment_.server_runs = [this](const Config&) { return Result<bool>(server_runs_); };
    environment_.watch = [this](const Config&, const std::string&) {
      return Result<std::unique_ptr<ChangeWatch>>(std::make_unique<ScriptedWatch>(&wait_));
    };
    environment_.refresh_dags = [](const Config&, const std::optional<std::string>&) {
      return Ok();
    };
    environment_.run_in_process = [this](const Config&, const EngineRequest& request) {
      return engine_(request);
    };
    environment_.run_demo = [](const std::vector<std::string>& arguments) {
      return static_cast<int>(arguments.size());
    };
  }

  // Splits at blanks; a word in single quotes may hold some.
  Outcome Run(const std::string& line, const std::string& input = "") {
    std::vector<std::string> words = {"beeflow"};
    bool quoted = false;
    bool open = false;
    for (const char c : line) {
      if (c == '\'') quoted = !quoted;
      if (c == '\'' && quoted) words.emplace_back(), open = true;
      if (c == '\'') continue;
      if (c == ' ' && !quoted) {
        open = false;
        continue;
      }
      if (!open) words.emplace_back();
      open = true;
      words.back() += c;
    }
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    environment_.in = &in;
    environment_.out = &out;
    environment_.err = &err;
    environment_.in_is_terminal = !input.empty();
    const int code = RunCli(static_cast<int>(argv.size()), argv.data(), environment_);
    return {code, out.str(), err.str()};
  }

  // The command fails with exactly this message, and prints nothing else.
  void ExpectFailure(const std::string& line, const std::string& message, int code = 1) {
    const Outcome outcome = Run(line);
    EXPECT_EQ(outcome.code, code) << line;
    EXPECT_EQ(outcome.out, "") << line;
    EXPECT_EQ(outcome.err, "beeflow: " + message + "\n") << line;
  }

  std::unique_ptr<Catalog> catalog() { return std::move(*database_.OpenCatalog()); }

  SeededDatabase database_;
  FixedClock clock_;
  CliEnvironment environment_;
  bool server_runs_ = false;
  std::function<Status()> wait_ = [] { return Unavailable("nothing to wait for"); };
  std::function<Status(const EngineRequest&)> engine_ = [](const EngineRequest&) {
    return Internal("no engine");
  };
};

TEST_F(CliTest, DagsListIsAirflowsTable) {
  const Outcome outcome = Run("dags list");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out,
            "dag_id | filepath | owner | paused\n"
            "=======+==========+=======+=======\n"
            "etl    | etl.py   | ann   | False\n"
            "hourly | more.py  | bob   | True\n");
  EXPECT_EQ(outcome.err,
            "1 file could not be imported; 'beeflow dags list-import-errors' shows why\n");
}

TEST_F(CliTest, OutputFormats) {
  EXPECT_EQ(Run("dags list -o json").out,
            R"([{"dag_id":"etl","filepath":"etl.py","owner":"ann","paused":"False"},)"
            R"({"dag_id":"hourly","filepath":"more.py","owner":"bob","paused":"True"}])"
            "\n");
  EXPECT_EQ(Run("dags list --output yaml").out,
            "- dag_id: etl\n  filepath: etl.py\n  owner: ann\n  paused: \"False\"\n"
            "- dag_id: hourly\n  filepath: more.py\n  owner: bob\n  paused: \"True\"\n");
  EXPECT_EQ(Run("dags list -o plain").out,
            "dag_id  filepath  owner  paused\n"
            "etl     etl.py    ann    False\n"
            "hourly  more.py   bob    True\n");
  EXPECT_EQ(Run("dags list-runs -d etl").out, "No data found\n");
  EXPECT_EQ(Run("dags list-runs -d etl -o json").out, "[]\n");
  EXPECT_EQ(Run("dags list -o xml").code, 2);
}

TEST_F(CliTest, WrongCommandLinesSayWhatWasMeant) {
  ExpectFailure("dgas list", "'beeflow' takes no command 'dgas'; did you mean 'dags'?", 2);
  ExpectFailure("dags lst", "'beeflow dags' takes no command 'lst'; did you mean 'list'?", 2);
  ExpectFailure("dags list --outptu json",
                "'beeflow dags list' takes no option '--outptu'; did you mean '--output'?", 2);
  ExpectFailure("dags pause",
                "beeflow dags pause: dag_id is required; 'beeflow dags pause --help' shows how it "
                "is used",
                2);
  EXPECT_EQ(Run("dags --help").code, 0);
  EXPECT_EQ(Run("").code, 2);
}

TEST_F(CliTest, UnknownDagsAreNamedWithTheNearest) {
  for (const char* line : {"dags details elt", "dags pause elt", "dags trigger elt",
                           "tasks list elt", "dags list-runs -d elt", "tasks clear elt -y"}) {
    ExpectFailure(line, "there is no DAG 'elt'; did you mean 'etl'?");
  }
  ExpectFailure("dags show warehouse",
                "there is no DAG 'warehouse'; 'beeflow dags list' shows all DAGs");
}

TEST_F(CliTest, PauseAndUnpause) {
  EXPECT_EQ(Run("dags pause etl").out, "dag_id | is_paused\n=======+==========\netl    | True\n");
  EXPECT_TRUE(catalog()->Dag("etl")->record.is_paused);
  EXPECT_EQ(Run("dags unpause --treat-dag-id-as-regex '^(etl|hourly)$' -y").code, 0);
  EXPECT_FALSE(catalog()->Dag("hourly")->record.is_paused);
  EXPECT_EQ(Run("dags pause --treat-dag-id-as-regex '(' -y").code, 1);
}

TEST_F(CliTest, TriggerMakesAQueuedRun) {
  const Outcome outcome = Run(R"(dags trigger etl --conf '{"a": [1, 2]}' -o json)");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json run = Json::parse(outcome.out)[0];
  EXPECT_EQ(run["dag_run_id"], "manual__2021-03-04T05:06:07+00:00");
  EXPECT_EQ(run["state"], "queued");
  EXPECT_EQ(run["conf"], R"({"a":[1,2]})");
  EXPECT_EQ(catalog()->Run({"etl", "manual__2021-03-04T05:06:07+00:00"})->conf, R"({"a":[1,2]})");
  EXPECT_EQ(Run("dags trigger etl").code, 1);  // the same logical date
  EXPECT_EQ(Run("dags trigger etl -r mine -e 2021-01-05").code, 0);
  EXPECT_EQ(Run("dags state etl mine").out, "queued\n");
  EXPECT_EQ(Run("dags state etl 2021-01-05").out, "queued\n");
}

TEST_F(CliTest, TriggeringAPausedDagSaysSo) {
  EXPECT_EQ(Run("dags trigger hourly").err,
            "DAG 'hourly' is paused: the run stays queued until 'beeflow dags unpause hourly'\n");
}

TEST_F(CliTest, BadTriggersChangeNothing) {
  ExpectFailure("dags trigger etl --conf [1]",
                R"(--conf: '[1]' must be a JSON object such as {"key": "value"})");
  EXPECT_NE(Run("dags trigger etl --conf {").err.find("--conf: not valid JSON"), std::string::npos);
  ExpectFailure("dags trigger etl -e 2021-13-01",
                "--exec-date: '2021-13-01' is not a date or time; write it as 2021-01-31 or "
                "2021-01-31T15:00:00+00:00");
  EXPECT_NE(Run("dags trigger etl -r scheduled__x").err.find("choose another"), std::string::npos);
  RunFilter filter;
  EXPECT_EQ(*catalog()->CountRuns(filter), 0);
}

TEST_F(CliTest, StateOfMissingRuns) {
  EXPECT_EQ(Run("dags state etl 2021-01-05").out, "None\n");
  ExpectFailure("dags state etl mine",
                "DAG 'etl' has no run with the id or logical date 'mine'; 'beeflow dags list-runs "
                "-d etl' shows its runs");
}

TEST_F(CliTest, ListRunsFilters) {
  database_.AddRun("one", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
  database_.AddRun("two", "2021-01-02", RunState::kFailed, TaskState::kFailed);
  EXPECT_EQ(Run("dags list-runs -d etl --state failed").out,
            "dag_id | run_id | state  | execution_date            | start_date                | "
            "end_date\n"
            "=======+========+========+===========================+===========================+"
            "==========================\n"
            "etl    | two    | failed | 2021-01-02T00:00:00+00:00 | 2021-02-01T00:00:00+00:00 | "
            "2021-02-01T00:00:10+00:00\n");
  EXPECT_EQ(Json::parse(Run("dags list-runs -d etl -e 2021-01-01 -o json").out).size(), 1U);
  ExpectFailure("dags list-runs -d etl --state done",
                "--state: 'done' is no state of a run; use queued, running, success or failed");
}

TEST_F(CliTest, GraphAsTextAndDot) {
  EXPECT_EQ(Run("dags show etl").out,
            "etl: 3 tasks\n"
            "  extract (BashOperator) -> transform\n"
            "    transform (PythonOperator) -> load\n"
            "      load (PythonOperator)\n");
  EXPECT_NE(Run("dags show etl --dot").out.find("\"extract\" -> \"transform\"\n"),
            std::string::npos);
  const std::string file = database_.home() + "/etl.dot";
  EXPECT_EQ(Run("dags show etl -s " + file).code, 0);
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_EQ(Run("dags show etl -s etl.png").code, 1);
  EXPECT_EQ(Run("tasks list etl --tree").out,
            "<Task(BashOperator): extract>\n"
            "    <Task(PythonOperator): transform>\n"
            "        <Task(PythonOperator): load>\n");
  EXPECT_EQ(Run("tasks list etl").out, "extract\ntransform\nload\n");
}

TEST_F(CliTest, TaskStates) {
  database_.AddRun("one", "2021-01-01", RunState::kRunning, TaskState::kRunning);
  EXPECT_EQ(Run("tasks state etl extract one").out, "running\n");
  EXPECT_EQ(Run("tasks state etl extract 2021-01-01").out, "running\n");
  ExpectFailure("tasks state etl extarct one",
                "DAG 'etl' has no task 'extarct'; did you mean 'extract'?");
  EXPECT_EQ(Json::parse(Run("tasks states-for-dag-run etl one -o json").out)[2]["task_id"], "load");
}

TEST_F(CliTest, ClearAsksAndClears) {
  database_.AddRun("one", "2021-01-01", RunState::kFailed, TaskState::kFailed);
  const Outcome no = Run("tasks clear etl -t transform -d", "n\n");
  EXPECT_EQ(no.code, 1);
  EXPECT_EQ(no.err,
            "You are about to clear:\n  one  transform  failed\n  one  load  failed\n"
            "2 task instances. Are you sure? (y/n) beeflow: cancelled; nothing was changed\n");
  EXPECT_EQ(Run("tasks state etl load one").out, "failed\n");
  EXPECT_EQ(Run("tasks clear etl -t transform -d", "y\n").out,
            "2 task instances have been cleared\n");
  EXPECT_EQ(Run("tasks state etl load one").out, "None\n");
  EXPECT_EQ(Run("tasks state etl extract one").out, "failed\n");
  EXPECT_EQ(Run("tasks clear etl -f -y --run-id one").out, "1 task instances have been cleared\n");
  EXPECT_EQ(Run("tasks clear etl -y").out, "Nothing to clear.\n");
  EXPECT_EQ(Run("tasks clear etl -t nothing -y").code, 1);
}

TEST_F(CliTest, AnInterruptedDagsTestLeavesAFailedRun) {
  engine_ = [this](const EngineRequest& request) -> Status {
    EXPECT_TRUE(request.begin().ok());
    EXPECT_FALSE(*request.done());
    EXPECT_TRUE(request.interrupted().ok());
    EXPECT_EQ(catalog()->Run(request.runs[0])->state, RunState::kFailed);
    EXPECT_TRUE(*request.done());
    return Unavailable("interrupted");
  };
  const Outcome outcome = Run("dags test etl 2021-01-01");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("is marked failed"), std::string::npos) << outcome.err;
}

TEST_F(CliTest, RenderShowsFieldsAsAirflow) {
  environment_.render_task = [](const Config&, const TaskTest& test) {
    EXPECT_EQ(test.task_id, "extract");
    EXPECT_EQ(test.run.key.run_id, "__airflow_temporary_run_2021-01-01T00:00:00+00:00");
    EXPECT_TRUE(test.run.interval.has_value());
    return Result<RenderedFields>({{"bash_command", "echo 1"}, {"env", "None"}});
  };
  const std::string rule = "# " + std::string(58, '-') + "\n";
  EXPECT_EQ(Run("tasks render etl extract 2021-01-01").out,
            rule + "# property: bash_command\n" + rule + "echo 1\n\n" + rule + "# property: env\n" +
                rule + "None\n\n");
  EXPECT_EQ(Run("tasks render etl extarct 2021-01-01").code, 1);
  EXPECT_EQ(Run("tasks render etl extract").code, 2);
}

TEST_F(CliTest, WithoutATerminalConfirmationNeedsYes) {
  EXPECT_NE(Run("dags delete etl").err.find("repeat with --yes"), std::string::npos);
  EXPECT_TRUE(catalog()->Dag("etl").ok());
  EXPECT_EQ(Run("dags delete etl -y").out, "DAG etl deleted\n");
  EXPECT_FALSE(catalog()->Dag("etl").ok());
}

TEST_F(CliTest, LogsOfATry) {
  const RunKey run = database_.AddRun("one", "2021-01-01", RunState::kRunning, TaskState::kRunning);
  const std::string path = database_.home() + "/logs/" + AttemptLogPath(run, "extract", -1, 1);
  ExpectFailure("tasks logs etl extract one",
                "task 'extract' (running) has no log for try 1; it would be " + path);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << "first\n";
  EXPECT_EQ(Run("tasks logs etl extract one").out, "first\n");
  ExpectFailure("tasks logs etl extract one --try-number 2",
                "task 'extract' has no try 2; its latest is 1");
  wait_ = [&] {
    std::ofstream(path, std::ios::app) << "second\n";
    EXPECT_TRUE(
        catalog()->SetTaskState({run, {"extract"}}, TaskState::kSuccess, clock_.Now()).ok());
    return Ok();
  };
  EXPECT_EQ(Run("tasks logs etl extract one -f").out, "first\nsecond\n");
}

TEST_F(CliTest, BackfillPlansAndWaitsForTheServer) {
  database_.AddRun("old", "2021-01-02", RunState::kSuccess, TaskState::kSuccess);
  EXPECT_EQ(Run("dags backfill etl -s 2021-01-01 -e 2021-01-02 -n").out,
            "run_id                              | logical_date              | action\n"
            "====================================+===========================+===============\n"
            "backfill__2021-01-01T00:00:00+00:00 | 2021-01-01T00:00:00+00:00 | create\n"
            "old                                 | 2021-01-02T00:00:00+00:00 | keep (success)\n");
  server_runs_ = true;
  const RunKey run{"etl", "backfill__2021-01-01T00:00:00+00:00"};
  wait_ = [&] {
    EXPECT_EQ(catalog()->Run(run)->type, RunType::kBackfill);
    database_.EndRun(run, RunState::kSuccess);
    return Ok();
  };
  const Outcome outcome = Run("dags backfill etl -s 2021-01-01 -e 2021-01-02");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("run " + run.run_id + ": success after 10.000 s\n"), std::string::npos)
      << outcome.err;
}

TEST_F(CliTest, BackfillsAreMadeForTheServer) {
  const std::string create =
      "backfill create --dag-id etl --from-date 2021-01-01 --to-date 2021-01-02";
  EXPECT_EQ(Run(create + " --run-backwards --dry-run").out,
            "logical_date\n"
            "=========================\n"
            "2021-01-02T00:00:00+00:00\n"
            "2021-01-01T00:00:00+00:00\n");
  const Outcome made = Run(create + " --max-active-runs 3 --dag-run-conf '{\"n\": 1}'");
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(catalog()->Run({"etl", "backfill__2021-01-02T00:00:00+00:00"})->conf, R"({"n":1})");
  const BackfillInfo info = *catalog()->Backfill(1);
  EXPECT_EQ(info.order.max_active_runs, 3);
  EXPECT_EQ(info.order.user, "ann");
  EXPECT_EQ(info.runs.at(RunState::kQueued), 2);
  EXPECT_NE(Run(create).err.find("has a backfill already"), std::string::npos);
  EXPECT_EQ(Run("backfill pause 1").code, 0);
  EXPECT_EQ(Json::parse(Run("backfill list --dag-id etl -o json").out)[0]["state"], "paused");
  EXPECT_EQ(Run("backfill unpause 1").code, 0);
  EXPECT_FALSE(catalog()->Backfill(1)->is_paused);
  EXPECT_EQ(Run("backfill cancel 1").code, 0);
  EXPECT_EQ(catalog()->Backfill(1)->runs.at(RunState::kFailed), 2);
  ExpectFailure("backfill cancel 1", "backfill 1 of DAG etl is already completed");
  ExpectFailure("backfill cancel 2", "there is no backfill with the id 2");
  EXPECT_EQ(Run(create + " --reprocess-behavior failed").code, 0);
  EXPECT_EQ(catalog()->Backfill(2)->runs.at(RunState::kQueued), 2);
  EXPECT_EQ(catalog()->Backfill(1)->without_run, 2) << "they are runs of the other now";
}

TEST_F(CliTest, BadBackfills) {
  ExpectFailure("dags backfill etl", "backfill needs --start-date, --end-date or both");
  EXPECT_NE(Run("dags backfill etl -s 2021-01-02 -e 2021-01-01").err.find("lies before"),
            std::string::npos);
  EXPECT_NE(Run("dags backfill hourly -s 2001-01-01 -e 2021-01-01").err.find("more than 10000"),
            std::string::npos);
  server_runs_ = true;
  EXPECT_NE(Run("dags backfill hourly -s 2021-01-01").err.find("'beeflow dags unpause hourly'"),
            std::string::npos);
  RunFilter filter;
  EXPECT_EQ(*catalog()->CountRuns(filter), 0);
}

TEST_F(CliTest, DagsTestCarriesOutOneRunHere) {
  engine_ = [this](const EngineRequest& request) -> Status {
    EXPECT_EQ(request.runs.size(), 1U);
    EXPECT_EQ(request.dag_id, "etl");
    EXPECT_TRUE(request.begin().ok());
    EXPECT_FALSE(*request.done());
    database_.EndRun(request.runs[0], RunState::kFailed);
    EXPECT_TRUE(*request.done());
    return Ok();
  };
  const Outcome outcome = Run("dags test etl 2021-01-01");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "run manual__2021-01-01T00:00:00+00:00: failed after 10.000 s\n");
  EXPECT_EQ(outcome.err, "beeflow: run manual__2021-01-01T00:00:00+00:00 of DAG 'etl' failed\n");
}

TEST_F(CliTest, Pools) {
  EXPECT_EQ(Run("pools set small 2 'for the API' --include-deferred").out, "Pool small created\n");
  EXPECT_EQ(Json::parse(Run("pools get small -o json").out)[0]["description"], "for the API");
  ExpectFailure("pools get smal", "there is no pool 'smal'; did you mean 'small'?");
  ExpectFailure("pools delete default_pool",
                "default_pool cannot be deleted: tasks that name no pool use it");
  EXPECT_EQ(Run("pools set bad many x").code, 2);
  const std::string file = database_.home() + "/pools.json";
  EXPECT_EQ(Run("pools export " + file).out, "Exported 2 pools to " + file + "\n");
  EXPECT_EQ(Run("pools delete small").out, "Pool small deleted\n");
  EXPECT_EQ(Run("pools import " + file).out, "Uploaded 2 pool(s)\n");
  EXPECT_EQ(Json::parse(Run("pools get small -o json").out)[0]["slots"], "2");
  std::ofstream(file) << R"({"a": {"slots": 1}, "b": {"slots": "two"}})";
  ExpectFailure("pools import " + file, file + ": pool 'b': slots must be a whole number");
  EXPECT_EQ(Run("pools get a").code, 1);
  EXPECT_EQ(Run("pools delete small", "n\n").code, 1);
}

TEST_F(CliTest, ExportWritesCsv) {
  database_.AddRun("one", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
  const std::string file =
      database_.home() + "/out/serverless/export/dagrun/dt=2021-03-04_05-06/dagrun.csv";
  EXPECT_NE(Run("export --to " + database_.home() + "/out").out.find(file + "\n"),
            std::string::npos);
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_NE(text.str().find("2021-01-01 00:00:00.000000+00:00"), std::string::npos);
  EXPECT_EQ(text.str().substr(text.str().size() - 2), "\r\n");
  EXPECT_EQ(Run("export --to x --system ../y").code, 1);
}

TEST_F(CliTest, ConfigShowsValuesAndSources) {
  environment_.variables["BEEFLOW__CORE__PARALLELISM"] = "7";
  EXPECT_EQ(Run("config get-value core parallelism").out, "7\n");
  const std::string list = Run("config list --section operators --include-sources").out;
  EXPECT_EQ(list,
            "[operators]\n# Source: default\ndefault_owner = airflow\n"
            "# Source: default\ndefault_queue = default\n");
  EXPECT_NE(Run("config").out.find("environment variable BEEFLOW__CORE__PARALLELISM"),
            std::string::npos);
  ExpectFailure("config get-value core paralelism",
                "there is no setting [core] paralelism; did you mean 'parallelism'?");
  EXPECT_EQ(Run("config list --section nope").code, 1);
}

TEST_F(CliTest, DatabaseCare) {
  EXPECT_EQ(Run("db check").out, "fine\n");
  EXPECT_EQ(Run("db migrate").out, "up to date\n");
  EXPECT_EQ(Run("db reset", "no\n").code, 1);
  EXPECT_FALSE(Admin::was_reset);
  server_runs_ = true;
  EXPECT_NE(Run("db reset -y").err.find("stop it before"), std::string::npos);
  EXPECT_FALSE(Admin::was_reset);
  server_runs_ = false;
  EXPECT_EQ(Run("db reset -y").code, 0);
  EXPECT_TRUE(Admin::was_reset);
}

TEST_F(CliTest, VersionAndPassedThroughVerbs) {
  EXPECT_EQ(Run("version").out, "0.1.0\n");
  EXPECT_EQ(Run("demo --fast 10s_20t").code, 2);
  EXPECT_NE(Run("--help").out.find("demo"), std::string::npos);
}

TEST_F(CliTest, ABrokenConfigurationIsOneLine) {
  environment_.variables["BEEFLOW__CORE__PARALLELISM"] = "x";
  ExpectFailure("dags list",
                "environment variable BEEFLOW__CORE__PARALLELISM: [core] parallelism: 'x' is not a "
                "whole number; write one from 1 to 1000000000");
}

}  // namespace
}  // namespace beeflow
