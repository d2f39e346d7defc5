// The API as its users see it: a real server on a free loopback port over a real database. For the
// tests of its parts, each with the requests of one topic.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/api_options_for_test.h"
#include "api/json_answer_for_test.h"
#include "http/http_server.h"

namespace beeflow {

class FixedClockForTest : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-03-04T05:06:07"); }
};

// Takes every request for one of the identity that the test has set; at first everyone may
// everything.
class SettableDoor : public Authenticator {
 public:
  SettableDoor() {
    identity_.username = "api";
    identity_.is_signed_in = true;
    identity_.may_everything = true;
  }

  std::variant<Identity, HttpResponse> Identify(const HttpRequest&) override {
    const std::lock_guard lock(mutex_);
    return identity_;
  }
  void Be(Identity identity) {
    const std::lock_guard lock(mutex_);
    identity_ = std::move(identity);
  }

 private:
  std::mutex mutex_;
  Identity identity_;
};

// Wakes who follows a file when the test says that it has written to it.
class WritesForTest {
 public:
  void Tell() {
    const std::lock_guard lock(mutex_);
    ++writes_;
    written_.notify_all();
  }
  std::unique_ptr<FileWait> Watch() { return std::make_unique<Wait>(this); }

 private:
  class Wait : public FileWait {
   public:
    explicit Wait(WritesForTest* writes) : writes_(writes) {}
    void For(Duration longest) override {
      std::unique_lock lock(writes_->mutex_);
      writes_->written_.wait_for(lock, longest, [this] { return writes_->writes_ > seen_; });
      seen_ = writes_->writes_;
    }

   private:
    WritesForTest* writes_;
    int seen_ = 0;
  };

  std::mutex mutex_;
  std::condition_variable written_;
  int writes_ = 0;
};

// DAG "etl" (extract -> transform -> load) has the runs "manual__a/b" (2021-01-01, success) and
// "second" (2021-01-02, running); DAG "hourly" is paused.
class ApiTest : public testing::Test {
 protected:
  void SetUp() override {
    run_ = database_.AddRun("manual__a/b", "2021-01-01", RunState::kSuccess, TaskState::kSuccess);
    database_.AddRun("second", "2021-01-02", RunState::kRunning, TaskState::kRunning);
    HttpRouter router;
    AddApiRoutes(Options(), &router);
    server_ = std::make_unique<HttpServer>(std::move(router));
    const auto port = server_->Start({});
    ASSERT_TRUE(port.ok()) << port.error().message;
    client_ = std::make_unique<httplib::Client>("127.0.0.1", *port);
    client_->set_url_encode(false);
  }

  // The answer's JSON; the test fails where the status is another.
  Json Get(const std::string& path, int status = 200) {
    return ReadAnswer(client_->Get("/api/v1" + path), status);
  }
  Json Post(const std::string& path, const Json& body, int status = 200) {
    return ReadAnswer(client_->Post("/api/v1" + path, body.dump(), "application/json"), status);
  }
  Json Patch(const std::string& path, const Json& body, int status = 200) {
    return ReadAnswer(client_->Patch("/api/v1" + path, body.dump(), "application/json"), status);
  }
  // An answer without a body is null.
  Json Delete(const std::string& path, int status = 204) {
    return ReadAnswer(client_->Delete("/api/v1" + path), status);
  }

  // From now on requests come from somebody who has signed in and may do just this.
  void BeUserWho(std::set<Permission> permissions,
                 std::map<std::string, std::set<Action>> dags = {}) {
    door_.Be({"eve", {}, true, false, std::move(permissions), std::move(dags)});
  }

  std::unique_ptr<Catalog> OpenCatalog() { return std::move(*database_.OpenCatalog()); }
  // The newest line of the audit log.
  AuditEntry LastAudit() { return OpenCatalog()->AuditLog(std::nullopt, 1)->at(0); }

  SeededDatabase database_;
  RunKey run_;
  FixedClockForTest clock_;
  SettableDoor door_;
  WritesForTest writes_;
  std::vector<std::string> reimported_;  // by requests, which come one after the other
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<httplib::Client> client_;

 private:
  ApiOptions Options() {
    ApiOptions options = OptionsFor(database_);
    options.clock = &clock_;
    options.authenticator = &door_;
    options.watch_file = [this](const std::string&) { return writes_.Watch(); };
    options.reimport = [this](const std::string& file) { reimported_.push_back(file); };
    return options;
  }
};

}  // namespace beeflow
