// Answers that last end soon after what let them in, and no sooner.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "api/sign_in_fixture_for_test.h"
#include "api/stream_guard.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

// Reads an answer on a thread of its own.
class Reader {
 public:
  Reader(int port, const std::string& path, httplib::Headers headers) : client_("127.0.0.1", port) {
    client_.set_read_timeout(60);
    thread_ = std::thread([this, path, headers = std::move(headers)] {
      client_.Get(path, headers, [this](const char* data, size_t size) {
        const std::lock_guard lock(mutex_);
        text_.append(data, size);
        news_.notify_all();
        return true;
      });
      const std::lock_guard lock(mutex_);
      ended_ = true;
      news_.notify_all();
    });
  }
  ~Reader() {
    client_.stop();
    thread_.join();
  }

  bool Await(const std::string& text) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, kPatience, [&] {
      return text_.find(text) != std::string::npos || ended_;
    }) && text_.find(text) != std::string::npos;
  }
  bool AwaitEnd() {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, kPatience, [&] { return ended_; });
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  httplib::Client client_;
  std::mutex mutex_;
  std::condition_variable news_;
  std::string text_;
  bool ended_ = false;
  std::thread thread_;
};

class StreamEndTest : public SignInFixture {
 protected:
  void SetUp() override {
    SignInFixture::SetUp();
    AddUser("ann", {"Admin"});
    AddUser("vic", {"Viewer"});
  }
  void TearDown() override {
    hub_.Close();
    server_.reset();
  }

  std::unique_ptr<Reader> Listen(const httplib::Headers& headers) {
    auto reader = std::make_unique<Reader>(port_, "/api/v1/events", headers);
    EXPECT_TRUE(reader->Await(": beat")) << reader->text();
    return reader;
  }
  // Something happens, a while later.
  void Pause(bool paused) {
    clock_.Advance(StreamGuard::kEvery);
    EXPECT_EQ(Patch("/api/v1/dags/etl", {{"is_paused", paused}}, Basic("ann")).status, 200);
    hub_.Notify();
  }
  // That of nobody who may not.
  void ExpectEnd(Reader* reader) {
    Pause(true);
    EXPECT_TRUE(reader->AwaitEnd());
    EXPECT_EQ(reader->text().find("is_paused"), std::string::npos) << "it was sent what came later";
  }
  httplib::Headers Bearer(const Json& request) {
    const Answer answer = Post("/api/v1/tokens", request, Basic("vic"));
    return {{"Authorization", "Bearer " + answer.body.value("token", "")}};
  }
};

TEST_F(StreamEndTest, WithTheSession) {
  const httplib::Headers page = SignedIn("vic");
  const auto reader = Listen(page);
  EXPECT_EQ(Post("/api/v1/ui/logout", {}, page).status, 204);
  ExpectEnd(reader.get());
}

TEST_F(StreamEndTest, WithTheToken) {
  const auto reader = Listen(Bearer({{"name", "t"}}));
  const std::string id = Get("/api/v1/tokens", Basic("vic")).body["tokens"][0]["id"].dump();
  EXPECT_EQ(Delete("/api/v1/tokens/" + id, Basic("vic")).status, 204);
  ExpectEnd(reader.get());
}

TEST_F(StreamEndTest, WithTheTimeOfTheToken) {
  const auto reader = Listen(Bearer({{"name", "t"}, {"expires", "2021-03-04T05:10:00Z"}}));
  clock_.Advance(std::chrono::minutes(5));
  ExpectEnd(reader.get());
}

TEST_F(StreamEndTest, WithTheUser) {
  const auto basic = Listen(Basic("vic"));
  const auto session = Listen(SignedIn("vic"));
  database_.Edit("UPDATE ab_user SET active = 0 WHERE username = 'vic'");
  Pause(true);
  EXPECT_TRUE(basic->AwaitEnd());
  EXPECT_TRUE(session->AwaitEnd());
}

TEST_F(StreamEndTest, WithThePassword) {
  const auto reader = Listen(Basic("vic"));
  StoredUser user = *users_->User("vic");
  user.password_hash = *credentials_.HashPassword("another");
  ASSERT_TRUE(users_->UpdateUser(user, clock_.Now()).ok());
  ExpectEnd(reader.get());
}

TEST_F(StreamEndTest, WithTheRights) {
  const auto reader = Listen(SignedIn("vic"));
  ASSERT_TRUE(users_->UpdateRole("Viewer", {"Viewer", {{"can_read", "Pools"}}}).ok());
  ExpectEnd(reader.get());
}

TEST_F(StreamEndTest, NotWhileAllIsAsItWas) {
  const httplib::Headers page = SignedIn("vic");
  const auto session = Listen(page);
  const auto basic = Listen(Basic("vic"));
  Pause(true);
  EXPECT_TRUE(session->Await("\"is_paused\":true")) << session->text();
  EXPECT_TRUE(basic->Await("\"is_paused\":true")) << basic->text();
  // Listening is no use of the session, which so ends by idleness.
  clock_.Advance(std::chrono::hours(12));
  Pause(false);
  EXPECT_TRUE(session->AwaitEnd());
  EXPECT_EQ(session->text().find("\"is_paused\":false"), std::string::npos);
}

TEST_F(StreamEndTest, AFollowedLogToo) {
  const RunKey run = database_.AddRun("r", "2021-01-02", RunState::kRunning, TaskState::kRunning);
  const std::string path = database_.home() + "/logs/" + AttemptLogPath(run, "extract", -1, 1);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << "one\n" << std::flush;
  const httplib::Headers page = SignedIn("vic");
  Reader reader(port_, "/api/v1/dags/etl/dagRuns/r/taskInstances/extract/logs/1?follow=true", page);
  ASSERT_TRUE(reader.Await("one\n"));
  EXPECT_EQ(Post("/api/v1/ui/logout", {}, page).status, 204);
  clock_.Advance(StreamGuard::kEvery);
  EXPECT_TRUE(reader.AwaitEnd());
}

}  // namespace
}  // namespace beeflow
