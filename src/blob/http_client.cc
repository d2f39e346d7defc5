#include "blob/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace beeflow {
namespace {

constexpr size_t kBodyBytesMax = 64 << 20;  // a page of a list has about 1 MB

void* NewHandle() {
  // Initializes libcurl where nobody has; never cleaned up, since others may use it too.
  static const CURLcode kInitialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  BEEFLOW_CHECK(kInitialized == CURLE_OK);
  void* handle = curl_easy_init();
  BEEFLOW_CHECK(handle != nullptr);
  return handle;
}

std::string Trim(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// What is wrong with the address, the certificate or the program does not pass by itself.
bool MayPass(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_FAIL_REWIND:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string HttpAnswer::Header(const std::string& name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

// The state of one request, as libcurl's callbacks see it.
struct HttpClient::Exchange {
  explicit Exchange(const SignedRequest& request_in, CURL* curl_in)
      : request(&request_in), curl(curl_in) {}
  // The handle forgets us, but keeps its connections: closing one may have something to tell.
  ~Exchange() {
    curl_easy_reset(curl);
    curl_slist_free_all(headers);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void AddHeader(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers, line.c_str());
    BEEFLOW_CHECK(longer != nullptr);
    headers = longer;
  }

  static size_t Read(char* buffer, size_t size, size_t count, void* self);
  static int Seek(void* self, curl_off_t offset, int origin);
  static size_t Header(char* line, size_t size, size_t count, void* self);
  static size_t Body(char* data, size_t size, size_t count, void* self);

  const SignedRequest* request;
  CURL* curl;
  curl_slist* headers = nullptr;
  uint64_t sent = 0;
  HttpAnswer answer;
  std::optional<Error> error;  // of ours, which made libcurl stop
  char message[CURL_ERROR_SIZE] = {};
};

size_t HttpClient::Exchange::Read(char* buffer, size_t size, size_t count, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  auto read = exchange->request->payload.ReadAt(exchange->sent, buffer, size * count);
  if (!read.ok()) {
    exchange->error = read.error();
    return CURL_READFUNC_ABORT;
  }
  exchange->sent += *read;
  return *read;
}

// libcurl sends again from the start where a connection that it had kept turns out to be closed.
int HttpClient::Exchange::Seek(void* self, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Exchange*>(self)->sent = static_cast<uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

size_t HttpClient::Exchange::Header(char* line, size_t size, size_t count, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  const std::string text(line, size * count);
  const size_t colon = text.find(':');
  if (text.rfind("HTTP/", 0) == 0) {
    exchange->answer = {};  // what came before belonged to an interim answer
  } else if (colon != std::string::npos) {
    exchange->answer.headers.emplace_back(Lower(text.substr(0, colon)),
                                          Trim(text.substr(colon + 1)));
  }
  return size * count;
}

size_t HttpClient::Exchange::Body(char* data, size_t size, size_t count, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  const size_t bytes = size * count;
  long status = 0;
  curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
  if (exchange->request->sink && status / 100 == 2) {
    const Status written = exchange->request->sink->Append(data, bytes);
    if (written.ok()) return bytes;
    exchange->error = written.error();
    return 0;
  }
  if (exchange->answer.body.size() + bytes > kBodyBytesMax) {
    exchange->error = Unavailable(exchange->request->url + " answers without end");
    return 0;
  }
  exchange->answer.body.append(data, bytes);
  return bytes;
}

HttpClient::HttpClient(HttpCredentials credentials, HttpLimits limits)
    : credentials_(std::move(credentials)),
      limits_(std::move(limits)),
      signing_("aws:amz:" + credentials_.region + ":s3"),
      curl_(NewHandle(), curl_easy_cleanup) {}

HttpClient::~HttpClient() = default;

void HttpClient::Prepare(const SignedRequest& request, Exchange* exchange) {
  CURL* curl = curl_.get();
  const auto set = [&](CURLoption option, auto value) {
    BEEFLOW_CHECK(curl_easy_setopt(curl, option, value) == CURLE_OK);
  };
  for (const auto& [name, value] : request.headers) exchange->AddHeader(name + ": " + value);
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "PUT" || request.method == "POST") {
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.payload.size()));
    set(CURLOPT_READFUNCTION, Exchange::Read);
    set(CURLOPT_READDATA, static_cast<void*>(exchange));
    set(CURLOPT_SEEKFUNCTION, Exchange::Seek);
    set(CURLOPT_SEEKDATA, static_cast<void*>(exchange));
  }
  set(CURLOPT_HTTPHEADER, exchange->headers);
  set(CURLOPT_HEADERFUNCTION, Exchange::Header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(exchange));
  set(CURLOPT_WRITEFUNCTION, Exchange::Body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(exchange));
  set(CURLOPT_ERRORBUFFER, exchange->message);
  set(CURLOPT_AWS_SIGV4, signing_.c_str());
  set(CURLOPT_USERNAME, credentials_.access_key_id.c_str());
  set(CURLOPT_PASSWORD, credentials_.secret_access_key.c_str());
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect_timeout / Duration(1000)));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(ToSeconds(limits_.stall_timeout)));
  if (!limits_.ca_bundle.empty()) set(CURLOPT_CAINFO, limits_.ca_bundle.c_str());
}

Result<std::variant<HttpAnswer, HttpFailure>> HttpClient::Send(const SignedRequest& request) {
  using Outcome = std::variant<HttpAnswer, HttpFailure>;
  if (request.sink) BEEFLOW_RETURN_IF_ERROR(request.sink->Truncate());
  Exchange exchange(request, curl_.get());
  Prepare(request, &exchange);
  const CURLcode code = curl_easy_perform(curl_.get());
  if (exchange.error) return *exchange.error;
  if (code != CURLE_OK) {
    const std::string what = exchange.message[0] ? exchange.message : curl_easy_strerror(code);
    return Outcome(
        HttpFailure{what, MayPass(code),
                    code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE});
  }
  long status = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.answer.status = static_cast<int>(status);
  return Outcome(std::move(exchange.answer));
}

}  // namespace beeflow
