// S3 on good and bad days, against a real server that checks signatures.
#include "blob/s3_blob_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "blob/s3_server_for_test.h"

namespace beeflow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class S3BlobStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.Arrange();
    options_ = server_.Options(&pause_);
    prefix_ = folder_.path().substr(folder_.path().find("beeflow_test"));
  }
  void TearDown() override { server_.Arrange(); }

  std::unique_ptr<S3BlobStore> Open() {
    auto store = S3BlobStore::Open(options_, prefix_);
    BEEFLOW_CHECK(store.ok());
    return std::move(*store);
  }
  Status PutText(const std::string& key, const std::string& text) {
    return Open()->Put(key, folder_.Write("put", text));
  }
  std::string GetText(const std::string& key) {
    const Status status = Open()->Get(key, folder_ / "got");
    return status.ok() ? folder_.Read("got") : status.error().message;
  }
  // Without printing megabytes where they differ.
  void ExpectStored(const std::string& key, const std::string& text) {
    const std::string found = GetText(key);
    EXPECT_EQ(found.size(), text.size()) << found.substr(0, 300);
    EXPECT_TRUE(found == text);
  }
  std::string PutError() {
    const Status status = PutText("k", "text");
    return status.ok() ? "stored" : status.error().message;
  }
  // 17.5 MiB that repeat nowhere: three parts.
  static std::string LargeText() {
    std::string text;
    Random words(1);
    while (text.size() < (35u << 19)) {
      const uint64_t word = words.Next();
      text.append(reinterpret_cast<const char*>(&word), sizeof(word));
    }
    return text;
  }

  S3Server& server_ = S3Server::Get();
  TempFolder folder_;
  CountedPause pause_;
  S3Options options_;
  std::string prefix_;
};

TEST_F(S3BlobStoreTest, LargeFilesGoInParts) {
  const std::string text = LargeText();
  ASSERT_TRUE(PutText("large=1/file", text).ok());
  EXPECT_THAT(server_.Arrange(),
              ElementsAre(AllOf(StartsWith("POST "), EndsWith("large%3D1/file?uploads= 200")),
                          HasSubstr("?partNumber=1&uploadId="), HasSubstr("?partNumber=2&"),
                          HasSubstr("?partNumber=3&"), StartsWith("POST ")));
  ExpectStored("large=1/file", text);
}

TEST_F(S3BlobStoreTest, PartsStayWithinTheirNumber) {
  EXPECT_EQ(S3PartBytes(17 << 20), 8u << 20);
  const uint64_t terabytes = uint64_t{5} << 40;
  EXPECT_LE(terabytes / S3PartBytes(terabytes), 10000u);
}

TEST_F(S3BlobStoreTest, TemporaryCredentialsAreSigned) {
  options_.aws.access_key_id = "ASIATEST";
  options_.aws.secret_access_key = "temporary";
  options_.aws.session_token = "session/token+with=signs//" + std::string(600, 'x');
  EXPECT_EQ(PutError(), "stored");
  options_.aws.session_token = "other";
  EXPECT_THAT(PutError(), HasSubstr("does not accept the credentials of AWS_ACCESS_KEY_ID"));
}

TEST_F(S3BlobStoreTest, ListsGoOnFromPageToPage) {
  for (const char* key : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(PutText(key, "").ok());
  server_.Arrange("[]", 2);
  const auto keys = Open()->List("");
  ASSERT_TRUE(keys.ok()) << keys.error().message;
  EXPECT_THAT(*keys, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(server_.Arrange(), SizeIs(3));
}

TEST_F(S3BlobStoreTest, WhatPassesIsTriedAgain) {
  for (const char* faults :
       {"[503, 503]", "[429]", "[500, \"cut\"]", "[\"cut\", \"cut\"]", "[\"cut-after\"]"}) {
    server_.Arrange(faults);
    EXPECT_EQ(PutError(), "stored") << faults;
  }
  for (const char* faults : {"[503]", "[\"cut-body\"]", "[\"cut\", \"cut-body\"]"}) {
    server_.Arrange(faults);
    EXPECT_EQ(GetText("k"), "text") << faults;
  }
}

TEST_F(S3BlobStoreTest, AServerThatHangsIsTriedAgain) {
  options_.http.stall_timeout = Seconds(1);
  server_.Arrange(R"(["hang"])");
  EXPECT_EQ(PutError(), "stored");
  EXPECT_GE(pause_.pauses.size(), 1u);
}

TEST_F(S3BlobStoreTest, TriesAreBoundedAndPausesGrow) {
  options_.retries.attempts_max = 4;
  server_.Arrange("[503, 503, 503, 503, 503]");
  EXPECT_THAT(PutError(), AllOf(HasSubstr("SlowDown: later"), HasSubstr("HTTP status 503")));
  EXPECT_THAT(server_.Arrange(), SizeIs(4));
  ASSERT_THAT(pause_.pauses, SizeIs(3));
  for (int i = 0; i < 3; ++i) {
    const Duration longest = options_.retries.first_pause * (1 << i);
    EXPECT_LE(pause_.pauses[i], longest);
    EXPECT_GE(pause_.pauses[i], longest / 2);
  }
}

TEST_F(S3BlobStoreTest, WhatDoesNotPassIsNotTriedAgain) {
  options_.aws.secret_access_key = "wrong";
  EXPECT_THAT(PutError(), AllOf(HasSubstr("does not accept the credentials of AWS_ACCESS_KEY_ID"),
                                HasSubstr("SignatureDoesNotMatch"), Not(HasSubstr("wrong"))));
  EXPECT_THAT(server_.Arrange(), SizeIs(1));
  EXPECT_THAT(pause_.pauses, SizeIs(0));
}

TEST_F(S3BlobStoreTest, FailuresSayWhatToDo) {
  options_.bucket = "nowhere";
  EXPECT_THAT(PutError(), AllOf(HasSubstr("s3://nowhere/" + prefix_ + "/k: there is no bucket"),
                                HasSubstr(server_.url()), HasSubstr("create it")));
  EXPECT_EQ(Open()->Get("k", folder_ / "got").error().code, ErrorCode::kInvalid);
  options_.bucket = "forbidden";
  EXPECT_THAT(PutError(), HasSubstr("need s3:PutObject on bucket 'forbidden'"));
  options_.bucket = "far";
  EXPECT_THAT(PutError(), HasSubstr("region eu-west-1, not in us-east-1 (AWS_REGION); set "
                                    "AWS_REGION=eu-west-1"));
  options_.bucket = "lab";
  options_.aws.region = "us-west-2";
  EXPECT_THAT(PutError(), HasSubstr("region us-east-1, not in us-west-2"));
  options_.aws.access_key_id = "AKIAOTHER";
  EXPECT_THAT(PutError(), HasSubstr("InvalidAccessKeyId"));
}

TEST_F(S3BlobStoreTest, AServerThatIsNotThereIsNamed) {
  options_.aws.endpoint_url = "http://127.0.0.1:1";
  EXPECT_THAT(PutError(), AllOf(HasSubstr("http://127.0.0.1:1 cannot be reached"),
                                HasSubstr("(tried 3 times)"), HasSubstr("check the endpoint URL")));
  EXPECT_THAT(pause_.pauses, SizeIs(2));
}

TEST_F(S3BlobStoreTest, AFailedUploadIsGivenUp) {
  options_.retries.attempts_max = 2;
  server_.Arrange(R"(["pass", "pass", 500, "cut"])");
  EXPECT_FALSE(PutText("large", LargeText()).ok());
  const std::vector<std::string> requests = server_.Arrange();
  ASSERT_FALSE(requests.empty());
  EXPECT_THAT(requests.back(), AllOf(StartsWith("DELETE "), EndsWith(" 204")));
  EXPECT_THAT(GetText("large"), HasSubstr("no such key"));
}

// S3 answers 200 to a completion before it has carried it out.
TEST_F(S3BlobStoreTest, AnErrorInsideOfASuccessIsOne) {
  const std::string text = LargeText();
  server_.Arrange(R"(["pass", "pass", "pass", "pass", "late-error"])");
  ASSERT_TRUE(PutText("large", text).ok());
  ExpectStored("large", text);
}

TEST_F(S3BlobStoreTest, ACompletionWhoseAnswerIsLostEndsWell) {
  const std::string text = LargeText();
  server_.Arrange(R"(["pass", "pass", "pass", "pass", "cut-after"])");
  const Status status = PutText("large", text);
  ASSERT_TRUE(status.ok()) << status.error().message;
  ExpectStored("large", text);
}

TEST_F(S3BlobStoreTest, WhatIsNoS3ServerIsToldApart) {
  options_.aws.endpoint_url = server_.url() + "/deeper";
  EXPECT_FALSE(Open()->List("").ok());
  options_.aws.endpoint_url = "ftp://host";
  EXPECT_THAT(S3BlobStore::Open(options_, "").error().message, HasSubstr("write it as https://"));
}

}  // namespace
}  // namespace beeflow
