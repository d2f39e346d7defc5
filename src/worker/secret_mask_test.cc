// What of the environment is hidden in the log of a task.
#include "worker/secret_mask.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

std::string Hide(const std::vector<std::string>& environment, const std::string& text,
                 const std::vector<std::string>& settings = {}) {
  SecretMask mask;
  mask.AddEnvironment(environment, settings);
  return mask.Apply(text);
}

TEST(SecretMask, VariablesWithSensitiveNames) {
  EXPECT_EQ(Hide({"AIRFLOW_VAR_API_KEY=k1", "AIRFLOW_VAR_CITY=Oslo", "PASSWORD=mine"},
                 "k1 in Oslo, mine k1k1"),
            "*** in Oslo, mine ******");
  EXPECT_EQ(Hide({R"(AIRFLOW_VAR_DB={"host": "h1", "password": "p1", "more": {"token": "t1"}})"},
                 "h1 p1 t1"),
            "h1 *** ***");
}

TEST(SecretMask, ConnectionsAsUriAndAsJson) {
  EXPECT_EQ(Hide({"AIRFLOW_CONN_DB=postgres://ann:p%401@host:5432/x?token=t1&mode=m1"},
                 "postgres://ann:p%401@host p@1 t1 m1"),
            "postgres://ann:***@host *** *** m1");
  EXPECT_EQ(Hide({R"(AIRFLOW_CONN_DB={"conn_type": "x", "login": "ann", "password": "p1",
                     "extra": "{\"api_key\": \"k1\"}"})"},
                 "x ann p1 k1"),
            "x ann *** ***");
}

TEST(SecretMask, Settings) {
  EXPECT_EQ(
      Hide({"AIRFLOW_VAR_TOKEN=t1"}, "t1", {"AIRFLOW__CORE__HIDE_SENSITIVE_VAR_CONN_FIELDS=False"}),
      "t1");
  EXPECT_EQ(
      Hide({"AIRFLOW_VAR_BADGE=b1"}, "b1", {"AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES=pin, Badge"}),
      "***");
}

TEST(SecretMask, TextsOfSeveralLinesAndPartsOfOthers) {
  SecretMask mask;
  EXPECT_TRUE(mask.empty());
  mask.Add("");
  EXPECT_TRUE(mask.empty());
  mask.Add("abc");
  mask.Add("abcdef");
  mask.Add("-----BEGIN-----\n\nline two\n");
  EXPECT_EQ(mask.Apply("abcdef abc"), "*** ***");
  EXPECT_EQ(mask.Apply("line two"), "***");
}

}  // namespace
}  // namespace beeflow
