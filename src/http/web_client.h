// A client of HTTP/1.1 servers, with or without TLS (cpp-httplib): one request at a time, one
// connection that is kept.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace beeflow {

struct WebRequest {
  std::string method = "GET";  // GET, POST, PATCH or DELETE
  std::string path;            // with the query, encoded; begins with '/'
  std::string body;
  std::string content_type = "application/json";
  std::string accept = "application/json";
  std::string authorization;  // a header's value; "": none
  std::string cookie;         // the same
};

struct WebAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
  std::string retry_after;
  std::vector<std::string> cookies;  // "name=value" of each Set-Cookie
};

struct WebClientOptions {
  std::string ca_file;  // certificates to trust; "": those of the system
  Duration connect_timeout = std::chrono::seconds(10);
  Duration read_timeout = std::chrono::seconds(60);  // between two parts of an answer
};

class WebClient {
 public:
  // `server` is "http://host:port" or "https://host". kInvalid where it is not.
  static Result<std::unique_ptr<WebClient>> For(const std::string& server,
                                                const WebClientOptions& options);
  ~WebClient();
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  // Any status is an answer; redirects are not followed. Without an answer: kUnavailable where
  // another try may fare better, else kInvalid (a certificate that is not trusted). The messages
  // name the server.
  Result<WebAnswer> Send(const WebRequest& request);

 private:
  struct Implementation;
  explicit WebClient(std::unique_ptr<Implementation> implementation);
  const std::unique_ptr<Implementation> implementation_;
};

// The value of the header Authorization.
std::string BasicAuthorization(const std::string& user, const std::string& password);

// What may stand in a path or a query; all else becomes %XX.
std::string EncodeUrlPart(const std::string& text);

}  // namespace beeflow
