#include "crypt/fernet_keyring.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace beeflow {
namespace {

constexpr mode_t kOwnerOnly = 0600;

template <size_t kSize>
Result<std::array<uint8_t, kSize>> RandomBytes() {
  std::array<uint8_t, kSize> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1) return bytes;
  return Unavailable("OpenSSL has no random numbers to encrypt with; try again");
}

Error CannotWrite(const std::string& path, int code) {
  return Unavailable("the Fernet key cannot be written to " + path + ": " + std::strerror(code) +
                     "; make the folder writable, or set [core] fernet_key");
}

// Complete or not at all, and never over a key that is there: another process may do the same.
Status WriteNewFile(const std::string& path, const std::string& text) {
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  const std::string temporary = path + "." + std::to_string(getpid());
  unlink(temporary.c_str());  // of a process that was killed
  const int file =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly);
  if (file < 0) return CannotWrite(path, errno);
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  int code = written ? 0 : errno;
  close(file);
  if (code == 0 && link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) code = errno;
  unlink(temporary.c_str());
  return code == 0 ? Ok() : Status(CannotWrite(path, code));
}

Status MakeKeyFile(const std::string& path) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto random, RandomBytes<FernetKey::kBytes>());
  return WriteNewFile(path, FernetKey::Format(random) + "\n");
}

std::string Trim(const std::string& text) {
  constexpr const char* kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

Status FernetKeyring::ParseKeys(const std::string& text, const std::string& source) {
  std::vector<FernetKey> keys;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    auto key = FernetKey::Parse(Trim(text.substr(start, end - start)));
    if (!key.ok()) {
      return Invalid("key " + std::to_string(keys.size() + 1) + " of " + source + ": " +
                     key.error().message);
    }
    keys.push_back(std::move(*key));
    start = end + 1;
  }
  keys_ = std::move(keys);
  return Ok();
}

Status FernetKeyring::LoadKeys(bool make_file) {
  if (!keys_.empty()) return Ok();
  if (!options_.keys.empty()) {
    return ParseKeys(options_.keys, "[core] fernet_key (" + options_.source + ")");
  }
  const std::string& path = options_.key_file;
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    if (!make_file) {
      return Invalid(
          "it is encrypted, and there is no Fernet key: [core] fernet_key is not set and " + path +
          " does not exist; give the key that it was stored with");
    }
    BEEFLOW_RETURN_IF_ERROR(MakeKeyFile(path));
  }
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return Unavailable("the Fernet key in " + path + " cannot be read; check who may");
  return ParseKeys(text, path);
}

Result<std::string> FernetKeyring::Encrypt(const std::string& plain) {
  BEEFLOW_RETURN_IF_ERROR(LoadKeys(true));
  BEEFLOW_ASSIGN_OR_RETURN(const auto vector, RandomBytes<FernetKey::kVectorBytes>());
  return keys_.front().Encrypt(plain, clock_->Now(), vector);
}

Result<std::string> FernetKeyring::Decrypt(const std::string& token) {
  BEEFLOW_RETURN_IF_ERROR(LoadKeys(false));
  for (const FernetKey& key : keys_) {
    if (auto plain = key.Decrypt(token)) return std::move(*plain);
  }
  const std::string source =
      options_.keys.empty() ? options_.key_file : "[core] fernet_key (" + options_.source + ")";
  return Invalid("it cannot be decrypted with the key in " + source +
                 "; add the key that it was stored with behind the present one, separated by a "
                 "comma, or store it again");
}

}  // namespace beeflow
