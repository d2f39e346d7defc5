#include "http/http_server.h"

#include <httplib.h>

#include <future>
#include <thread>

namespace beeflow {
namespace {

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.rfind("127.", 0) == 0;
}

// The host of a Host header, without the port.
std::string HostName(const std::string& header) {
  if (!header.empty() && header[0] == '[') return header.substr(0, header.find(']') + 1);
  return header.substr(0, header.find(':'));
}

bool IsJson(const std::string& content_type) {
  return content_type.substr(0, content_type.find(';')) == "application/json";
}

HttpRequest ToRequest(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method == "HEAD" ? "GET" : from.method;
  request.path = from.target.substr(0, from.target.find_first_of("?#"));
  request.query = {from.params.begin(), from.params.end()};
  request.accept = from.get_header_value("Accept");
  request.content_type = from.get_header_value("Content-Type");
  request.body = from.body;
  return request;
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
    HttpRequest request = ToRequest(from);
    const bool writes = request.method != "GET";
    if (writes && request.method != "DELETE" && !IsJson(request.content_type)) {
      return ProblemResponse(415, "Unsupported Media Type",
                             "send the body as Content-Type: application/json");
    }
    return router.Dispatch(&request);
  }

  void Handle(const httplib::Request& from, httplib::Response& to) const {
    const HttpResponse response = Answer(from);
    to.status = response.status;
    to.set_header("X-Content-Type-Options", "nosniff");
    to.set_header("Cache-Control", "no-store");
    to.set_content(response.body, response.content_type);
  }

  HttpRouter router;
  bool loopback_only = true;
  httplib::Server server;
  std::thread listener;
};

HttpServer::HttpServer(HttpRouter router)
    : implementation_(std::make_unique<Implementation>(std::move(router))) {}

HttpServer::~HttpServer() { Stop(); }

Result<int> HttpServer::Start(const HttpServerOptions& options) {
  Implementation& my = *implementation_;
  my.loopback_only = IsLoopback(options.host);
  // Made when the listening thread has begun: from then on stop() ends it.
  std::promise<void> listening;
  my.server.new_task_queue = [&listening, threads = options.threads] {
    auto* queue = new httplib::ThreadPool(threads);  // httplib deletes it
    listening.set_value();
    return queue;
  };
  my.server.set_payload_max_length(options.body_bytes_max);
  // An idle connection holds a thread for as long.
  my.server.set_keep_alive_timeout(1);
  // One server to a port: without this, httplib lets a second one share it (SO_REUSEPORT).
  my.server.set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  const auto handle = [&my](const httplib::Request& from, httplib::Response& to) {
    my.Handle(from, to);
  };
  my.server.Get(".*", handle).Post(".*", handle).Patch(".*", handle).Delete(".*", handle);
  const int port = options.port == 0 ? my.server.bind_to_any_port(options.host)
                   : my.server.bind_to_port(options.host, options.port) ? options.port
                                                                        : -1;
  if (port <= 0) {
    return Unavailable("cannot listen on " + options.host + ":" + std::to_string(options.port) +
                       "; is another server running there? [webserver] web_server_port or --port "
                       "chooses another port");
  }
  my.listener = std::thread([&my] { my.server.listen_after_bind(); });
  listening.get_future().wait();
  return port;
}

void HttpServer::Stop() {
  Implementation& my = *implementation_;
  if (!my.listener.joinable()) return;
  my.server.stop();
  my.listener.join();
}

}  // namespace beeflow
