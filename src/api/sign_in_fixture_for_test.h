// A server over a seeded database whose users have to sign in.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "api/api.h"
#include "api/api_options_for_test.h"
#include "crypt/argon2_credentials.h"
#include "crypt/fernet_keyring.h"
#include "http/http_server.h"
#include "store/sql/sql_change_history.h"
#include "store/sql/sql_secret_store.h"
#include "store/sql/sql_user_store.h"
#include "store/sqlite/open.h"

namespace beeflow {

class SteppedClock : public Clock {
 public:
  Time Now() override { return now_; }
  void Advance(Duration span) { now_ = now_.load() + span; }

 private:
  std::atomic<Time> now_ = *ParseTime("2021-03-04T05:06:07");
};

// Counts what is slow.
class CountingCredentials : public Argon2Credentials {
 public:
  bool IsPassword(const std::string& password, const std::string& hash) override {
    ++checks;
    return Argon2Credentials::IsPassword(password, hash);
  }
  std::atomic<int> checks = 0;
};

// Nobody tells of writes.
class PatientWait : public FileWait {
 public:
  void For(Duration longest) override {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable().wait_for(lock, longest);
  }
};

class SignInFixture : public testing::Test {
 protected:
  static constexpr const char* kPassword = "correct horse";

  void SetUp() override { Serve({}); }
  void TearDown() override { hub_.Close(); }

  // Ends the server that there was.
  void Serve(const HttpServerOptions& listen, bool is_open_without_users = false) {
    server_.reset();
    SignInOptions sign_in;
    sign_in.open_users = [this] { return OpenUsers(); };
    sign_in.open_catalog = [this] { return database_.OpenCatalog(); };
    sign_in.on_loop = [this](const std::function<Status()>& work) { return OnLoop(work); };
    sign_in.credentials = &credentials_;
    sign_in.clock = &clock_;
    sign_in.is_open_without_users = is_open_without_users;
    sign_in_ = std::make_unique<SignIn>(sign_in);
    ApiOptions options = OptionsFor(database_);
    options.on_loop = sign_in.on_loop;
    options.clock = &clock_;
    options.authenticator = sign_in_.get();
    options.sign_in = sign_in_.get();
    options.credentials = &credentials_;
    options.events = &hub_;
    options.watch_file = [](const std::string&) { return std::make_unique<PatientWait>(); };
    HttpRouter router;
    operations_ = AddApiRoutes(options, &router);
    server_ = std::make_unique<HttpServer>(std::move(router));
    const auto port = server_->Start(listen);
    ASSERT_TRUE(port.ok()) << port.error().message;
    port_ = *port;
    client_ = std::make_unique<httplib::Client>("127.0.0.1", port_);
    client_->set_url_encode(false);
  }

  Result<std::unique_ptr<UserStore>> OpenUsers() const {
    BEEFLOW_ASSIGN_OR_RETURN(
        auto store, sqlite::OpenAs<SqlUserStore>(database_.path(), sqlite::OpenMode::kExisting));
    return std::unique_ptr<UserStore>(std::move(store));
  }

  Result<std::unique_ptr<SecretStore>> OpenSecrets() {
    FernetKeyringOptions keys;
    keys.key_file = database_.home() + "/fernet.key";
    BEEFLOW_ASSIGN_OR_RETURN(
        auto store,
        sqlite::OpenAs<SqlSecretStore>(database_.path(), sqlite::OpenMode::kExisting,
                                       std::make_unique<FernetKeyring>(std::move(keys), &clock_)));
    return std::unique_ptr<SecretStore>(std::move(store));
  }

  void AddUser(const std::string& name, std::vector<std::string> roles) {
    StoredUser user;
    user.username = name;
    user.first_name = user.last_name = name;
    user.email = name + "@example.com";
    user.roles = std::move(roles);
    user.password_hash = PasswordHash();
    ASSERT_TRUE(users_->CreateUser(user, clock_.Now()).ok());
  }

  static httplib::Headers Basic(const std::string& name, const std::string& password = kPassword) {
    return {httplib::make_basic_authentication_header(name, password)};
  }

  struct Answer {
    int status = 0;
    Json body;
    std::string text;
    httplib::Headers headers;
    std::string Header(const std::string& name) const {
      const auto it = headers.find(name);
      return it == headers.end() ? "" : it->second;
    }
  };
  Answer Get(const std::string& path, const httplib::Headers& headers = {}) {
    return Read(client_->Get(path, headers));
  }
  Answer Post(const std::string& path, const Json& body, const httplib::Headers& headers = {}) {
    return Read(client_->Post(path, headers, body.dump(), "application/json"));
  }
  Answer Patch(const std::string& path, const Json& body, const httplib::Headers& headers = {}) {
    return Read(client_->Patch(path, headers, body.dump(), "application/json"));
  }
  Answer Put(const std::string& path, const Json& body, const httplib::Headers& headers = {}) {
    return Read(client_->Put(path, headers, body.dump(), "application/json"));
  }
  Answer Delete(const std::string& path, const httplib::Headers& headers = {}) {
    return Read(client_->Delete(path, headers));
  }

  // Signs in, and returns the headers of a page of that session.
  httplib::Headers SignedIn(const std::string& name) {
    const Answer answer = Post("/api/v1/ui/login", {{"username", name}, {"password", kPassword}});
    EXPECT_EQ(answer.status, 200) << answer.text;
    const std::string cookie = answer.Header("Set-Cookie");
    return {{"Cookie", cookie.substr(0, cookie.find(';'))},
            {"X-CSRF-Token", answer.body.value("csrf_token", "")}};
  }

  std::vector<AuditEntry> Audit(const std::string& event) {
    auto entries = (*database_.OpenCatalog())->AuditLog(std::nullopt, 1000).value();
    std::erase_if(entries, [&](const AuditEntry& entry) { return entry.event != event; });
    return entries;
  }

  SeededDatabase database_;
  SteppedClock clock_;
  CountingCredentials credentials_;
  EventHub hub_{[this]() -> Result<std::unique_ptr<ChangeHistory>> {
    BEEFLOW_ASSIGN_OR_RETURN(auto history, sqlite::OpenAs<SqlChangeHistory>(
                                               database_.path(), sqlite::OpenMode::kExisting));
    return std::unique_ptr<ChangeHistory>(std::move(history));
  }};
  std::unique_ptr<UserStore> users_ = std::move(OpenUsers().value());
  std::unique_ptr<SignIn> sign_in_;
  std::vector<Operation> operations_;
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
  std::unique_ptr<httplib::Client> client_;

 private:
  // All have the same password, whose hash is made once.
  static const std::string& PasswordHash() {
    static const std::string kHash = Argon2Credentials().HashPassword(kPassword).value();
    return kHash;
  }

  // One at a time, as the loop does it.
  Status OnLoop(const std::function<Status()>& work) {
    const std::lock_guard lock(loop_);
    return work();
  }

  static Answer Read(const httplib::Result& result) {
    Answer answer;
    if (!result) {
      ADD_FAILURE() << "no answer: " << httplib::to_string(result.error());
      return answer;
    }
    answer.status = result->status;
    answer.text = result->body;
    answer.headers = result->headers;
    answer.body = Json::parse(result->body, nullptr, false);
    return answer;
  }

  std::mutex loop_;
};

}  // namespace beeflow
