#include "ports/connection_uri.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

StoredConnection Parsed(const std::string& uri) {
  auto connection = ParseConnectionUri("c", uri);
  EXPECT_TRUE(connection.ok()) << uri << ": " << connection.error().message;
  return connection.ok() ? *connection : StoredConnection();
}

TEST(ParseConnectionUri, ReadsEveryPart) {
  const auto c = Parsed("my-type://ann:s%40cret%2F@db.example.com:5432/sales%2Ftest?a=1&b=x+y%26");
  EXPECT_EQ(c.conn_id, "c");
  EXPECT_EQ(c.conn_type, "my_type");
  EXPECT_EQ(c.login, "ann");
  EXPECT_EQ(c.password, "s@cret/");
  EXPECT_EQ(c.host, "db.example.com");
  EXPECT_EQ(c.port, 5432);
  EXPECT_EQ(c.schema, "sales/test");
  EXPECT_EQ(c.extra, R"({"a":"1","b":"x y&"})");
}

TEST(ParseConnectionUri, LeavesAbsentPartsOut) {
  const auto c = Parsed("POSTGRESQL://");
  EXPECT_EQ(c.conn_type, "postgres");
  for (const auto& part : {c.host, c.schema, c.login, c.password, c.extra}) {
    EXPECT_EQ(part, std::nullopt);
  }
  EXPECT_EQ(c.port, std::nullopt);
  EXPECT_EQ(Parsed("http://@:8080").port, 8080);
  EXPECT_EQ(Parsed("http://:secret@").password, "secret");
}

TEST(ParseConnectionUri, HostsMayNameAProtocolOrBeAnAddress) {
  EXPECT_EQ(Parsed("http://https://example.com:80/x").host, "https://example.com");
  EXPECT_EQ(Parsed("http://https://ann:pw@example.com").login, "ann");
  EXPECT_EQ(Parsed("http://[::1]:80").host, "[::1]");
  EXPECT_EQ(Parsed("http://[::1]:80").port, 80);
  EXPECT_EQ(Parsed("ssh://%2Ftmp%2Fsocket").host, "/tmp/socket");
}

TEST(ParseConnectionUri, ExtraMayBeAnyJson) {
  EXPECT_EQ(Parsed("http://h/?__extra__=%7B%22a%22%3A+%5B1%5D%7D").extra, R"({"a": [1]})");
}

TEST(ParseConnectionUri, ErrorsDoNotRepeatTheUri) {
  for (const char* uri : {"", "s3cret", "://s3cret", "http://h:s3cret", "http://h:99999",
                          "a://b://c://s3cret", "a://ann:s3cret://x"}) {
    const auto connection = ParseConnectionUri("warehouse", uri);
    ASSERT_FALSE(connection.ok()) << uri;
    EXPECT_EQ(connection.error().message.find("s3cret"), std::string::npos);
    EXPECT_NE(connection.error().message.find("'warehouse'"), std::string::npos);
  }
}

TEST(FormatConnectionUri, ComesBack) {
  for (const char* uri :
       {"postgres://ann:s%40cret@db.example.com:5432/sales?sslmode=require", "http://h",
        "http://:pw@h", "http://@:80", "my-type://", "http://https://ann@h:1/s",
        "fs:///?path=%2Ftmp", "http://h/?__extra__=%7B%22a%22%3A+%5B1%5D%7D", "http://h/s?a=x+y"}) {
    EXPECT_EQ(FormatConnectionUri(Parsed(uri)), uri);
  }
}

TEST(CheckConnectionId, AcceptsAirflowsIds) {
  for (const char* id : {"aws_default", "a-b.c:d/e\\f#g!h(i)", "1"}) {
    EXPECT_TRUE(CheckConnectionId(id).ok()) << id;
  }
  for (const char* id : {"", "a b", "a\n", "ä", "a;b"}) EXPECT_FALSE(CheckConnectionId(id).ok());
  EXPECT_FALSE(CheckConnectionId(std::string(251, 'a')).ok());
}

}  // namespace
}  // namespace beeflow
