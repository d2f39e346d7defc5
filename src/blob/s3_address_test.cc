#include "blob/s3_address.h"

#include <gtest/gtest.h>

#include "blob/blob_key.h"
#include "blob/payload.h"

namespace beeflow {
namespace {

std::string Url(const std::string& bucket, const std::string& region, const std::string& endpoint,
                const std::string& key, const S3Address::Query& query = {}) {
  const auto address = S3Address::Make(bucket, region, endpoint);
  return address.ok() ? address->Url(key, query) : address.error().message;
}

// libcurl 7.88 signs what it is given: what is not encoded here gives a signature that S3 refuses.
TEST(S3Address, EncodesAllThatTheSignatureWantsEncoded) {
  EXPECT_EQ(Url("lab", "us-east-1", "http://h:9000/", "a/dt=1/x y+z~*.csv"),
            "http://h:9000/lab/a/dt%3D1/x%20y%2Bz~%2A.csv");
  EXPECT_EQ(Url("lab", "us-east-1", "http://h", "ü"), "http://h/lab/%C3%BC");
}

TEST(S3Address, ParametersAreSortedAndHaveValues) {
  EXPECT_EQ(Url("lab", "us-east-1", "http://h", "k", {{"uploads", ""}}), "http://h/lab/k?uploads=");
  EXPECT_EQ(Url("lab", "us-east-1", "http://h", "",
                {{"prefix", "a/b="}, {"list-type", "2"}, {"continuation-token", "x/+="}}),
            "http://h/lab/?continuation-token=x%2F%2B%3D&list-type=2&prefix=a%2Fb%3D");
}

TEST(S3Address, OnAwsTheBucketIsInTheHostWhereACertificateCoversIt) {
  EXPECT_EQ(Url("lab", "eu-west-1", "", "k"), "https://lab.s3.eu-west-1.amazonaws.com/k");
  EXPECT_EQ(Url("my.lab", "eu-west-1", "", "k"), "https://s3.eu-west-1.amazonaws.com/my.lab/k");
  EXPECT_EQ(Url("lab", "cn-north-1", "", "k"), "https://lab.s3.cn-north-1.amazonaws.com.cn/k");
}

TEST(S3Address, RefusesWhatIsNoRegionOrEndpoint) {
  EXPECT_EQ(Url("lab", "EU West", "", "k"),
            "'EU West' is not the name of a region, such as eu-west-1");
  for (const char* endpoint : {"h:9000", "ftp://h", "http://", "http://h?x", "http://me@h"}) {
    EXPECT_NE(Url("lab", "us-east-1", endpoint, "k").find("write it as https://host"),
              std::string::npos)
        << endpoint;
  }
}

TEST(S3Address, DecodesWhatListsEncode) {
  EXPECT_EQ(PercentDecode("a%20b+c%2Bd%C3%bc"), "a b c+dü");
  EXPECT_EQ(PercentDecode("100%"), "100%");
  EXPECT_EQ(PercentDecode("%zz%4"), "%zz%4");
}

// The hash that is signed for a request without a body.
TEST(Payload, HashesWhatItCarries) {
  EXPECT_EQ(*Payload().Sha256(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(*Payload("abc").Sha256(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

std::string Describe(const std::string& url) {
  const auto place = ParseBlobUrl(url);
  if (!place.ok()) return place.error().message;
  if (const auto* folder = std::get_if<FolderUrl>(&*place)) return "folder " + folder->path;
  const auto& bucket = std::get<BucketUrl>(*place);
  return bucket.bucket + " | " + bucket.prefix;
}

TEST(BlobUrl, NamesAFolderOrABucket) {
  EXPECT_EQ(Describe("out/dir"), "folder out/dir");
  EXPECT_EQ(Describe("a/b://c"), "folder a/b://c");
  EXPECT_EQ(Describe("s3://lab"), "lab | ");
  EXPECT_EQ(Describe("s3://lab/"), "lab | ");
  EXPECT_EQ(Describe("s3://my.lab-1/a/b=c%20/"), "my.lab-1 | a/b=c%20");
}

TEST(BlobUrl, SaysWhatIsWrong) {
  EXPECT_EQ(Describe(""), "the target is empty; name a folder or s3://bucket/prefix");
  EXPECT_NE(Describe("s3:/lab").find("write s3://bucket/prefix"), std::string::npos);
  EXPECT_NE(Describe("gs://lab").find("begins with gs://, which is not supported"),
            std::string::npos);
  EXPECT_NE(Describe("s3://").find("'' is not the name of a bucket"), std::string::npos);
  EXPECT_NE(Describe("s3://Lab/x").find("'Lab' is not the name of a bucket"), std::string::npos);
  EXPECT_NE(Describe("s3://lab/a//b").find("it has the part '' between"), std::string::npos);
}

}  // namespace
}  // namespace beeflow
