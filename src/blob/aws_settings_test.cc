#include "blob/aws_settings.h"

#include <gtest/gtest.h>

#include "blob/open_blob_store.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

class AwsSettingsTest : public testing::Test {
 protected:
  AwsSettings Read() {
    auto settings = ReadAwsSettings(variables_);
    EXPECT_TRUE(settings.ok()) << settings.error().message;
    return settings.ok() ? *settings : AwsSettings();
  }
  std::string Failure() {
    const auto settings = ReadAwsSettings(variables_);
    return settings.ok() ? "fine" : settings.error().message;
  }

  TempFolder home_;
  std::map<std::string, std::string> variables_ = {{"HOME", home_.path()}};
};

TEST_F(AwsSettingsTest, VariablesComeFirst) {
  home_.Write(".aws/credentials", "[default]\naws_access_key_id = F\naws_secret_access_key = G\n");
  home_.Write(".aws/config", "[default]\nregion = eu-west-1\n");
  variables_["AWS_ACCESS_KEY_ID"] = "A";
  variables_["AWS_SECRET_ACCESS_KEY"] = "S";
  variables_["AWS_SESSION_TOKEN"] = "T";
  variables_["AWS_DEFAULT_REGION"] = "eu-north-1";
  const AwsSettings settings = Read();
  EXPECT_EQ(settings.access_key_id + settings.secret_access_key + settings.session_token, "AST");
  EXPECT_EQ(settings.region, "eu-north-1");
  variables_["AWS_REGION"] = "eu-south-1";
  EXPECT_EQ(Read().region, "eu-south-1");
}

TEST_F(AwsSettingsTest, FilesAreReadByProfile) {
  home_.Write(".aws/credentials",
              "[default]\naws_access_key_id=D\naws_secret_access_key=E\n"
              "[Work]\naws_access_key_id = A\naws_secret_access_key = a/b+c=\n"
              "aws_session_token = " +
                  std::string(2000, 't') + "\n");
  home_.Write(".aws/config",
              "# mine\n[default]\nregion = eu-west-1\n[profile Work]\nregion = us-west-2\n"
              "s3 =\n    max_concurrent_requests = 20\nendpoint_url = http://h:9000\n"
              "ca_bundle = /etc/ca.pem\n");
  EXPECT_EQ(Read().access_key_id, "D");
  EXPECT_EQ(Read().region, "eu-west-1");
  variables_["AWS_PROFILE"] = "Work";
  const AwsSettings settings = Read();
  EXPECT_EQ(settings.secret_access_key, "a/b+c=");
  EXPECT_EQ(settings.session_token.size(), 2000u);
  EXPECT_EQ(settings.region, "us-west-2");
  EXPECT_EQ(settings.endpoint_url, "http://h:9000");
  EXPECT_EQ(settings.ca_bundle, "/etc/ca.pem");
  variables_["AWS_ENDPOINT_URL"] = "http://all";
  EXPECT_EQ(Read().endpoint_url, "http://all");
  variables_["AWS_ENDPOINT_URL_S3"] = "http://s3";
  EXPECT_EQ(Read().endpoint_url, "http://s3");
}

TEST_F(AwsSettingsTest, FilesMayLieElsewhere) {
  home_.Write("keys", "[default]\naws_access_key_id=A\naws_secret_access_key=S\n");
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = "~/keys";
  variables_["AWS_CONFIG_FILE"] = home_.Write("conf", "[default]\nregion = eu-west-3\n");
  EXPECT_EQ(Read().access_key_id, "A");
  EXPECT_EQ(Read().region, "eu-west-3");
}

TEST_F(AwsSettingsTest, ConfigMayHoldCredentialsToo) {
  home_.Write(".aws/config", "[default]\naws_access_key_id=A\naws_secret_access_key=S\n");
  EXPECT_EQ(Read().access_key_id, "A");
  EXPECT_EQ(Read().region, "us-east-1");
}

TEST_F(AwsSettingsTest, SaysWhatIsMissing) {
  EXPECT_EQ(Failure(),
            "there are no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "put them into profile 'default' of " +
                home_.path() + "/.aws/credentials");
  variables_["AWS_ACCESS_KEY_ID"] = "A";
  EXPECT_NE(Failure().find("only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set"),
            std::string::npos);
  variables_.erase("AWS_ACCESS_KEY_ID");
  home_.Write(".aws/credentials", "[default]\naws_access_key_id=A\n");
  EXPECT_NE(Failure().find("has only one of aws_access_key_id"), std::string::npos);
  home_.Write(".aws/credentials", "[default]\naws_access_key_id\n");
  EXPECT_NE(Failure().find("/.aws/credentials:2: "), std::string::npos);
  variables_["AWS_PROFILE"] = "absent";
  home_.Write(".aws/credentials", "[default]\n");
  EXPECT_NE(Failure().find("AWS_PROFILE is 'absent', but neither"), std::string::npos);
  home_.Write(".aws/config", "[profile absent]\nsso_session = corp\n");
  EXPECT_NE(Failure().find("by sso_session, which is not supported"), std::string::npos);
}

TEST(OpenBlobStore, OpensFoldersWithoutCredentials) {
  TempFolder home;
  const BlobSurroundings surroundings{{{"HOME", home.path()}}, 1, nullptr};
  const auto store = OpenBlobStore({"out/", "", ""}, surroundings);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ((*store)->Address("a/b"), "out/a/b");
  EXPECT_FALSE(OpenBlobStore({"out", "http://h", ""}, surroundings).ok());
  EXPECT_NE(OpenBlobStore({"s3://lab", "", ""}, surroundings).error().message.find("credentials"),
            std::string::npos);
}

}  // namespace
}  // namespace beeflow
