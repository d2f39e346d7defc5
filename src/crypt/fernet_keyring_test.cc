#include "crypt/fernet_keyring.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace beeflow {
namespace {

constexpr const char* kOld = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr const char* kNew = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

class FixedClock : public Clock {
 public:
  Time Now() override { return *ParseTime("2021-01-01"); }
};

class FernetKeyringTest : public testing::Test {
 protected:
  FernetKeyringTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "beeflow-key-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~FernetKeyringTest() override { std::filesystem::remove_all(folder_); }

  std::string KeyFile() const { return folder_ + "/home/fernet.key"; }
  FernetKeyring Open(const std::string& keys) {
    return FernetKeyring({keys, "beeflow.cfg:3", KeyFile()}, &clock_);
  }

  FixedClock clock_;
  std::string folder_;
};

TEST_F(FernetKeyringTest, AKeyIsMadeOnceForItsOwnerAlone) {
  const std::string token = Open("").Encrypt("secret").value();
  struct stat status {};
  ASSERT_EQ(stat(KeyFile().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(Open("").Decrypt(token).value(), "secret");
  EXPECT_NE(Open("").Encrypt("secret").value(), token);  // never the same vector
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ + "/home"), {}), 1);
}

TEST_F(FernetKeyringTest, ReadingMakesNoKey) {
  const auto plain = Open("").Decrypt("gAAAAAA");
  ASSERT_FALSE(plain.ok());
  EXPECT_NE(plain.error().message.find("there is no Fernet key"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(KeyFile()));
}

TEST_F(FernetKeyringTest, ConfiguredKeysAreUsedInsteadOfTheFile) {
  const std::string token = Open(kOld).Encrypt("secret").value();
  EXPECT_FALSE(std::filesystem::exists(KeyFile()));
  EXPECT_EQ(Open(kOld).Decrypt(token).value(), "secret");
}

TEST_F(FernetKeyringTest, SeveralKeysReadEachOthersAndTheFirstEncrypts) {
  const std::string old_token = Open(kOld).Encrypt("secret").value();
  FernetKeyring both = Open(std::string(kNew) + ", " + kOld);
  EXPECT_EQ(both.Decrypt(old_token).value(), "secret");
  EXPECT_EQ(Open(kNew).Decrypt(both.Encrypt("later").value()).value(), "later");
}

TEST_F(FernetKeyringTest, AWrongKeySaysWhereItCameFrom) {
  const std::string token = Open(kOld).Encrypt("secret").value();
  EXPECT_EQ(Open(kNew).Decrypt(token).error().message,
            "it cannot be decrypted with the key in [core] fernet_key (beeflow.cfg:3); add the key "
            "that it was stored with behind the present one, separated by a comma, or store it "
            "again");
}

TEST_F(FernetKeyringTest, AMalformedKeyIsNamedByItsPlaceOnly) {
  EXPECT_EQ(Open(std::string(kOld) + ",rubbish").Encrypt("x").error().message,
            "key 2 of [core] fernet_key (beeflow.cfg:3): a Fernet key must be 32 bytes in URL-safe "
            "base64, which is 44 characters");
}

}  // namespace
}  // namespace beeflow
