#include "http/http_server.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <future>
#include <thread>

#include "http/elastic_threads.h"

namespace beeflow {

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.rfind("127.", 0) == 0;
}

namespace {

constexpr Duration kThreadIdle = std::chrono::seconds(5);
constexpr time_t kKeepAliveSeconds = 2;   // an idle connection holds a thread for as long
constexpr time_t kSilenceSeconds = 10;    // within a request, or of a reader
constexpr int kWaitingConnections = 128;  // to be accepted
constexpr size_t kRequestsPerConnection = 10'000;

// Styles may be inline, since Plotly makes them; scripts may not.
constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

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

std::unique_ptr<httplib::Server> MakeServer(const HttpServerOptions& options) {
  if (options.certificate_file.empty()) return std::make_unique<httplib::Server>();
  return std::make_unique<httplib::SSLServer>(options.certificate_file.c_str(),
                                              options.key_file.c_str());
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
    const bool writes = request.method != "GET";
    if (writes && request.method != "DELETE" && !IsJson(request.Header("content-type"))) {
      return ProblemResponse(415, "Unsupported Media Type",
                             "send the body as Content-Type: application/json");
    }
    return router.Dispatch(&request);
  }

  void Handle(const httplib::Request& from, httplib::Response& to) {
    HttpResponse response = Answer(from);
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
        [this, stream = std::move(response.stream)](size_t, httplib::DataSink& sink) {
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
  std::atomic<bool> stopping{false};
  std::unique_ptr<httplib::Server> server;
  std::thread listener;
};

HttpServer::HttpServer(HttpRouter router)
    : implementation_(std::make_unique<Implementation>(std::move(router))) {}

HttpServer::~HttpServer() { Stop(); }

Result<int> HttpServer::Start(const HttpServerOptions& options) {
  Implementation& my = *implementation_;
  my.loopback_only = IsLoopback(options.host);
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
  my.server->set_payload_max_length(options.body_bytes_max);
  my.server->set_keep_alive_timeout(kKeepAliveSeconds);
  my.server->set_keep_alive_max_count(kRequestsPerConnection);
  my.server->set_read_timeout(kSilenceSeconds);
  my.server->set_write_timeout(kSilenceSeconds);
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
  my.server->Get(".*", handle).Post(".*", handle).Patch(".*", handle).Delete(".*", handle);
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
