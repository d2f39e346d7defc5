// What a server does with peers that are slow, or send what would take memory or time. The peers
// speak over plain sockets, since no client library sends such things.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <optional>

#include "http/http_server.h"

namespace beeflow {
namespace {

class Peer {
 public:
  explicit Peer(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Peer() { close(socket_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // False once the server has hung up.
  bool Send(const std::string& text) const {
    return send(socket_, text.data(), text.size(), MSG_NOSIGNAL) >= 0;
  }
  // One byte every 20 ms, until the server answers or hangs up.
  void Trickle(const std::string& text) const {
    for (const char c : text) {
      if (!Send(std::string(1, c))) return;
      pollfd polled{socket_, POLLIN, 0};
      if (poll(&polled, 1, 20) > 0) return;
    }
    ADD_FAILURE() << "the server waited to the end";
  }
  // All that comes until the server hangs up.
  std::string Rest() const {
    std::string all;
    std::array<char, 4096> part{};
    while (true) {
      const ssize_t bytes = recv(socket_, part.data(), part.size(), 0);
      if (bytes <= 0) return all;
      all.append(part.data(), static_cast<size_t>(bytes));
    }
  }
  // Of the answer; 0: there was none.
  int Status() const {
    const std::string all = Rest();
    const size_t blank = all.find(' ');
    return blank == std::string::npos ? 0 : std::atoi(all.c_str() + blank);
  }

 private:
  int socket_;
};

class HttpLimitsTest : public testing::Test {
 protected:
  void SetUp() override {
    HttpRouter router;
    router.Add("GET", "/page", [](const HttpRequest&) {
      return HttpResponse{200, "text/plain", "0123456789"};
    });
    router.Add("POST", "/bodies", [](const HttpRequest& request) {
      return JsonResponse({{"size", request.body.size()}}, 201);
    });
    router.Add("GET", "/endless", [this](const HttpRequest&) {
      HttpResponse response;
      response.stream = [this](const HttpWrite& write) {
        while (write(std::string(1 << 20, 'x'))) {
        }
        given_up_.set_value();
      };
      return response;
    });
    server_ = std::make_unique<HttpServer>(std::move(router));
    HttpServerOptions options;
    options.limits = limits_;
    const auto port = server_->Start(options);
    ASSERT_TRUE(port.ok()) << port.error().message;
    port_ = *port;
  }
  static std::string Post(const std::string& headers, const std::string& body) {
    return "POST /bodies HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
           headers + "\r\n" + body;
  }
  int StatusOf(const std::string& request) const {
    const Peer peer(port_);
    peer.Send(request);
    return peer.Status();
  }

  ConnectionLimits limits_{.idle_max = std::chrono::milliseconds(500),
                           .patience = std::chrono::milliseconds(500),
                           .bytes_per_second_min = 64 << 20,
                           .head_bytes_max = 16 << 10,
                           .body_bytes_max = 1000};
  std::promise<void> given_up_;
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
};

TEST_F(HttpLimitsTest, AConnectionOnWhichNothingComesIsClosed) {
  EXPECT_EQ(Peer(port_).Rest(), "");
}

class HttpPatienceTest : public HttpLimitsTest {
 protected:
  void SetUp() override {
    limits_.idle_max = std::chrono::milliseconds(1);
    limits_.patience = std::chrono::minutes(10);
    HttpLimitsTest::SetUp();
  }
};

TEST_F(HttpPatienceTest, ANewConnectionMayTakeLongerThanAnIdleOne) {
  const std::string request = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const Peer slow(port_);
  const Peer idle(port_);
  idle.Send(request);
  EXPECT_EQ(idle.Status(), 200);  // and the server has hung up, having waited as long as it does
  slow.Send(request);
  EXPECT_EQ(slow.Status(), 200);
}

TEST_F(HttpLimitsTest, AHeadThatTricklesIsNotAwaited) {
  const Peer peer(port_);
  peer.Trickle("GET /page HTTP/1.1\r\nHost: localhost\r\n" + std::string(1000, 'a'));
  EXPECT_NE(peer.Status(), 200);
}

TEST_F(HttpLimitsTest, ABodyThatTricklesIsNotAwaited) {
  const Peer peer(port_);
  peer.Send(Post("Content-Length: 1000\r\n", ""));
  peer.Trickle(std::string(999, 'a'));
  EXPECT_NE(peer.Status(), 201);
}

TEST_F(HttpLimitsTest, WhoeverDoesNotReadIsGivenUp) {
  const Peer peer(port_);
  peer.Send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
  given_up_.get_future().wait();
}

TEST_F(HttpLimitsTest, ALongHeadIsRefused) {
  std::string headers;
  for (int i = 0; i < 4000; ++i) headers += "a: b\r\n";
  EXPECT_NE(StatusOf("GET /page HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n"), 200);
  const std::string path(100'000, 'x');
  EXPECT_NE(StatusOf("GET /" + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
}

TEST_F(HttpLimitsTest, ALongPathIsNothingSpecial) {
  const std::string path(7000, 'x');
  EXPECT_EQ(StatusOf("GET /" + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404);
}

TEST_F(HttpLimitsTest, ALargeBodyIsRefusedBeforeItComes) {
  EXPECT_EQ(StatusOf(Post("Content-Length: 1001\r\n", "")), 413);
  EXPECT_EQ(StatusOf(Post("Content-Length: 99999999999999999999\r\n", "")), 413);
  EXPECT_EQ(StatusOf(Post("Content-Length: 1000\r\n", std::string(1000, 'a'))), 201);
}

TEST_F(HttpLimitsTest, ABodyInChunksHasTheSameLimit) {
  const std::string in_chunks = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(StatusOf(Post(in_chunks, "3\r\nabc\r\n0\r\n\r\n")), 201);
  std::string body;
  for (int i = 0; i < 100; ++i) body += "400\r\n" + std::string(1024, 'a') + "\r\n";
  EXPECT_NE(StatusOf(Post(in_chunks, body + "0\r\n\r\n")), 201);
}

TEST_F(HttpLimitsTest, ACompressedBodyIsRefused) {
  const std::string body = "{}";
  EXPECT_EQ(StatusOf(Post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", body)), 415);
  EXPECT_EQ(StatusOf(Post("Content-Encoding: identity\r\nContent-Length: 2\r\n", body)), 201);
}

TEST_F(HttpLimitsTest, ABodyWhoseLengthIsToldTwiceIsRefused) {
  const std::string hidden = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
  EXPECT_EQ(StatusOf(Post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}")), 400);
  EXPECT_EQ(
      StatusOf(Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden)),
      400);
  EXPECT_EQ(StatusOf(Post("Content-Length: -1\r\n", "{}")), 400);
}

// What httplib does not know as chunked it took for no body, and what stood there for requests.
TEST_F(HttpLimitsTest, OtherTransferEncodingsAreRefused) {
  const std::string body = "0\r\n\r\n";
  EXPECT_EQ(StatusOf(Post("Transfer-Encoding: gzip, chunked\r\n", body)), 501);
  EXPECT_EQ(StatusOf(Post("Transfer-Encoding: identity\r\n", body)), 501);
  EXPECT_EQ(StatusOf(Post("Transfer-Encoding: Chunked\r\n", body)), 201);
  EXPECT_EQ(StatusOf(Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", body)),
            400);
}

TEST_F(HttpLimitsTest, ManyRangesAreOneAnswer) {
  std::string ranges = "0-";
  for (int i = 0; i < 1000; ++i) ranges += ",0-";
  const Peer peer(port_);
  peer.Send("GET /page HTTP/1.1\r\nHost: localhost\r\nRange: bytes=" + ranges + "\r\n\r\n");
  const std::string answer = peer.Rest();
  EXPECT_NE(answer.find(" 200 "), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n0123456789")) << answer;
}

TEST_F(HttpLimitsTest, SeveralRequestsMayComeAtOnce) {
  const std::string one = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const Peer peer(port_);
  peer.Send(one + one + one);
  const std::string answers = peer.Rest();
  size_t found = 0;
  for (size_t at = 0; (at = answers.find("0123456789", at)) != std::string::npos; ++at) ++found;
  EXPECT_EQ(found, 3U) << answers;
}

}  // namespace
}  // namespace beeflow
