// Reads what a server answers.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include "base/json.h"

namespace beeflow {

// The JSON of an answer, null where it has no body; the test fails where the status is another, or
// where an error is no problem document.
inline Json ReadAnswer(const httplib::Result& result, int status) {
  if (!result) {
    ADD_FAILURE() << "no answer: " << httplib::to_string(result.error());
    return {};
  }
  EXPECT_EQ(result->status, status) << result->body;
  if (result->body.empty()) return nullptr;
  Json json = Json::parse(result->body);
  if (status >= 400) {
    EXPECT_EQ(json["status"], status);
    EXPECT_EQ(result->get_header_value("Content-Type"), "application/problem+json");
  }
  return json;
}

}  // namespace beeflow
