// The stream of events, over a real server and database.
#include <gtest/gtest.h>
#include <httplib.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "api/api.h"
#include "api/api_options_for_test.h"
#include "http/http_server.h"
#include "store/sql/sql_catalog.h"
#include "store/sql/sql_change_history.h"
#include "store/sqlite/open.h"

namespace beeflow {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

class FixedClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

class ChangingDoor : public Authenticator {
 public:
  std::variant<Identity, HttpResponse> Identify(const HttpRequest&) override { return identity; }
  Identity identity = std::get<Identity>(OpenDoor("local").Identify({}));
};

// A client that keeps what it has heard.
class Ear {
 public:
  Ear(int port, const std::string& query, const std::string& last_id = "")
      : client_("127.0.0.1", port) {
    thread_ = std::thread([this, query, last_id] {
      httplib::Headers headers;
      if (!last_id.empty()) headers.emplace("Last-Event-ID", last_id);
      client_.set_read_timeout(60);
      client_.Get("/api/v1/events" + query, headers, [this](const char* data, size_t size) {
        const std::lock_guard lock(mutex_);
        heard_.append(data, size);
        news_.notify_all();
        return !leave_;
      });
      const std::lock_guard lock(mutex_);
      ended_ = true;
      news_.notify_all();
    });
  }
  ~Ear() {
    {
      const std::lock_guard lock(mutex_);
      leave_ = true;
    }
    client_.stop();
    thread_.join();
  }

  // All that was heard once `text` is part of it.
  std::string Await(const std::string& text) {
    std::unique_lock lock(mutex_);
    const bool found = news_.wait_for(
        lock, kPatience, [&] { return heard_.find(text) != std::string::npos || ended_; });
    EXPECT_TRUE(found && heard_.find(text) != std::string::npos) << heard_;
    return heard_;
  }
  bool AwaitEnd() {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, kPatience, [&] { return ended_; });
  }

 private:
  httplib::Client client_;
  std::mutex mutex_;
  std::condition_variable news_;
  std::string heard_;
  bool leave_ = false;
  bool ended_ = false;
  std::thread thread_;
};

class EventTest : public testing::Test {
 protected:
  void SetUp() override {
    run_ = database_.AddRun("r", "2021-01-01", RunState::kRunning, TaskState::kRunning);
    catalog_ = std::move(*database_.OpenCatalog());
    ApiOptions options = OptionsFor(database_);
    options.clock = &clock_;
    options.authenticator = &door_;
    options.events = &hub_;
    HttpRouter router;
    AddApiRoutes(options, &router);
    server_ = std::make_unique<HttpServer>(std::move(router));
    const auto port = server_->Start({});
    ASSERT_TRUE(port.ok()) << port.error().message;
    port_ = *port;
  }
  void TearDown() override {
    hub_.Close();
    server_->Stop();
  }

  // A commit that the engine then tells of.
  void Pause(const std::string& dag_id, bool paused) {
    ASSERT_TRUE(catalog_->SetPaused(dag_id, paused).ok());
    hub_.Notify();
  }
  Result<std::unique_ptr<ChangeHistory>> OpenHistory() {
    BEEFLOW_ASSIGN_OR_RETURN(auto history, sqlite::OpenAs<SqlChangeHistory>(
                                               database_.path(), sqlite::OpenMode::kExisting));
    return std::unique_ptr<ChangeHistory>(std::move(history));
  }
  std::string Newest() { return std::to_string((*OpenHistory())->Read(0, 0)->newest); }
  void Edit(const std::string& sql) {
    auto database = sqlite::Database::Open(database_.path(), sqlite::OpenMode::kExisting);
    ASSERT_TRUE((*database)->ExecuteScript(sql).ok());
  }

  SeededDatabase database_;
  RunKey run_;
  std::unique_ptr<Catalog> catalog_;
  FixedClock clock_;
  ChangingDoor door_;
  EventHub hub_{[this] { return OpenHistory(); }};
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
};

TEST_F(EventTest, ChangesAreHeardByAllAsTheyAreCommitted) {
  Ear one(port_, "");
  Ear two(port_, "");
  one.Await("beat");
  two.Await("beat");
  Pause("etl", true);
  const std::string heard = one.Await("is_paused");
  EXPECT_NE(heard.find("event: changes\ndata: [{"), std::string::npos) << heard;
  EXPECT_NE(heard.find("\"dag_id\":\"etl\""), std::string::npos) << heard;
  EXPECT_NE(heard.find("\"is_paused\":true"), std::string::npos) << heard;
  two.Await("\"is_paused\":true");
  database_.EndRun(run_, RunState::kSuccess);
  hub_.Notify();
  one.Await("\"state\":\"success\",\"table\":\"dag_run\"");
}

TEST_F(EventTest, WhoComesBackHearsWhatItMissed) {
  const std::string last = Newest();
  Pause("etl", true);
  Pause("hourly", false);
  Ear ear(port_, "", last);
  const std::string heard = ear.Await("hourly");
  EXPECT_LT(heard.find("etl"), heard.find("hourly"));
  EXPECT_EQ(heard.find("reset"), std::string::npos);
  Pause("etl", false);
  ear.Await("data: [{\"dag_id\":\"etl\",\"is_active\":true,\"is_paused\":false");
}

TEST_F(EventTest, WhoComesTooLateLoadsAnew) {
  const std::string last = Newest();
  Pause("etl", true);
  Pause("etl", false);
  Edit("DELETE FROM change_log WHERE sequence <= " + last + " + 1");
  Ear late(port_, "", last);
  late.Await("event: reset\ndata: {}\n\n");
  Ear from_another_database(port_, "", "999999");
  from_another_database.Await("event: reset\n");
  Ear nonsense(port_, "", "x");
  nonsense.Await("event: reset\n");
  Pause("etl", true);
  late.Await("\"is_paused\":true");
}

TEST_F(EventTest, ManyChangesComeInOrder) {
  Ear ear(port_, "");
  ear.Await("beat");
  const std::string last = Newest();
  Edit(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1800)"
      " INSERT INTO variable (key, val) SELECT 'v' || i, 'x' FROM n");
  hub_.Notify();
  const std::string heard = ear.Await("\"v1800\"");
  size_t at = 0;
  for (int i = 1; i <= 1800; ++i) {
    at = heard.find("\"v" + std::to_string(i) + "\"", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  Ear again(port_, "", last);
  again.Await("\"v1800\"");
}

TEST_F(EventTest, OnlyWhatTheListenerMayRead) {
  door_.identity = {"eve", {}, true};
  door_.identity.permissions = {{Action::kRead, resource::kDagRun}};
  door_.identity.dags = {{"hourly", {Action::kRead}}};
  Ear eve(port_, "");
  eve.Await("beat");
  door_.identity = std::get<Identity>(OpenDoor("local").Identify({}));
  Ear one_dag(port_, "?dag_id=hourly");
  one_dag.Await("beat");
  Edit("INSERT INTO variable (key, val) VALUES ('v', 'x')");
  Pause("etl", true);
  Pause("hourly", false);
  for (Ear* ear : {&eve, &one_dag}) {
    const std::string heard = ear->Await("hourly");
    EXPECT_EQ(heard.find("etl"), std::string::npos) << heard;
    EXPECT_EQ(heard.find("variable"), std::string::npos) << heard;
  }
}

TEST_F(EventTest, StreamsEndAtOnceWithTheServer) {
  Ear ear(port_, "");
  ear.Await("beat");
  hub_.Close();
  server_->Stop();
  EXPECT_TRUE(ear.AwaitEnd());
}

// A client that hears nothing for a while, without the network's buffers in between.
TEST_F(EventTest, WhoIsTooSlowIsToldToLoadAnew) {
  EventFilter filter;
  filter.who.may_everything = true;
  auto slow = std::move(*hub_.Listen(std::nullopt, filter));
  auto quick = std::move(*hub_.Listen(std::nullopt, filter));
  const std::string name(1000, 'n');
  for (int round = 0; round < 4; ++round) {
    Edit(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)"
        " INSERT INTO variable (key, val) SELECT '" +
        name + std::to_string(round) + "-' || i, 'x' FROM n");
    hub_.Notify();
    std::string heard;
    while (heard.find(std::to_string(round) + "-450\"") == std::string::npos) {
      heard = *quick->Next(kPatience);
    }
  }
  const std::string told = *slow->Next(kPatience);
  EXPECT_NE(told.find("event: reset"), std::string::npos);
  Pause("etl", true);
  EXPECT_NE(slow->Next(kPatience)->find("etl"), std::string::npos);
}

TEST_F(EventTest, QuietStreamsBeat) {
  EventFilter filter;
  filter.who.may_everything = true;
  auto listener = std::move(*hub_.Listen(std::nullopt, filter));
  EXPECT_EQ(*listener->Next(Duration(1)), ": beat\nid: " + Newest() + "\n\n");
}

}  // namespace
}  // namespace beeflow
