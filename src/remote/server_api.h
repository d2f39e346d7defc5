// The REST API of a Beeflow server, as the CLI uses it from elsewhere.
//
// Threads: one. Calls block, at most for the time limits of WebClient.
#pragma once

#include <memory>
#include <string>

#include "base/json.h"
#include "http/web_client.h"

namespace beeflow {

// What --server and --token say.
struct RemoteServer {
  std::string url;    // "https://host:port"
  std::string token;  // "": none
};

class ServerApi {
 public:
  // kInvalid where the URL is none. Nothing is sent yet.
  static Result<std::unique_ptr<ServerApi>> For(const RemoteServer& server);

  // `path` begins with '/', and is below /api/v1 unless it begins with /api/; its parts are
  // encoded. The errors are the server's: kNotFound, kConflict, kInvalid (what it refuses, rights
  // that are missing), kUnavailable.
  Result<Json> Get(const std::string& path);
  Result<std::string> GetText(const std::string& path);
  Result<Json> Post(const std::string& path, const Json& body);
  Result<Json> Patch(const std::string& path, const Json& body);
  Result<Json> Put(const std::string& path);
  Status Delete(const std::string& path);

  // The items of a list, page by page, at most `limit` from `offset` on. `path` may have a query;
  // `key` is the list's name in the answer.
  Result<Json> GetList(const std::string& path, const std::string& key, int64_t limit,
                       int64_t offset);
  Result<Json> GetAll(const std::string& path, const std::string& key);

 private:
  ServerApi(const RemoteServer& server, std::unique_ptr<WebClient> client);

  Result<std::string> Send(const std::string& method, const std::string& path, const Json& body,
                           const char* accept = "application/json");
  Result<Json> SendForJson(const std::string& method, const std::string& path, const Json& body);
  Error Refused(const WebAnswer& answer, const std::string& path) const;

  const RemoteServer server_;
  const std::unique_ptr<WebClient> client_;
};

}  // namespace beeflow
