// The Fernet keys of an installation: those that are configured, or else one of its own in a file,
// which the first encryption makes.
#pragma once

#include <string>
#include <vector>

#include "crypt/fernet.h"
#include "ports/clock.h"
#include "ports/secret_cipher.h"

namespace beeflow {

struct FernetKeyringOptions {
  std::string keys;      // separated by commas; "": those of the file
  std::string source;    // where `keys` came from, for messages
  std::string key_file;  // made with mode 0600 where it is needed and missing
};

// Keys are read when they are first needed. The first one encrypts, every one decrypts: to change
// the key, put the new one in front, rotate, then drop the old one.
class FernetKeyring : public SecretCipher {
 public:
  // The clock outlives the keyring.
  FernetKeyring(FernetKeyringOptions options, Clock* clock)
      : options_(std::move(options)), clock_(clock) {}

  Result<std::string> Encrypt(const std::string& plain) override;
  Result<std::string> Decrypt(const std::string& token) override;

 private:
  Status LoadKeys(bool make_file);
  Status ParseKeys(const std::string& text, const std::string& source);

  const FernetKeyringOptions options_;
  Clock* const clock_;
  std::vector<FernetKey> keys_;
};

}  // namespace beeflow
