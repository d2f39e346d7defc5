// HTTP/1.1 by libcurl, one request at a time over connections that are kept, signed with AWS's
// Signature Version 4.
//
// libcurl 7.88 signs the path and the query as they are given, so both have to come encoded and
// sorted as the signature wants them. It signs every header that is given, so none may be empty.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "blob/file_io.h"
#include "blob/payload.h"

namespace beeflow {

struct HttpCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string region;
};

struct SignedRequest {
  std::string method;  // GET, PUT, POST or DELETE
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  Payload payload;
  NewFile* sink = nullptr;  // takes the body of an answer 2xx, from its beginning on; else memory
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  // The value of a header; "" where it is missing.
  std::string Header(const std::string& name) const;
};

// No answer arrived, or not all of it.
struct HttpFailure {
  std::string what;          // "127.0.0.1 port 1: Connection refused"
  bool may_pass = true;      // whether another try may fare better
  bool certificate = false;  // the server's is not trusted
};

struct HttpLimits {
  Duration connect_timeout = Seconds(10);
  Duration stall_timeout = Seconds(60);  // no byte in either direction for that long; whole seconds
  std::string ca_bundle;                 // "": the system's certificates
};

// Threads: one at a time; Send blocks. Proxies come from the usual variables (https_proxy, ...).
class HttpClient {
 public:
  HttpClient(HttpCredentials credentials, HttpLimits limits);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status is an answer. Redirects are not followed: their target would need another signature.
  // kInvalid and the like come from reading the payload or writing the sink.
  Result<std::variant<HttpAnswer, HttpFailure>> Send(const SignedRequest& request);

 private:
  struct Exchange;
  void Prepare(const SignedRequest& request, Exchange* exchange);

  const HttpCredentials credentials_;
  const HttpLimits limits_;
  const std::string signing_;
  const std::unique_ptr<void, void (*)(void*)> curl_;
};

}  // namespace beeflow
