// What is special to a folder; what all stores do is in conformance_test.cc.
#include "blob/local_blob_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "blob/file_io.h"
#include "os/temp_folder_for_test.h"

namespace beeflow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LocalBlobStore, AFileAndAFolderCannotHaveOneName) {
  TempFolder folder;
  LocalBlobStore store(folder / "out//");
  const std::string file = folder.Write("file", "text");
  ASSERT_TRUE(store.Put("a/b", file).ok());
  for (const char* key : {"a", "a/b/c", "a/b/c/d"}) {
    const Status status = store.Put(key, file);
    ASSERT_FALSE(status.ok()) << key;
    EXPECT_EQ(status.error().code, ErrorCode::kConflict);
    EXPECT_THAT(status.error().message, HasSubstr(folder / "out/" + key));
  }
  EXPECT_THAT(*store.List(""), ElementsAre("a/b"));
  EXPECT_TRUE(store.Delete("a/b/c").ok());
}

TEST(LocalBlobStore, WhatWasNeverFinishedIsNotListed) {
  TempFolder folder;
  LocalBlobStore store(folder.path());
  folder.Write("whole", "");
  auto unfinished = NewFile::Create(folder / "half");
  ASSERT_TRUE(unfinished.ok());
  ASSERT_TRUE(unfinished->Append("x", 1).ok());
  EXPECT_THAT(*store.List(""), ElementsAre("whole"));
  EXPECT_EQ(store.Get("half", folder / "got").error().code, ErrorCode::kNotFound);
}

TEST(LocalBlobStore, AFailedPutKeepsWhatWasThere) {
  TempFolder folder;
  LocalBlobStore store(folder / "out");
  ASSERT_TRUE(store.Put("k", folder.Write("file", "text")).ok());
  EXPECT_FALSE(store.Put("k", folder / "missing").ok());
  EXPECT_EQ(folder.Read("out/k"), "text");
}

TEST(LocalBlobStore, AFileInPlaceOfTheFolderIsNamed) {
  TempFolder folder;
  LocalBlobStore store(folder.Write("out", "") + "/deeper");
  const Status status = store.Put("k", folder.Write("file", "text"));
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr(folder / "out/deeper/k cannot be written"));
  EXPECT_TRUE(store.List("")->empty());
}

}  // namespace
}  // namespace beeflow
