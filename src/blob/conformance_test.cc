// What every BlobStore must do, run against a folder and against a bucket of a real S3 server.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "blob/local_blob_store.h"
#include "blob/s3_blob_store.h"
#include "blob/s3_server_for_test.h"

namespace beeflow {
namespace {

struct Backend {
  std::string name;
  std::function<std::unique_ptr<BlobStore>(const std::string& folder, Pause* pause)> open;
};
void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

class BlobConformance : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { store_ = GetParam().open(folder_ / "store", &pause_); }

  Status PutText(const std::string& key, const std::string& text) {
    return store_->Put(key, folder_.Write("put", text));
  }
  // What is under the key; "none" where nothing is.
  std::string GetText(const std::string& key) {
    const Status status = store_->Get(key, folder_ / "got");
    if (status.ok()) return folder_.Read("got");
    return status.error().code == ErrorCode::kNotFound ? "none" : status.error().message;
  }
  std::vector<std::string> Keys(const std::string& prefix) {
    auto keys = store_->List(prefix);
    EXPECT_TRUE(keys.ok()) << keys.error().message;
    return *keys;
  }

  TempFolder folder_;
  CountedPause pause_;
  std::unique_ptr<BlobStore> store_;
};

TEST_P(BlobConformance, WhatIsPutIsGot) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 7);
  ASSERT_TRUE(PutText("a/b/c.csv", bytes).ok());
  EXPECT_EQ(GetText("a/b/c.csv"), bytes);
  ASSERT_TRUE(PutText("a/b/c.csv", "shorter").ok());
  EXPECT_EQ(GetText("a/b/c.csv"), "shorter");
  ASSERT_TRUE(PutText("empty", "").ok());
  EXPECT_EQ(GetText("empty"), "");
}

TEST_P(BlobConformance, KeysMayHoldWhatUrlsMayNot) {
  const std::vector<std::string> keys = {
      "dt=2021-03-04_05-06/t.csv", "a b+c&d=e?f#g", "100%/%41", "übung/日本.csv",
      "~a!b*c'(d);:@,[e]",         "...",           ".hidden"};
  for (const std::string& key : keys) {
    const Status status = PutText("odd/" + key, key);
    ASSERT_TRUE(status.ok()) << status.error().message;
  }
  for (const std::string& key : keys) EXPECT_EQ(GetText("odd/" + key), key);
  EXPECT_EQ(Keys("odd/").size(), keys.size());
}

TEST_P(BlobConformance, ListsByPrefixSorted) {
  for (const char* key : {"x/b", "x/a/2", "x/a/1", "xy", "y"}) ASSERT_TRUE(PutText(key, "").ok());
  using List = std::vector<std::string>;
  EXPECT_EQ(Keys("x"), (List{"x/a/1", "x/a/2", "x/b", "xy"}));
  EXPECT_EQ(Keys("x/"), (List{"x/a/1", "x/a/2", "x/b"}));
  EXPECT_EQ(Keys("x/a/2"), (List{"x/a/2"}));
  EXPECT_EQ(Keys("nothing"), List{});
  EXPECT_EQ(Keys("nothing/below"), List{});
  EXPECT_EQ(Keys("../"), List{});
}

TEST_P(BlobConformance, DeletesWhatIsThereAndNoMore) {
  ASSERT_TRUE(PutText("d/one", "1").ok());
  ASSERT_TRUE(PutText("d/two", "2").ok());
  EXPECT_TRUE(store_->Delete("d/one").ok());
  EXPECT_TRUE(store_->Delete("d/one").ok());
  EXPECT_TRUE(store_->Delete("d").ok());
  EXPECT_EQ(GetText("d/one"), "none");
  EXPECT_EQ(GetText("d/two"), "2");
}

TEST_P(BlobConformance, NothingIsGotFromNothing) {
  folder_.Write("got", "before");
  EXPECT_EQ(GetText("absent"), "none");
  EXPECT_EQ(folder_.Read("got"), "before");
}

TEST_P(BlobConformance, AMissingFileIsNamedAndNothingStored) {
  const Status status = store_->Put("k", folder_ / "missing.csv");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("missing.csv"), std::string::npos);
  EXPECT_EQ(GetText("k"), "none");
}

TEST_P(BlobConformance, RefusesKeysThatLeadElsewhere) {
  for (const char* key : {"", "/a", "a/", "a//b", ".", "../a", "a/../b", "a/./b", "a\nb", "\xff"}) {
    EXPECT_EQ(PutText(key, "x").error().code, ErrorCode::kInvalid) << key;
    EXPECT_EQ(store_->Get(key, folder_ / "got").error().code, ErrorCode::kInvalid) << key;
    EXPECT_EQ(store_->Delete(key).error().code, ErrorCode::kInvalid) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, BlobConformance,
                         testing::Values(Backend{"Folder",
                                                 [](const std::string& folder, Pause*) {
                                                   return std::make_unique<LocalBlobStore>(folder);
                                                 }},
                                         Backend{"S3",
                                                 [](const std::string& folder, Pause* pause) {
                                                   // A prefix of its own for each test.
                                                   const std::string prefix =
                                                       folder.substr(folder.find("beeflow_test"));
                                                   auto store = S3BlobStore::Open(
                                                       S3Server::Get().Options(pause), prefix);
                                                   BEEFLOW_CHECK(store.ok());
                                                   return std::move(*store);
                                                 }}),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace beeflow
