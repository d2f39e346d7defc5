#include "http/compression.h"

#include <zlib.h>

#include <algorithm>

#include "base/result.h"
#include "http/http_server.h"

namespace beeflow {
namespace {

// Shorter ones go out in a few packets anyway. Among them is the answer with the CSRF token, which
// so never shares a compressed body with what a peer has sent.
constexpr size_t kBytesMin = 16 << 10;
constexpr int kFastest = 1;  // 3 ms for 790 KB of a grid, which becomes 98; the best takes 83 ms
constexpr int kGzip = 15 + 16;
constexpr int kMemory = 8;

bool IsText(const std::string& content_type) {
  return content_type.starts_with("text/") || content_type.starts_with("application/json");
}

// "gzip", or "gzip;q=0.5"; what has the weight 0 is refused.
bool TakesGzip(std::string coding) {
  std::erase(coding, ' ');
  const size_t semicolon = std::min(coding.find(';'), coding.size());
  if (coding.compare(0, semicolon, "gzip") != 0) return false;
  const std::string weight = coding.substr(semicolon);
  return !weight.starts_with(";q=0") || weight.find_first_of("123456789") != std::string::npos;
}

std::string Gzip(const std::string& text) {
  z_stream stream{};
  BEEFLOW_CHECK(deflateInit2(&stream, kFastest, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) ==
                Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BEEFLOW_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

bool AcceptsGzip(const HttpRequest& request) {
  std::string_view rest = request.Header("accept-encoding");
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(','), rest.size());
    if (TakesGzip(std::string(rest.substr(0, end)))) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

void CompressForFarPeers(const HttpRequest& request, HttpResponse* response) {
  constexpr size_t kBytesMax = 1U << 31;  // more than zlib takes at once
  const size_t bytes = response->body.size();
  if (bytes < kBytesMin || bytes >= kBytesMax || response->stream) return;
  if (!AcceptsGzip(request) || IsLoopback(request.remote_address)) return;
  if (!IsText(response->content_type)) return;
  const bool is_encoded =
      std::any_of(response->headers.begin(), response->headers.end(),
                  [](const auto& header) { return header.first == "Content-Encoding"; });
  if (is_encoded) return;
  response->body = Gzip(response->body);
  response->headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace beeflow
