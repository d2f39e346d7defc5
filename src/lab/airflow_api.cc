#include "lab/airflow_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace beeflow {
namespace {

constexpr int kTriesMax = 5;
constexpr Duration kFirstPause = std::chrono::milliseconds(500);
constexpr Duration kLongestPause = std::chrono::seconds(30);  // that a server may ask for
constexpr size_t kPage = 100;            // Airflow's own maximum_page_limit, unless configured
constexpr size_t kItemsMax = 1'000'000;  // of one list
constexpr size_t kDetailBytesMax = 300;

Result<std::string> TextOf(const Secret& secret,
                           const std::map<std::string, std::string>& variables) {
  if (secret.variable.empty()) return secret.text;
  const auto it = variables.find(secret.variable);
  if (it != variables.end() && !it->second.empty()) return it->second;
  return NotFound("the environment variable " + secret.variable + " is not set");
}

bool MayPass(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

Duration PauseAfter(int tries, const std::string& retry_after) {
  Duration pause = kFirstPause * (1 << (tries - 1));
  const bool is_number = !retry_after.empty() && retry_after.size() < 6 &&
                         std::all_of(retry_after.begin(), retry_after.end(),
                                     [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) pause = std::max(pause, Seconds(std::stoi(retry_after)));
  return std::min(pause, kLongestPause);
}

// What the server says about an error: "detail" of the problem, else "title".
std::string DetailOf(const WebAnswer& answer) {
  const auto json = ParseJson(answer.body);
  if (!json.ok() || !json->is_object()) return "";
  for (const char* key : {"detail", "title"}) {
    const auto it = json->find(key);
    if (it == json->end() || it->is_null()) continue;
    return ": " +
           (it->is_string() ? it->get<std::string>() : DumpJson(*it)).substr(0, kDetailBytesMax);
  }
  return "";
}

}  // namespace

std::string DagPath(const std::string& dag_id) { return "/dags/" + EncodeUrlPart(dag_id); }

std::string RunPath(const RunKey& run) {
  return DagPath(run.dag_id) + "/dagRuns/" + EncodeUrlPart(run.run_id);
}

AirflowApi::AirflowApi(std::string name, const AirflowTarget& target, LabTime* time)
    : name_(std::move(name)), target_(target), time_(*time) {}

Result<std::unique_ptr<AirflowApi>> AirflowApi::For(
    const std::string& name, const AirflowTarget& target,
    const std::map<std::string, std::string>& variables, LabTime* time) {
  std::unique_ptr<AirflowApi> api(new AirflowApi(name, target, time));
  const size_t host = target.base_url.find("://") + 3;
  const size_t path = std::min(target.base_url.find('/', host), target.base_url.size());
  api->prefix_ = target.base_url.substr(path) + "/api/v1";
  WebClientOptions options;
  options.ca_file = target.ca_file;
  BEEFLOW_ASSIGN_OR_RETURN(api->client_, WebClient::For(target.base_url.substr(0, path), options));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string password, TextOf(target.password, variables));
  BEEFLOW_ASSIGN_OR_RETURN(const std::string token, TextOf(target.token, variables));
  BEEFLOW_ASSIGN_OR_RETURN(api->web_token_, TextOf(target.mwaa_web_token, variables));
  if (!target.user.empty()) {
    api->authorization_ = BasicAuthorization(target.user, password);
  } else if (!token.empty()) {
    api->authorization_ = "Bearer " + token;
  }
  return api;
}

Result<std::string> AirflowApi::Connect() {
  if (!web_token_.empty() && cookie_.empty()) BEEFLOW_RETURN_IF_ERROR(LogInToMwaa());
  const auto version = Get("/version");
  if (!version.ok()) {
    if (version.error().code != ErrorCode::kNotFound) return version.error();
    return Invalid(
        fmt::format("{}: there is no REST API of Airflow 2.x at {}/api/v1; base_url is "
                    "the address of its web server",
                    name_, target_.base_url));
  }
  // Anybody may ask for the version.
  BEEFLOW_RETURN_IF_ERROR(Get("/dags?limit=1"));
  return version->value("version", "unknown");
}

// The token is good for one login within a minute; what counts from then on is the session.
Status AirflowApi::LogInToMwaa() {
  WebRequest request;
  request.method = "POST";
  request.path = "/aws_mwaa/login";
  request.body = "token=" + EncodeUrlPart(web_token_);
  request.content_type = "application/x-www-form-urlencoded";
  BEEFLOW_ASSIGN_OR_RETURN(const WebAnswer answer, SendUntilAnswered(request));
  const auto session = std::find_if(answer.cookies.begin(), answer.cookies.end(),
                                    [](const std::string& c) { return c.starts_with("session="); });
  if (answer.status >= 400 || session == answer.cookies.end()) {
    return Invalid(
        fmt::format("{}: MWAA does not accept mwaa_web_token (status {}); one from 'aws "
                    "mwaa create-web-login-token' is good for a minute, once",
                    name_, answer.status));
  }
  cookie_ = *session;
  return Ok();
}

Result<Json> AirflowApi::Get(const std::string& path) { return Send("GET", path, Json()); }

Result<Json> AirflowApi::Post(const std::string& path, const Json& body) {
  return Send("POST", path, body);
}

Result<Json> AirflowApi::Patch(const std::string& path, const Json& body) {
  return Send("PATCH", path, body);
}

Status AirflowApi::Delete(const std::string& path) {
  const auto answer = Send("DELETE", path, Json());
  if (answer.ok() || answer.error().code == ErrorCode::kNotFound) return Ok();
  return answer.error();
}

Result<Json> AirflowApi::GetAll(const std::string& path, const std::string& key,
                                const std::function<bool(const Json& item)>& stop) {
  Json all = Json::array();
  const char joint = path.find('?') == std::string::npos ? '?' : '&';
  while (all.size() < kItemsMax) {
    BEEFLOW_ASSIGN_OR_RETURN(const Json page, Get(fmt::format("{}{}limit={}&offset={}", path, joint,
                                                              kPage, all.size())));
    const auto items = page.find(key);
    if (items == page.end() || !items->is_array()) {
      return Invalid(fmt::format("{}: the answer to {} has no list '{}'", name_, path, key));
    }
    for (const Json& item : *items) {
      all.push_back(item);
      if (stop && stop(item)) return all;
    }
    // A server may give fewer than were asked for; what is there in all, it tells.
    const int64_t total = page.value("total_entries", int64_t{-1});
    const bool complete =
        total < 0 ? items->size() < kPage : static_cast<int64_t>(all.size()) >= total;
    if (items->empty() || complete) return all;
  }
  return Unavailable(fmt::format("{}: {} has more than {} items", name_, path, kItemsMax));
}

Result<Json> AirflowApi::Send(const std::string& method, const std::string& path,
                              const Json& body) {
  WebRequest request;
  request.method = method;
  request.path = prefix_ + path;
  request.body = body.is_null() ? "" : DumpJson(body);
  request.authorization = authorization_;
  request.cookie = cookie_;
  BEEFLOW_ASSIGN_OR_RETURN(const WebAnswer answer, SendUntilAnswered(request));
  return Understand(request, answer);
}

Result<WebAnswer> AirflowApi::SendUntilAnswered(const WebRequest& request) {
  for (int tries = 1;; ++tries) {
    Result<WebAnswer> answer = client_->Send(request);
    const bool again =
        answer.ok() ? MayPass(answer->status) : answer.error().code == ErrorCode::kUnavailable;
    if (!again || tries == kTriesMax || time_.interrupted()) {
      if (!answer.ok()) return Error{answer.error().code, name_ + ": " + answer.error().message};
      return answer;
    }
    time_.WaitUntil(time_.Now() + PauseAfter(tries, answer.ok() ? answer->retry_after : ""));
  }
}

Result<Json> AirflowApi::Understand(const WebRequest& request, const WebAnswer& answer) const {
  if (answer.status == 204) return Json();
  if (answer.status < 200 || answer.status >= 300) return Refused(request, answer);
  auto json = ParseJson(answer.body);
  if (json.ok()) return json;
  return Invalid(
      fmt::format("{}: {}{} did not answer with JSON (but {}); is base_url that of "
                  "Airflow's web server, and does its API accept logins like this one?",
                  name_, target_.base_url, request.path.substr(prefix_.size() - 7),
                  answer.content_type.empty() ? "no type" : answer.content_type));
}

Error AirflowApi::Refused(const WebRequest& request, const WebAnswer& answer) const {
  const std::string what = fmt::format("{}: {} {}", name_, request.method, request.path);
  const std::string detail = DetailOf(answer);
  switch (answer.status) {
    case 401:
      return Invalid(
          fmt::format("{}: {} does not accept the login (401){}; check user and password, "
                      "or token, in type_specific",
                      name_, target_.base_url, detail));
    case 403:
      return Invalid(what + " is not allowed (403)" + detail +
                     "; give the user a role that may read and edit DAGs, runs and pools");
    case 404:
      return NotFound(what + ": not found" + detail);
    case 409:
      return Conflict(what + ": conflict" + detail);
    default:
      break;
  }
  if (answer.status >= 300 && answer.status < 400) {
    return Invalid(what + fmt::format(": redirected ({}); base_url is the address of Airflow's web "
                                      "server itself, and its API must accept this login",
                                      answer.status));
  }
  return Unavailable(what + fmt::format(": failed ({}){}", answer.status, detail));
}

}  // namespace beeflow
