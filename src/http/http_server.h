// An HTTP/1.1 server with threads of its own (cpp-httplib), with or without TLS.
//
// Start and Stop belong to one thread; handlers run on the server's threads, several at once.
//
// Browsers must not let foreign pages act on this server, which may have no passwords: a request
// that changes something must be JSON, which a page of another origin cannot send unasked; what a
// browser says comes from within a page of another site is refused, whatever it asks; and
// while the server listens on a loopback address only, the Host must be one too, so that no foreign
// name that resolves to it is served (DNS rebinding). Every answer forbids scripts that are not the
// server's own, frames around it, and guesses about its type.
//
// Bodies must come as they are: what is compressed could be of any size. Parts of an answer (Range)
// are not given: the whole is.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/connection_limits.h"
#include "http/router.h"

namespace beeflow {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0 takes a free one
  // One for each connection, while it is open. Streams get at most three quarters of them, and then
  // 503, so that somebody is left to answer.
  size_t threads_max = 512;
  ConnectionLimits limits{};
  std::string certificate_file{};  // PEM, with the chain; "": no TLS
  std::string key_file{};          // PEM
  // One proxy stands in front: the address of who asks, and whether they use TLS, are what it says
  // in X-Forwarded-For and X-Forwarded-Proto. The Host may be any: it is up to the proxy.
  bool is_behind_proxy = false;
};

bool IsLoopback(const std::string& host);

class HttpServer {
 public:
  explicit HttpServer(HttpRouter router);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listens, and returns the port. kUnavailable, naming address and port, where it is taken;
  // kInvalid, naming the files, where certificate and key cannot be used.
  Result<int> Start(const HttpServerOptions& options);
  // Answers the requests that are being handled, has streams end, then ends all threads. Safe to
  // repeat.
  void Stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace beeflow
