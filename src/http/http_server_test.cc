// A real server on a free loopback port, asked by httplib's client.
#include "http/http_server.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <future>
#include <latch>
#include <thread>
#include <tuple>
#include <utility>

namespace beeflow {
namespace {

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    HttpRouter router;
    router.Add("GET", "/runs/{run_id}/logs", [](const HttpRequest& request) {
      return JsonResponse({{"run_id", request.Field("run_id")},
                           {"limit", request.Query("limit").value_or("none")}});
    });
    router.Add("POST", "/runs", [](const HttpRequest& request) {
      return JsonResponse({{"body", request.body}}, 201);
    });
    router.Add("PUT", "/files", [](const HttpRequest&) { return HttpResponse{201}; });
    router.Add("GET", "/fail",
               [](const HttpRequest&) { return ErrorResponse(NotFound("there is no DAG 'x'")); });
    router.Add("GET", "/stream", [](const HttpRequest&) {
      HttpResponse response;
      response.content_type = "text/plain";
      response.stream = [](const HttpWrite& write) {
        for (const char* part : {"one ", "two"}) EXPECT_TRUE(write(part));
      };
      return response;
    });
    router.Add("GET", "/endless", [](const HttpRequest&) {
      HttpResponse response;
      response.content_type = "text/plain";
      response.stream = [](const HttpWrite& write) {
        while (write("x")) std::this_thread::yield();
      };
      return response;
    });
    router.Add("GET", "/silent", [this](const HttpRequest&) {
      HttpResponse response;
      response.content_type = "text/plain";
      response.stream = [this](const HttpWrite& write) {
        EXPECT_TRUE(write("x"));
        while (write("")) std::this_thread::yield();
        left_.set_value();
      };
      return response;
    });
    server_ = std::make_unique<HttpServer>(std::move(router));
    const auto port = server_->Start(options_);
    ASSERT_TRUE(port.ok()) << port.error().message;
    port_ = *port;
    client_ = std::make_unique<httplib::Client>("127.0.0.1", port_);
    client_->set_url_encode(false);
  }

  HttpServerOptions options_;
  std::promise<void> left_;  // who read /silent
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<httplib::Client> client_;
  int port_ = 0;
};

TEST_F(HttpServerTest, FieldsAreUnescapedOnceAndKeepPlusAndSlash) {
  const auto result = client_->Get("/runs/manual__2021-01-01T00:00:00+00:00%2Fx/logs?limit=5");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 200);
  const Json json = Json::parse(result->body);
  EXPECT_EQ(json["run_id"], "manual__2021-01-01T00:00:00+00:00/x");
  EXPECT_EQ(json["limit"], "5");
}

TEST_F(HttpServerTest, WhatIsPutNeedsNoBody) {
  EXPECT_EQ(client_->Put("/files")->status, 201);
  EXPECT_EQ(client_->Put("/files", "{}", "application/json")->status, 201);
  EXPECT_EQ(client_->Put("/files", "x", "text/plain")->status, 415);
}

TEST_F(HttpServerTest, ErrorsAreProblems) {
  const auto missing = client_->Get("/fail");
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->status, 404);
  EXPECT_EQ(missing->get_header_value("Content-Type"), "application/problem+json");
  EXPECT_EQ(Json::parse(missing->body)["detail"], "there is no DAG 'x'");
  EXPECT_EQ(client_->Get("/nowhere")->status, 404);
  EXPECT_EQ(client_->Get("/runs")->status, 405);
  EXPECT_EQ(client_->Get("/runs/%zz/logs")->status, 404);
}

TEST_F(HttpServerTest, WritesMustBeJson) {
  EXPECT_EQ(client_->Post("/runs", "{}", "application/json; charset=utf-8")->status, 201);
  EXPECT_EQ(client_->Post("/runs", "{}", "text/plain")->status, 415);
}

TEST_F(HttpServerTest, ForeignHostNamesAreNotServed) {
  EXPECT_EQ(client_->Get("/fail", {{"Host", "localhost:8080"}})->status, 404);
  EXPECT_EQ(client_->Get("/fail", {{"Host", "evil.example:8080"}})->status, 421);
  EXPECT_EQ(client_->Get("/fail", {{"Host", "127.0.0.1.evil.example"}})->status, 421);
  EXPECT_EQ(client_->Get("/fail", {{"Host", "127.example"}})->status, 421);
}

TEST_F(HttpServerTest, PartsOfForeignPagesAreNotServed) {
  const auto ask = [this](const char* site, const char* mode) {
    return client_->Get("/runs/x/logs", {{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", mode}})
        ->status;
  };
  EXPECT_EQ(ask("cross-site", "no-cors"), 403);
  EXPECT_EQ(ask("cross-site", "cors"), 403);
  EXPECT_EQ(ask("cross-site", "navigate"), 200);
  EXPECT_EQ(ask("same-origin", "cors"), 200);
  EXPECT_EQ(ask("none", "navigate"), 200);
}

TEST_F(HttpServerTest, ATakenPortIsAnErrorThatNamesIt) {
  HttpServer second((HttpRouter()));
  const auto port = second.Start({.port = port_});
  ASSERT_FALSE(port.ok());
  EXPECT_NE(port.error().message.find("127.0.0.1:" + std::to_string(port_)), std::string::npos);
}

TEST_F(HttpServerTest, AStreamComesWholeAndAnEndlessOneEndsWithTheServer) {
  EXPECT_EQ(client_->Get("/stream")->body, "one two");
  std::promise<void> begun;
  std::thread reader([&] {
    httplib::Client endless("127.0.0.1", port_);
    bool first = true;
    endless.Get("/endless", [&](const char*, size_t) {
      if (std::exchange(first, false)) begun.set_value();
      return true;
    });
  });
  begun.get_future().wait();
  server_->Stop();
  reader.join();
}

TEST_F(HttpServerTest, AnEmptyPartTellsWhetherTheReaderIsThere) {
  EXPECT_FALSE(client_->Get("/silent", [](const char*, size_t) { return false; }));
  client_->stop();
  left_.get_future().wait();
}

TEST_F(HttpServerTest, AnswersComeAsTheyAre) {
  const httplib::Headers headers = {{"Accept-Encoding", "br, gzip"}};
  for (const char* path : {"/stream", "/runs/x/logs"}) {
    const auto result = client_->Get(path, headers);
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->has_header("Content-Encoding")) << path;
  }
}

TEST(HttpCompressionTest, LongTextsAreCompressedForFarPeersOnly) {
  const std::string text(100'000, 'x');
  HttpRouter router;
  router.Add("GET", "/{bytes}", [&](const HttpRequest& request) {
    return HttpResponse{200, "application/json",
                        text.substr(0, std::stoul(request.Field("bytes")))};
  });
  HttpServer server(std::move(router));
  HttpServerOptions options;
  options.is_behind_proxy = true;
  const auto port = server.Start(options);
  ASSERT_TRUE(port.ok()) << port.error().message;
  httplib::Client client("127.0.0.1", *port);
  const auto encoding = [&](const std::string& from, const std::string& accepted,
                            const std::string& path) {
    const auto answer =
        client.Get(path, {{"X-Forwarded-For", from}, {"Accept-Encoding", accepted}});
    EXPECT_TRUE(answer);
    EXPECT_EQ(answer->body, text.substr(0, std::stoul(path.substr(1))));
    return answer->get_header_value("Content-Encoding");
  };
  EXPECT_EQ(encoding("203.0.113.9", "gzip, br", "/100000"), "gzip");
  EXPECT_EQ(encoding("203.0.113.9", "gzip, br", "/1000"), "");
  EXPECT_EQ(encoding("203.0.113.9", "br", "/100000"), "");
  EXPECT_EQ(encoding("203.0.113.9", "gzip;q=0.0", "/100000"), "");
  EXPECT_EQ(encoding("127.0.0.1", "gzip", "/100000"), "");
}

TEST_F(HttpServerTest, OpenStreamsKeepNobodyWaiting) {
  constexpr int kStreams = 40;
  std::vector<std::thread> readers;
  std::latch begun(kStreams);
  for (int i = 0; i < kStreams; ++i) {
    readers.emplace_back([&] {
      httplib::Client endless("127.0.0.1", port_);
      bool first = true;
      endless.Get("/endless", [&](const char*, size_t) {
        if (std::exchange(first, false)) begun.count_down();
        return true;
      });
    });
  }
  begun.wait();
  EXPECT_EQ(client_->Get("/fail")->status, 404);
  server_->Stop();
  for (std::thread& reader : readers) reader.join();
}

class FewThreadsTest : public HttpServerTest {
 protected:
  FewThreadsTest() { options_.threads_max = 8; }
};

// A reader of streams could hold all threads, and with them everybody else.
TEST_F(FewThreadsTest, StreamsLeaveThreadsForOthers) {
  const auto open = [this] {
    auto client = std::make_unique<httplib::Client>("127.0.0.1", port_);
    auto begun = std::make_shared<std::promise<int>>();
    std::thread reader([client = client.get(), begun] {
      client->Get(
          "/endless",
          [&](const httplib::Response& head) {
            begun->set_value(head.status);
            return head.status == 200;
          },
          [](const char*, size_t) { return true; });
    });
    const int status = begun->get_future().get();
    return std::tuple(std::move(client), std::move(reader), status);
  };
  std::vector<std::tuple<std::unique_ptr<httplib::Client>, std::thread, int>> readers;
  for (int i = 0; i < 7; ++i) readers.push_back(open());
  for (int i = 0; i < 6; ++i) EXPECT_EQ(std::get<int>(readers[i]), 200);
  EXPECT_EQ(std::get<int>(readers[6]), 503);
  EXPECT_EQ(client_->Get("/fail")->status, 404);
  server_->Stop();
  for (auto& [client, reader, status] : readers) reader.join();
}

TEST_F(HttpServerTest, StopsWithAConnectionOpenAndCanBeRepeated) {
  client_->set_keep_alive(true);
  EXPECT_EQ(client_->Get("/fail")->status, 404);
  server_->Stop();
  server_->Stop();
  EXPECT_FALSE(client_->Get("/fail"));
}

}  // namespace
}  // namespace beeflow
