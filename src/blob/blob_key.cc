#include "blob/blob_key.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/utf8.h"

namespace beeflow {
namespace {

constexpr size_t kKeyBytesMax = 1024;  // of S3
constexpr std::string_view kScheme = "s3://";

bool IsBucketCharacter(unsigned char c) {
  return std::islower(c) || std::isdigit(c) || c == '.' || c == '-' || c == '_';
}

// The rules of today's buckets, and underscores, which old buckets and other servers have.
bool IsBucketName(const std::string& name) {
  return name.size() >= 3 && name.size() <= 63 &&
         std::all_of(name.begin(), name.end(), IsBucketCharacter) &&
         std::isalnum(static_cast<unsigned char>(name.front())) &&
         std::isalnum(static_cast<unsigned char>(name.back())) &&
         name.find("..") == std::string::npos;
}

// "file" of "file:///x"; "" where there is none.
std::string SchemeOf(const std::string& url) {
  const size_t end = url.find("://");
  return end == std::string::npos || url.find('/') < end ? "" : url.substr(0, end);
}

}  // namespace

Status CheckBlobKey(const std::string& key) {
  const auto wrong = [&](const std::string& what) {
    return Invalid("'" + key + "' cannot name a file in a folder or bucket: " + what);
  };
  if (key.empty()) return wrong("it is empty");
  if (key.size() > kKeyBytesMax) return wrong("it has over 1024 bytes");
  if (!IsCleanUtf8(key)) return wrong("it is not UTF-8");
  if (std::any_of(key.begin(), key.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return wrong("it has control characters");
  }
  size_t begin = 0;
  while (begin <= key.size()) {
    const size_t end = std::min(key.find('/', begin), key.size());
    const std::string part = key.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") {
      return wrong("it has the part '" + part + "' between its slashes");
    }
    begin = end + 1;
  }
  return Ok();
}

Result<std::variant<FolderUrl, BucketUrl>> ParseBlobUrl(const std::string& url) {
  using Place = std::variant<FolderUrl, BucketUrl>;
  if (url.empty()) return Invalid("the target is empty; name a folder or s3://bucket/prefix");
  if (url.rfind("s3:", 0) == 0 && url.rfind(kScheme, 0) != 0) {
    return Invalid("'" + url + "' is not the address of a bucket; write s3://bucket/prefix");
  }
  const std::string scheme = SchemeOf(url);
  if (scheme.empty()) return Place(FolderUrl{url});
  if (scheme != "s3") {
    return Invalid("'" + url + "' begins with " + scheme +
                   "://, which is not supported; name a folder by its path, or s3://bucket/prefix");
  }
  const std::string rest = url.substr(kScheme.size());
  BucketUrl found{rest.substr(0, rest.find('/')),
                  rest.substr(std::min(rest.find('/'), rest.size()))};
  if (!IsBucketName(found.bucket)) {
    return Invalid("'" + url + "': '" + found.bucket +
                   "' is not the name of a bucket (3 to 63 lower-case letters, digits, '.', '-'); "
                   "write s3://bucket/prefix");
  }
  while (!found.prefix.empty() && found.prefix.front() == '/') found.prefix.erase(0, 1);
  while (!found.prefix.empty() && found.prefix.back() == '/') found.prefix.pop_back();
  if (!found.prefix.empty()) {
    if (const Status status = CheckBlobKey(found.prefix); !status.ok()) {
      return Invalid("'" + url + "': " + status.error().message);
    }
  }
  return Place(std::move(found));
}

}  // namespace beeflow
