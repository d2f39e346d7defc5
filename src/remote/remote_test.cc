// A Catalog and a SecretStore over HTTP tell what those of the server's database do, and change it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "api/api.h"
#include "api/api_options_for_test.h"
#include "http/http_server.h"
#include "ports/log_path.h"
#include "remote/remote_catalog.h"
#include "remote/remote_secret_store.h"
#include "store/sql/sql_secret_store.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

class RemoteClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

class NothingSealed : public SecretCipher {
 public:
  Result<std::string> Encrypt(const std::string& plain) override { return plain; }
  Result<std::string> Decrypt(const std::string& token) override { return token; }
};

// Lets in whoever has the token, to everything.
class TokenDoor : public Authenticator {
 public:
  std::variant<Identity, HttpResponse> Identify(const HttpRequest& request) override {
    if (request.Header("authorization") != "Bearer t0ken") {
      return ProblemResponse(401, "Unauthorized", "no such token");
    }
    return Identity{"ann", {}, true, true, {}, {}};
  }
};

class RemoteTest : public testing::Test {
 protected:
  void SetUp() override {
    run_ = database_.AddRun("manual__a/b", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
    database_.AddRun("second", "2021-01-02", RunState::kRunning, TaskState::kRunning);
    ApiOptions options = OptionsFor(database_);
    options.open_secrets = [this]() -> Result<std::unique_ptr<SecretStore>> {
      return std::unique_ptr<SecretStore>(OpenSecrets());
    };
    options.clock = &clock_;
    options.authenticator = &door_;
    options.ask_manual_interval = [](const ManualIntervalQuestion&) -> Result<DataInterval> {
      return Unavailable("there is no worker here");
    };
    HttpRouter router;
    AddApiRoutes(options, &router);
    server_ = std::make_unique<HttpServer>(std::move(router));
    const auto port = server_->Start({});
    ASSERT_TRUE(port.ok()) << port.error().message;
    url_ = "http://127.0.0.1:" + std::to_string(*port);
  }

  std::unique_ptr<ServerApi> Api(const std::string& token = "t0ken") {
    return std::move(*ServerApi::For({url_ + "/", token}));
  }
  std::unique_ptr<SqlSecretStore> OpenSecrets() {
    return std::move(*sqlite::OpenAs<SqlSecretStore>(database_.path(), sqlite::OpenMode::kExisting,
                                                     std::make_unique<NothingSealed>()));
  }
  std::unique_ptr<Catalog> Local() { return std::move(*database_.OpenCatalog()); }

  SeededDatabase database_;
  RunKey run_;
  RemoteClock clock_;
  TokenDoor door_;
  std::unique_ptr<HttpServer> server_;
  std::string url_;
};

TEST_F(RemoteTest, DagsAreThoseOfTheServer) {
  RemoteCatalog remote(Api());
  const auto dags = remote.Dags(true);
  ASSERT_TRUE(dags.ok()) << dags.error().message;
  ASSERT_EQ(dags->size(), 2U);
  const auto etl = remote.Dag("etl");
  const auto local = Local()->Dag("etl");
  EXPECT_EQ(etl->record.file, local->record.file);
  EXPECT_EQ(etl->schedule, "@daily");
  EXPECT_EQ(etl->tags, local->tags);
  EXPECT_EQ(etl->owners, local->owners);
  EXPECT_EQ(remote.Dag("hourly")->schedule, Local()->Dag("hourly")->schedule);
  EXPECT_EQ(remote.Dag("nope").error().code, ErrorCode::kNotFound);
  const auto model = remote.Model("etl");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ((*model)->tasks.size(), 3U);
  EXPECT_EQ(remote.ImportErrors()->size(), 1U);
}

TEST_F(RemoteTest, RunsAndTheirTasksAreThoseOfTheServer) {
  RemoteCatalog remote(Api());
  RunFilter filter;
  filter.dag_id = "etl";
  const auto runs = remote.Runs(filter);
  ASSERT_EQ(runs->size(), 2U);
  EXPECT_EQ((*runs)[0].key.run_id, "second");
  EXPECT_EQ(*remote.CountRuns(filter), 2);
  filter.states = {RunState::kRunning};
  filter.logical_date_from = *ParseTime("2021-01-02");
  EXPECT_EQ(remote.Runs(filter)->size(), 1U);
  filter.limit = 1;
  filter.offset = 1;
  EXPECT_TRUE(remote.Runs(filter)->empty());
  const auto run = remote.Run(run_);
  EXPECT_EQ(run->state, RunState::kSuccess);
  EXPECT_EQ(run->interval->end, *ParseTime("2021-01-02"));
  EXPECT_EQ(remote.Run({"etl", "nope"}).error().code, ErrorCode::kNotFound);
  const auto tasks = remote.Tasks(run_);
  ASSERT_EQ(tasks->size(), 3U);
  EXPECT_EQ((*tasks)[0].record.task_id, "extract");
  EXPECT_EQ((*tasks)[0].duration, 1.5);
  EXPECT_EQ(remote.Task(run_, "load", -1)->record.state, TaskState::kSuccess);
}

TEST_F(RemoteTest, RunsAreMadeThere) {
  RemoteCatalog remote(Api());
  RunRecord run;
  run.key = {"etl", "mine"};
  run.logical_date = *ParseTime("2021-02-03");
  run.conf = R"({"x": 1})";
  const auto made = remote.CreateRun(run);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->interval->start, *ParseTime("2021-02-02"));
  EXPECT_EQ(Local()->Run({"etl", "mine"})->conf, R"({"x":1})");
  EXPECT_EQ(remote.CreateRun(run).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Local()->AuditLog("etl", 1)->at(0).owner, "ann");
}

TEST_F(RemoteTest, RunsAreClearedMarkedAndDeletedThere) {
  RemoteCatalog remote(Api());
  ClearSelection again;
  again.dag_id = run_.dag_id;
  again.runs = {run_.run_id};
  again.tasks = {"transform", "load"};
  EXPECT_EQ(remote.Clearable(again)->size(), 2U);
  const auto cleared = remote.Clear(again);
  ASSERT_TRUE(cleared.ok()) << cleared.error().message;
  EXPECT_EQ(cleared->size(), 2U);
  TaskSelection selection;
  selection.run = run_;
  selection.tasks = {"transform", "load"};
  EXPECT_EQ(Local()->Run(run_)->state, RunState::kQueued);
  EXPECT_EQ(*remote.SetTaskState(selection, TaskState::kFailed, clock_.Now()), 2);
  EXPECT_EQ(Local()->Task(run_, "load", -1)->record.state, TaskState::kFailed);
  ASSERT_TRUE(remote.SetRunState(run_, RunState::kFailed, clock_.Now()).ok());
  ASSERT_TRUE(remote.SetRunNote(run_, "why", clock_.Now()).ok());
  ASSERT_TRUE(remote.SetTaskNote(run_, "load", -1, "why", clock_.Now()).ok());
  ASSERT_TRUE(remote.DeleteRun(run_).ok());
  EXPECT_EQ(Local()->Run(run_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(remote.DeleteDag("etl").error().code, ErrorCode::kConflict);  // "second" is running
  ASSERT_TRUE(remote.DeleteDag("hourly").ok());
}

TEST_F(RemoteTest, PausingAndPools) {
  RemoteCatalog remote(Api());
  ASSERT_TRUE(remote.SetPaused("etl", true).ok());
  EXPECT_TRUE(Local()->Dag("etl")->record.is_paused);
  PoolInfo pool;
  pool.record = {"gpu", 2};
  pool.description = "cards";
  ASSERT_TRUE(remote.SetPool(pool).ok());
  pool.record.slots = 3;
  const Status changed = remote.SetPool(pool);
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  pool.record = {"default_pool", 9};
  ASSERT_TRUE(remote.SetPool(pool).ok());
  const auto pools = remote.Pools();
  ASSERT_EQ(pools->size(), 2U);
  EXPECT_EQ((*pools)[0].record.slots, 9);
  EXPECT_EQ((*pools)[1].record.slots, 3);
  EXPECT_EQ((*pools)[1].description, "cards");
  ASSERT_TRUE(remote.DeletePool("gpu").ok());
  EXPECT_EQ(remote.DeletePool("gpu").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(remote.AuditLog(std::nullopt, 1)->at(0).event, "delete_pool");
}

TEST_F(RemoteTest, LogsAreRead) {
  const std::string path = database_.home() + "/logs/" + AttemptLogPath(run_, "extract", -1, 1);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << "one\n";
  RemoteCatalog remote(Api());
  EXPECT_EQ(*remote.Log(remote.Task(run_, "extract", -1)->record, 1), "one\n");
  EXPECT_TRUE(remote.Log(remote.Task(run_, "load", -1)->record, 1)
                  ->starts_with("*** There is no log file "));
}

TEST_F(RemoteTest, VariablesAreSetAndDeletedThere) {
  RemoteSecretStore remote(Api());
  StoredVariable variable;
  variable.key = "city/x y";
  variable.value = "Bonn";
  variable.description = "where";
  ASSERT_TRUE(remote.SetVariable(variable).ok());
  variable.value = "Rome";
  ASSERT_TRUE(remote.SetVariable(variable).ok());
  EXPECT_EQ((*OpenSecrets()->Variable("city/x y"))->value, "Rome");
  EXPECT_EQ((*remote.Variable("city/x y"))->description, "where");
  EXPECT_EQ(*remote.VariableKeys(), std::vector<std::string>{"city/x y"});
  EXPECT_FALSE(remote.Variable("nope")->has_value());
  EXPECT_TRUE(*remote.DeleteVariable("city/x y"));
  EXPECT_FALSE(*remote.DeleteVariable("city/x y"));
}

TEST_F(RemoteTest, ConnectionsAreStoredWholeAndReadWithoutTheirPassword) {
  RemoteSecretStore remote(Api());
  StoredConnection connection;
  connection.conn_id = "wh";
  connection.conn_type = "postgres";
  connection.login = "ann";
  connection.password = "s3cret";
  connection.port = 5432;
  ASSERT_TRUE(remote.SetConnection(connection).ok());
  connection.host = "db";
  ASSERT_TRUE(remote.SetConnection(connection).ok());
  const auto stored = *OpenSecrets()->Connection("wh");
  EXPECT_EQ(stored->password, "s3cret");
  EXPECT_EQ(stored->host, "db");
  const auto read = *remote.Connection("wh");
  EXPECT_EQ(read->password, std::nullopt);
  EXPECT_EQ(read->port, 5432);
  EXPECT_EQ(*remote.ConnectionIds(), std::vector<std::string>{"wh"});
  EXPECT_TRUE(*remote.DeleteConnection("wh"));
  EXPECT_FALSE(remote.Connection("wh")->has_value());
}

TEST_F(RemoteTest, BackfillsAreThoseOfTheServer) {
  RemoteCatalog remote(Api());
  BackfillOrder order;
  order.dag_id = "etl";
  order.from = *ParseTime("2021-01-01");
  order.to = *ParseTime("2021-01-04");
  order.backwards = true;
  order.max_active_runs = 2;
  order.conf = R"({"n":1})";
  const auto dates = remote.DryRunBackfill(order, clock_.Now());
  ASSERT_TRUE(dates.ok()) << dates.error().message;
  EXPECT_EQ(*dates, (std::vector<Time>{*ParseTime("2021-01-04"), *ParseTime("2021-01-03")}));
  const auto made = remote.CreateBackfill(order, clock_.Now());
  ASSERT_TRUE(made.ok()) << made.error().message;
  const BackfillInfo local = *Local()->Backfill(made->id);
  EXPECT_EQ(local.order.user, "ann");
  EXPECT_EQ(local.order.conf, order.conf);
  EXPECT_EQ(local.runs.at(RunState::kQueued), 2);
  EXPECT_EQ(local.without_run, 2);
  EXPECT_EQ(remote.CreateBackfill(order, clock_.Now()).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(remote.SetBackfillPaused(made->id, true, clock_.Now()).ok());
  EXPECT_TRUE(remote.Backfill(made->id)->is_paused);
  EXPECT_TRUE(remote.CancelBackfill(made->id, clock_.Now()).ok());
  BackfillFilter filter;
  filter.dag_id = "etl";
  EXPECT_EQ(*remote.CountBackfills(filter), 1);
  filter.only_active = true;
  EXPECT_TRUE(remote.Backfills(filter)->empty());
  order.from = *ParseTime("2022-01-01");
  order.to = *ParseTime("2022-01-02");
  EXPECT_EQ(remote.CreateBackfill(order, clock_.Now()).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(remote.Backfill(99).error().code, ErrorCode::kNotFound);
}

TEST_F(RemoteTest, WhatIsWrongIsToldInWords) {
  RemoteCatalog stranger(Api("wrong"));
  const auto refused = stranger.Dags(true);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
  EXPECT_NE(refused.error().message.find("does not accept the token (401): no such token"),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(RemoteCatalog(Api()).Attempts(run_).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(ServerApi::For({"ftp://host", ""}).error().code, ErrorCode::kInvalid);
  server_->Stop();
  EXPECT_EQ(RemoteCatalog(Api()).Pools().error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace beeflow
