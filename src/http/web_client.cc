#include "http/web_client.h"

#include <httplib.h>

#include <cctype>

namespace beeflow {
namespace {

Error NoAnswer(const std::string& server, httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
      return Unavailable(server + ": cannot connect; is the address right, and the server up?");
    case httplib::Error::SSLServerVerification:
      return Invalid(server +
                     ": its certificate is not trusted; ca_file names certificates to trust");
    case httplib::Error::SSLLoadingCerts:
      return Invalid(server + ": the certificates of ca_file cannot be read");
    case httplib::Error::SSLConnection:
      return Unavailable(server + ": no TLS connection; does the server speak https on that port?");
    case httplib::Error::Read:
      return Unavailable(server + ": the answer has not come, or not all of it");
    default:
      return Unavailable(server + ": " + httplib::to_string(error));
  }
}

std::vector<std::string> CookiesOf(const httplib::Response& response) {
  std::vector<std::string> cookies;
  const auto [begin, end] = response.headers.equal_range("Set-Cookie");
  for (auto it = begin; it != end; ++it)
    cookies.push_back(it->second.substr(0, it->second.find(';')));
  return cookies;
}

bool IsServer(const std::string& server) {
  for (const std::string scheme : {"http://", "https://"}) {
    if (!server.starts_with(scheme)) continue;
    const std::string host = server.substr(scheme.size());
    return !host.empty() && host.find_first_of("/?#@ ") == std::string::npos;
  }
  return false;
}

}  // namespace

struct WebClient::Implementation {
  explicit Implementation(const std::string& the_server) : server(the_server), client(the_server) {}
  const std::string server;
  httplib::Client client;
};

WebClient::WebClient(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

WebClient::~WebClient() = default;

Result<std::unique_ptr<WebClient>> WebClient::For(const std::string& server,
                                                  const WebClientOptions& options) {
  if (!IsServer(server)) return Invalid(server + ": is not the address of a web server");
  auto implementation = std::make_unique<Implementation>(server);
  httplib::Client& client = implementation->client;
  if (!client.is_valid()) return Invalid(server + ": is not the address of a web server");
  client.set_connection_timeout(options.connect_timeout);
  client.set_read_timeout(options.read_timeout);
  client.set_keep_alive(true);
  client.set_follow_location(false);
  client.set_url_encode(false);  // it is already
  client.enable_server_certificate_verification(true);
  if (!options.ca_file.empty()) client.set_ca_cert_path(options.ca_file);
  return std::unique_ptr<WebClient>(new WebClient(std::move(implementation)));
}

Result<WebAnswer> WebClient::Send(const WebRequest& request) {
  httplib::Request out;
  out.method = request.method;
  out.path = request.path;
  out.body = request.body;
  out.set_header("Accept", request.accept);
  if (!request.body.empty()) out.set_header("Content-Type", request.content_type);
  if (!request.authorization.empty()) out.set_header("Authorization", request.authorization);
  if (!request.cookie.empty()) out.set_header("Cookie", request.cookie);
  const httplib::Result result = implementation_->client.send(out);
  if (!result) return NoAnswer(implementation_->server, result.error());
  WebAnswer answer;
  answer.status = result->status;
  answer.content_type = result->get_header_value("Content-Type");
  answer.body = result->body;
  answer.retry_after = result->get_header_value("Retry-After");
  answer.cookies = CookiesOf(*result);
  return answer;
}

std::string BasicAuthorization(const std::string& user, const std::string& password) {
  return httplib::make_basic_authentication_header(user, password).second;
}

std::string EncodeUrlPart(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

}  // namespace beeflow
