// Logs: as text, in pieces, and followed while they are written.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "api/api_fixture_for_test.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

class LogApiTest : public ApiTest {
 protected:
  // Appends to the log of the first try of "extract", and returns where it is.
  std::string WriteLog(const RunKey& run, const std::string& text) {
    std::string path = database_.home() + "/logs/" + AttemptLogPath(run, "extract", -1, 1);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::app) << text << std::flush;
    writes_.Tell();
    return path;
  }
};

TEST_F(LogApiTest, AsTextAndInPieces) {
  const std::string path = WriteLog(run_, "one\n");
  const std::string url = "/api/v1/dags/etl/dagRuns/manual__a%2Fb/taskInstances/extract/logs/";
  const auto text = client_->Get(url + "1");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->body, "one\n");
  EXPECT_EQ(text->get_header_value("Content-Type"), "text/plain; charset=utf-8");
  const httplib::Headers json = {{"Accept", "application/json"}};
  const Json first = Json::parse(client_->Get(url + "1", json)->body);
  EXPECT_EQ(first["content"], "one\n");
  std::ofstream(path, std::ios::app) << "two\n";
  const std::string token = first["continuation_token"];
  EXPECT_EQ(Json::parse(client_->Get(url + "1?token=" + token, json)->body)["content"], "two\n");
  const auto none = client_->Get(url + "2");
  EXPECT_EQ(none->status, 200);
  EXPECT_NE(none->body.find("*** There is no log file "), std::string::npos);
  EXPECT_EQ(client_->Get(url + "x")->status, 404);
}

TEST_F(LogApiTest, FollowedUntilTheTryHasEnded) {
  const RunKey run{"etl", "second"};  // running
  const std::string url =
      "/api/v1/dags/etl/dagRuns/second/taskInstances/extract/logs/1?follow=true";
  std::promise<void> first;
  std::string body;
  auto following = std::async(std::launch::async, [&] {
    return client_->Get(url, [&](const char* data, size_t size) {
      const bool was_empty = body.empty();
      body.append(data, size);
      if (was_empty) first.set_value();
      return true;
    });
  });
  WriteLog(run, "one\n");
  first.get_future().get();
  WriteLog(run, "two\n");
  ASSERT_TRUE(
      OpenCatalog()->SetTaskState({run, {"extract"}}, TaskState::kSuccess, clock_.Now()).ok());
  const auto answer = following.get();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(body, "one\ntwo\n");
}

TEST_F(LogApiTest, FollowingAnEndedTryGivesTheWholeLog) {
  WriteLog(run_, "all\n");
  const std::string url =
      "/api/v1/dags/etl/dagRuns/manual__a%2Fb/taskInstances/extract/logs/1?follow=true";
  EXPECT_EQ(client_->Get(url)->body, "all\n");
}

}  // namespace
}  // namespace beeflow
