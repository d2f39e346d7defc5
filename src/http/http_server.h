// An HTTP/1.1 server with threads of its own (cpp-httplib).
//
// Start and Stop belong to one thread; handlers run on the server's threads, several at once.
//
// Browsers must not let foreign pages act on this server, which has no passwords: a request that
// changes something must be JSON, which a page of another origin cannot send unasked; and while
// the server listens on a loopback address only, the Host must be one too, so that no foreign name
// that resolves to it is served (DNS rebinding).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/router.h"

namespace beeflow {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0 takes a free one
  size_t threads = 8;
  size_t body_bytes_max = 8 << 20;
};

class HttpServer {
 public:
  explicit HttpServer(HttpRouter router);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listens, and returns the port. kUnavailable, naming address and port, where it is taken.
  Result<int> Start(const HttpServerOptions& options);
  // Answers the requests that are being handled, then ends all threads. Safe to repeat.
  void Stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace beeflow
