#include "remote/server_api.h"

#include <algorithm>
#include <utility>

namespace beeflow {
namespace {

constexpr const char* kBase = "/api/v1";
constexpr int64_t kPage = 1000;  // the most that the server gives at once

std::string FullPath(const std::string& path) {
  return path.starts_with("/api/") ? path : kBase + path;
}

// What the server says about an error: "detail" of the problem, else its title.
std::string DetailOf(const WebAnswer& answer) {
  const auto json = ParseJson(answer.body);
  if (!json.ok() || !json->is_object()) return "";
  for (const char* key : {"detail", "title"}) {
    const auto it = json->find(key);
    if (it != json->end() && it->is_string()) return it->get<std::string>();
  }
  return "";
}

}  // namespace

ServerApi::ServerApi(const RemoteServer& server, std::unique_ptr<WebClient> client)
    : server_(server), client_(std::move(client)) {}

Result<std::unique_ptr<ServerApi>> ServerApi::For(const RemoteServer& server) {
  RemoteServer trimmed = server;
  while (trimmed.url.ends_with('/')) trimmed.url.pop_back();
  auto client = WebClient::For(trimmed.url, {});
  if (!client.ok()) return Invalid("--server: " + client.error().message);
  return std::unique_ptr<ServerApi>(new ServerApi(trimmed, std::move(*client)));
}

Error ServerApi::Refused(const WebAnswer& answer, const std::string& path) const {
  const std::string detail = DetailOf(answer);
  const std::string status = " (" + std::to_string(answer.status) + ")";
  switch (answer.status) {
    case 401:
      return Invalid(server_.url + " does not accept the token" + status +
                     (detail.empty() ? "" : ": " + detail) +
                     "; give one with --token or BEEFLOW_TOKEN");
    case 403:
      return Invalid(server_.url + " does not allow this" + status +
                     (detail.empty() ? "" : ": " + detail));
    case 404:
      // Without the detail of a problem it is no Beeflow that answers.
      if (!detail.empty()) return NotFound(detail);
      return Invalid(server_.url + " has no API of Beeflow at " + FullPath(path));
    case 409:
      return Conflict(detail);
    case 429:
    case 503:
      return Unavailable(server_.url + " asks to try again later" + status + ": " + detail);
    default:
      break;
  }
  const bool is_invalid = answer.status == 400 || answer.status == 422;
  if (is_invalid && !detail.empty()) return Invalid(detail);
  return Internal(server_.url + " failed" + status + (detail.empty() ? "" : ": " + detail));
}

Result<std::string> ServerApi::Send(const std::string& method, const std::string& path,
                                    const Json& body, const char* accept) {
  WebRequest request;
  request.method = method;
  request.accept = accept;
  request.path = FullPath(path);
  if (!body.is_null()) request.body = DumpJson(body);
  if (!server_.token.empty()) request.authorization = "Bearer " + server_.token;
  BEEFLOW_ASSIGN_OR_RETURN(WebAnswer answer, client_->Send(request));
  if (answer.status < 200 || answer.status >= 300) return Refused(answer, path);
  return std::move(answer.body);
}

Result<Json> ServerApi::SendForJson(const std::string& method, const std::string& path,
                                    const Json& body) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string text, Send(method, path, body));
  auto json = ParseJson(text);
  if (json.ok()) return json;
  return Invalid(server_.url + " did not answer with JSON; is it the address of a Beeflow server?");
}

Result<Json> ServerApi::Get(const std::string& path) { return SendForJson("GET", path, Json()); }

Result<std::string> ServerApi::GetText(const std::string& path) {
  return Send("GET", path, Json(), "text/plain");
}

Result<Json> ServerApi::Post(const std::string& path, const Json& body) {
  return SendForJson("POST", path, body);
}

Result<Json> ServerApi::Patch(const std::string& path, const Json& body) {
  return SendForJson("PATCH", path, body);
}

Result<Json> ServerApi::Put(const std::string& path) { return SendForJson("PUT", path, Json()); }

Status ServerApi::Delete(const std::string& path) {
  BEEFLOW_RETURN_IF_ERROR(Send("DELETE", path, Json()));
  return Ok();
}

Result<Json> ServerApi::GetList(const std::string& path, const std::string& key, int64_t limit,
                                int64_t offset) {
  Json all = Json::array();
  const char joint = path.find('?') == std::string::npos ? '?' : '&';
  while (static_cast<int64_t>(all.size()) < limit) {
    const auto read = static_cast<int64_t>(all.size());
    const int64_t wanted = std::min(kPage, limit - read);
    BEEFLOW_ASSIGN_OR_RETURN(Json page, Get(path + joint + "limit=" + std::to_string(wanted) +
                                            "&offset=" + std::to_string(offset + read)));
    const auto items = page.is_object() ? page.find(key) : page.end();
    if (items == page.end() || !items->is_array()) {
      return Internal(server_.url + ": the answer to " + path + " has no list '" + key + "'");
    }
    for (Json& item : *items) all.push_back(std::move(item));
    const int64_t total = page.value("total_entries", int64_t{0});
    if (items->empty() || offset + static_cast<int64_t>(all.size()) >= total) break;
  }
  return all;
}

Result<Json> ServerApi::GetAll(const std::string& path, const std::string& key) {
  return GetList(path, key, INT32_MAX, 0);
}

}  // namespace beeflow
