#include "http/web_client.h"

#include <gtest/gtest.h>

#include "http/http_server.h"

namespace beeflow {
namespace {

class WebClientTest : public testing::Test {
 protected:
  void SetUp() override {
    HttpRouter router;
    router.Add("GET", "/runs/{run_id}", [](const HttpRequest& request) {
      return JsonResponse({{"run_id", request.Field("run_id")},
                           {"limit", request.Query("limit").value_or("none")}});
    });
    for (const char* method : {"POST", "PATCH", "DELETE"}) {
      router.Add(method, "/echo", [method](const HttpRequest& request) {
        return JsonResponse({{"method", method}, {"body", request.body}}, 201);
      });
    }
    server_ = std::make_unique<HttpServer>(std::move(router));
    const auto port = server_->Start({});
    ASSERT_TRUE(port.ok()) << port.error().message;
    address_ = "http://127.0.0.1:" + std::to_string(*port);
    auto client = WebClient::For(address_, {});
    ASSERT_TRUE(client.ok()) << client.error().message;
    client_ = std::move(*client);
  }

  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<WebClient> client_;
  std::string address_;
};

TEST_F(WebClientTest, PathAndQueryArriveAsTheyWere) {
  const std::string run_id = "manual__2026-01-01T00:00:00+00:00/ü %";
  WebRequest request;
  request.path = "/runs/" + EncodeUrlPart(run_id) + "?limit=5";
  const auto answer = client_->Send(request);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->content_type, "application/json");
  const Json json = *ParseJson(answer->body);
  EXPECT_EQ(json["run_id"], run_id);
  EXPECT_EQ(json["limit"], "5");
}

TEST_F(WebClientTest, EveryMethodOverOneConnection) {
  for (const char* method : {"POST", "PATCH", "DELETE", "POST"}) {
    WebRequest request;
    request.method = method;
    request.path = "/echo";
    request.body = std::string(method) == "DELETE" ? "" : "{}";
    const auto answer = client_->Send(request);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ((*ParseJson(answer->body))["method"], method);
  }
}

TEST_F(WebClientTest, AnyStatusIsAnAnswer) {
  WebRequest request;
  request.path = "/nowhere";
  const auto answer = client_->Send(request);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 404);
}

TEST_F(WebClientTest, WithoutAServerItMayPass) {
  server_->Stop();
  WebRequest request;
  request.path = "/";
  const auto answer = client_->Send(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().message.substr(0, address_.size()), address_);
}

TEST(WebClient, TakesAddressesOfServersOnly) {
  for (const char* address : {"", "host", "ftp://host", "http://", "http://host/path",
                              "https://user@host", "http://ho st"}) {
    EXPECT_FALSE(WebClient::For(address, {}).ok()) << address;
  }
  EXPECT_TRUE(WebClient::For("https://host:8443", {}).ok());
}

TEST(WebClient, BasicAuthorizationIsThatOfTheStandard) {
  EXPECT_EQ(BasicAuthorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

}  // namespace
}  // namespace beeflow
