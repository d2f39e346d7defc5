#include "blob/s3_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeflow {
namespace {

using testing::ElementsAre;

TEST(S3Xml, ReadsAPageOfAList) {
  const auto page = ParseS3ListPage(
      R"(<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
           <IsTruncated>true</IsTruncated><NextContinuationToken>a/+&amp;=</NextContinuationToken>
           <Contents><Key>a&lt;b &#252;</Key></Contents><Contents><Key>c+d%20</Key></Contents>
         </ListBucketResult>)");
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->keys, ElementsAre("a<b ü", "c+d%20"));
  EXPECT_EQ(page->continuation_token, "a/+&=");
}

TEST(S3Xml, DecodesKeysWhereTheServerSaysThatTheyAreEncoded) {
  const auto page = ParseS3ListPage(
      "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
      "<Contents><Key>dt%3D1/x+y%2B%0A</Key></Contents></ListBucketResult>");
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->keys, ElementsAre("dt=1/x y+\n"));
  EXPECT_EQ(page->continuation_token, "");
}

TEST(S3Xml, RefusesOtherDocuments) {
  for (const char* xml : {"", "<html></html>", "<ListBucketResult>", "{}",
                          "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    EXPECT_FALSE(ParseS3ListPage(xml).ok()) << xml;
  }
  EXPECT_FALSE(ParseS3UploadId("<Other><UploadId>1</UploadId></Other>").ok());
  EXPECT_FALSE(ParseS3Error("<html><Code>NoSuchKey</Code></html>").has_value());
}

TEST(S3Xml, ReadsErrorsAndUploads) {
  const auto error = ParseS3Error(
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>a &amp; b</Message>"
      "<Region>eu-west-1</Region></Error>");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(error->message, "a & b");
  EXPECT_EQ(error->region, "eu-west-1");
  EXPECT_EQ(*ParseS3UploadId("<InitiateMultipartUploadResult><UploadId>x.y_z</UploadId>"
                             "</InitiateMultipartUploadResult>"),
            "x.y_z");
}

TEST(S3Xml, WritesTheListOfParts) {
  EXPECT_THAT(WriteS3PartList({"\"e1\"", "\"<e2>\""}),
              testing::EndsWith("<Part><PartNumber>1</PartNumber><ETag>\"e1\"</ETag></Part>"
                                "<Part><PartNumber>2</PartNumber><ETag>\"&lt;e2&gt;\"</ETag></Part>"
                                "</CompleteMultipartUpload>"));
}

}  // namespace
}  // namespace beeflow
