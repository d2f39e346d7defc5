#include "http/http_server.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <charconv>
#include <future>
#include <thread>

#include "http/bounded_server.h"
#include "http/compression.h"
#include "http/elastic_threads.h"

namespace beeflow {

bool IsLoopback(const std::string& host) {
  const bool is_number = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "::1" || host == "[::1]" ||
         (host.starts_with("127.") && is_number);
}

namespace {

constexpr Duration kThreadIdle = std::chrono::seconds(5);
constexpr int kWaitingConnections = 128;  // to be accepted
constexpr size_t kRequestsPerConnection = 10'000;

constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// httplib's way to threads.
class Threads : public httplib::TaskQueue {
 public:
  explicit Threads(size_t most) : threads_(most, kThreadIdle) {}
  void enqueue(std::function<void()> work) override { threads_.Run(std::move(work)); }
  void shutdown() override { threads_.Stop(); }

 private:
  ElasticThreads threads_;
};

// The host of a Host header, without the port.
std::string HostName(const std::string& header) {
  if (!header.empty() && header[0] == '[') return header.substr(0, header.find(']') + 1);
  return header.substr(0, header.find(':'));
}

bool IsJson(const std::string& content_type) {
  return content_type.substr(0, content_type.find(';')) == "application/json";
}

bool IsChunked(std::string encoding) {
  std::transform(encoding.begin(), encoding.end(), encoding.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return encoding == "chunked";
}

// A part of a page of another site, as browsers tell: an image, a script, a fetch. What it is after
// is not the answer, which it cannot read, but what answering takes or does.
bool IsOfForeignPage(const HttpRequest& request) {
  return request.Header("sec-fetch-site") == "cross-site" &&
         request.Header("sec-fetch-mode") != "navigate";
}

// The last entry of a header's lists, of which there may be several: what the proxy next to us has
// added. All before it may be made up.
std::string LastOf(const httplib::Request& from, const char* name) {
  const size_t count = from.get_header_value_count(name);
  if (count == 0) return "";
  const std::string list = from.get_header_value(name, count - 1);
  const size_t comma = list.rfind(',');
  std::string last = comma == std::string::npos ? list : list.substr(comma + 1);
  last.erase(0, std::min(last.find_first_not_of(' '), last.size()));
  return last;
}

void BelieveProxy(const httplib::Request& from, HttpRequest* request) {
  const std::string address = LastOf(from, "X-Forwarded-For");
  if (!address.empty()) request->remote_address = address;
  const std::string scheme = LastOf(from, "X-Forwarded-Proto");
  if (!scheme.empty()) request->is_encrypted = scheme == "https";
}

HttpRequest ToRequest(const httplib::Request& from, bool is_encrypted) {
  HttpRequest request;
  request.method = from.method == "HEAD" ? "GET" : from.method;
  request.path = from.target.substr(0, from.target.find_first_of("?#"));
  request.query = {from.params.begin(), from.params.end()};
  for (const auto& [name, value] : from.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.headers.emplace(std::move(lower), value);
  }
  request.body = from.body;
  request.remote_address = from.remote_addr;
  request.is_encrypted = is_encrypted;
  return request;
}

// What the head of a request says of its body.
struct BodyHead {
  std::optional<HttpResponse> refusal{};
  std::optional<size_t> bytes{};  // absent: it comes in chunks
};

BodyHead ReadBodyHead(const httplib::Request& from, size_t bytes_max) {
  const std::string encoding = from.get_header_value("Content-Encoding");
  if (!encoding.empty() && encoding != "identity") {
    return {ProblemResponse(415, "Unsupported Media Type",
                            "send the body as it is, without Content-Encoding")};
  }
  const size_t lengths = from.get_header_value_count("Content-Length");
  const size_t encodings = from.get_header_value_count("Transfer-Encoding");
  const bool in_chunks = encodings > 0;
  // Two servers in a row could take what such a request holds for different requests.
  if (lengths > 1 || encodings > 1 || (lengths == 1 && in_chunks)) {
    return {ProblemResponse(400, "Bad Request", "the length of the body is told twice")};
  }
  if (in_chunks) {
    if (IsChunked(from.get_header_value("Transfer-Encoding"))) return {};
    // httplib would take the body for the next request.
    return {ProblemResponse(501, "Not Implemented",
                            "of transfer encodings only chunked is understood, by itself")};
  }
  if (lengths == 0) return {std::nullopt, 0};
  const std::string text = from.get_header_value("Content-Length");
  size_t bytes = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, bytes);
  if (read.ptr != end || (read.ec != std::errc() && read.ec != std::errc::result_out_of_range)) {
    return {ProblemResponse(400, "Bad Request", "Content-Length is no number")};
  }
  if (read.ec != std::errc() || bytes > bytes_max) {
    return {ProblemResponse(413, "Payload Too Large",
                            "the body may have at most " + std::to_string(bytes_max) + " bytes")};
  }
  return {std::nullopt, bytes};
}

std::unique_ptr<httplib::Server> MakeServer(const HttpServerOptions& options) {
  if (options.certificate_file.empty()) {
    return std::make_unique<BoundedServer<httplib::Server>>(options.limits);
  }
  auto server = std::make_unique<BoundedServer<httplib::SSLServer>>(
      options.limits, options.certificate_file.c_str(), options.key_file.c_str());
  if (server->is_valid()) SSL_CTX_set_min_proto_version(server->ssl_context(), TLS1_2_VERSION);
  return server;
}

}  // namespace

struct HttpServer::Implementation {
  explicit Implementation(HttpRouter from) : router(std::move(from)) {}

  HttpResponse Answer(const httplib::Request& from) const {
    if (loopback_only && !IsLoopback(HostName(from.get_header_value("Host")))) {
      return ProblemResponse(421, "Misdirected Request",
                             "this server answers to local names only; see "
                             "[webserver] web_server_host");
    }
    HttpRequest request = ToRequest(from, is_encrypted);
    if (is_behind_proxy) BelieveProxy(from, &request);
    if (IsOfForeignPage(request)) {
      return ProblemResponse(403, "Forbidden", "pages of other sites are not served");
    }
    // A page of another origin cannot send DELETE or PUT unasked, whatever they hold.
    const bool may_be_foreign = request.method == "POST" || request.method == "PATCH";
    const bool has_body = may_be_foreign || (request.method == "PUT" && !request.body.empty());
    if (has_body && !IsJson(request.Header("content-type"))) {
      return ProblemResponse(415, "Unsupported Media Type",
                             "send the body as Content-Type: application/json");
    }
    HttpResponse response = router.Dispatch(&request);
    CompressForFarPeers(request, &response);
    return response;
  }

  // The head of the request has been read. False where it was refused.
  bool BeforeBody(const httplib::Request& from, httplib::Response& to) {
    // The request is httplib's own, which it does not know as const.
    auto& request = const_cast<httplib::Request&>(from);
    BoundedConnection* connection = BoundedConnection::Current();
    const BodyHead head = ReadBodyHead(from, body_bytes_max);
    if (head.refusal) {
      connection->CloseAfterwards();
      to.set_header("Connection", "close");
      Fill(*head.refusal, to);
      return false;
    }
    connection->BeginBody(head.bytes);
    request.ranges.clear();
    return true;
  }

  void Handle(const httplib::Request& from, httplib::Response& to) {
    Fill(Answer(from), to);
    // What httplib would compress with is brotli at its slowest, a second for 350 KB, and it would
    // hold streams back.
    const_cast<httplib::Request&>(from).headers.erase("Accept-Encoding");
  }

  // One place of those that streams have, until it is let go. Null where there is none.
  std::shared_ptr<void> TakeStream() {
    if (++streams > streams_max) {
      --streams;
      return nullptr;
    }
    return {this, [this](void*) { --streams; }};
  }

  void Fill(HttpResponse response, httplib::Response& to) {
    const auto place = response.stream ? TakeStream() : nullptr;
    if (response.stream && !place) {
      response = ProblemResponse(503, "Service Unavailable",
                                 "too many streams are open; end some, or try again later");
    }
    to.status = response.status;
    to.set_header("X-Content-Type-Options", "nosniff");
    to.set_header("X-Frame-Options", "DENY");
    to.set_header("Referrer-Policy", "same-origin");
    to.set_header("Content-Security-Policy", kContentSecurityPolicy);
    const auto is_cache_control = [](const auto& header) {
      return header.first == "Cache-Control";
    };
    if (std::none_of(response.headers.begin(), response.headers.end(), is_cache_control)) {
      to.set_header("Cache-Control", "no-store");
    }
    for (const auto& [name, value] : response.headers) to.headers.emplace(name, value);
    if (!response.stream) return to.set_content(response.body, response.content_type);
    to.set_chunked_content_provider(
        response.content_type,
        [this, place, stream = std::move(response.stream)](size_t, httplib::DataSink& sink) {
          stream([&](std::string_view part) {
            if (stopping) return false;
            return part.empty() ? sink.is_writable() : sink.write(part.data(), part.size());
          });
          sink.done();
          return true;
        });
  }

  HttpRouter router;
  bool loopback_only = true;
  bool is_encrypted = false;
  bool is_behind_proxy = false;
  size_t body_bytes_max = 0;
  std::atomic<bool> stopping{false};
  std::atomic<size_t> streams{0};
  size_t streams_max = 0;
  std::unique_ptr<httplib::Server> server;
  std::thread listener;
};

HttpServer::HttpServer(HttpRouter router)
    : implementation_(std::make_unique<Implementation>(std::move(router))) {}

HttpServer::~HttpServer() { Stop(); }

Result<int> HttpServer::Start(const HttpServerOptions& options) {
  Implementation& my = *implementation_;
  my.is_behind_proxy = options.is_behind_proxy;
  my.loopback_only = IsLoopback(options.host) && !options.is_behind_proxy;
  my.is_encrypted = !options.certificate_file.empty();
  my.server = MakeServer(options);
  if (!my.server->is_valid()) {
    return Invalid("the certificate " + options.certificate_file + " and the key " +
                   options.key_file +
                   " cannot be used: both must be PEM files, and belong together; see [webserver] "
                   "web_server_ssl_cert and web_server_ssl_key");
  }
  // Made when the listening thread has begun: from then on stop() ends it.
  std::promise<void> listening;
  my.server->new_task_queue = [&listening, most = options.threads_max] {
    auto* queue = new Threads(most);  // httplib deletes it
    listening.set_value();
    return queue;
  };
  my.body_bytes_max = options.limits.body_bytes_max;
  my.streams_max = options.threads_max - options.threads_max / 4;
  my.server->set_payload_max_length(my.body_bytes_max);
  my.server->set_keep_alive_max_count(kRequestsPerConnection);
  my.server->set_pre_routing_handler([&my](const httplib::Request& from, httplib::Response& to) {
    return my.BeforeBody(from, to) ? httplib::Server::HandlerResponse::Unhandled
                                   : httplib::Server::HandlerResponse::Handled;
  });
  my.server->set_tcp_nodelay(true);
  // One server to a port: without this, httplib lets a second one share it (SO_REUSEPORT).
  socket_t listening_socket = -1;
  my.server->set_socket_options([&listening_socket](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    listening_socket = socket;
  });
  const auto handle = [&my](const httplib::Request& from, httplib::Response& to) {
    my.Handle(from, to);
  };
  my.server->Get(".*", handle).Post(".*", handle).Patch(".*", handle).Put(".*", handle);
  my.server->Delete(".*", handle);
  const int port = options.port == 0 ? my.server->bind_to_any_port(options.host)
                   : my.server->bind_to_port(options.host, options.port) ? options.port
                                                                         : -1;
  if (port <= 0) {
    return Unavailable("cannot listen on " + options.host + ":" + std::to_string(options.port) +
                       "; is another server running there? [webserver] web_server_port or --port "
                       "chooses another port");
  }
  // httplib lets five wait; more would have to try again a second later.
  listen(listening_socket, kWaitingConnections);
  my.listener = std::thread([&my] { my.server->listen_after_bind(); });
  listening.get_future().wait();
  return port;
}

void HttpServer::Stop() {
  Implementation& my = *implementation_;
  if (!my.listener.joinable()) return;
  my.stopping = true;
  my.server->stop();
  my.listener.join();
}

}  // namespace beeflow
