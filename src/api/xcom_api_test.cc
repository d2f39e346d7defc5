// XComs: lists without values, values as text or as JSON.
#include <gtest/gtest.h>

#include "api/api_fixture_for_test.h"
#include "api/python_text.h"

namespace beeflow {
namespace {

class XComApiTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    database_.Edit(
        "INSERT INTO xcom (dag_run_id, dag_id, run_id, task_id, map_index, key, value, timestamp)"
        " VALUES (2, 'etl', 'second', 'load', -1, 'return_value', '{\"a\": [1, true, null]}',"
        " '2021-01-02 00:00:01.000000'),"
        " (2, 'etl', 'second', 'load', -1, 'a/b', '\"text\"', NULL),"
        " (2, 'etl', 'second', 'extract', 3, 'return_value', '1.5', NULL)");
  }

  const std::string entries_ = "/dags/etl/dagRuns/second/taskInstances/load/xcomEntries";
};

TEST_F(XComApiTest, ListsLeaveOutTheValues) {
  const Json list = Get(entries_);
  ASSERT_EQ(list["total_entries"], 2);
  EXPECT_EQ(list["xcom_entries"][1], Json::parse(R"({"key": "return_value",
      "timestamp": "2021-01-02T00:00:01+00:00", "execution_date": "2021-01-02T00:00:00+00:00",
      "map_index": -1, "task_id": "load", "dag_id": "etl", "run_id": "second"})"));
  EXPECT_EQ(Get(entries_ + "?xcom_key=a/b")["total_entries"], 1);
  EXPECT_EQ(Get(entries_ + "?limit=1&offset=1")["xcom_entries"][0]["key"], "return_value");
  const std::string all = "/dags/~/dagRuns/~/taskInstances/~/xcomEntries";
  EXPECT_EQ(Get(all)["total_entries"], 3);
  EXPECT_EQ(Get(all + "?map_index=3")["xcom_entries"][0]["task_id"], "extract");
  Get(all + "?map_index=x", 400);
  Get("/dags/etl/dagRuns/nope/taskInstances/load/xcomEntries", 404);
}

TEST_F(XComApiTest, ValuesComeAsPythonWritesThemOrAsJson) {
  EXPECT_EQ(Get(entries_ + "/return_value")["value"], "{'a': [1, True, None]}");
  EXPECT_EQ(Get(entries_ + "/return_value?stringify=false&deserialize=true")["value"],
            Json::parse(R"({"a": [1, true, null]})"));
  EXPECT_EQ(Get(entries_ + "/a%2Fb")["value"], "text");
  EXPECT_EQ(Get("/dags/etl/dagRuns/second/taskInstances/extract/xcomEntries/"
                "return_value?map_index=3")["value"],
            "1.5");
  Get(entries_ + "/nope", 404);
  Get(entries_ + "/return_value?map_index=1", 404);
  Get(entries_ + "/return_value?stringify=maybe", 400);
}

TEST(PythonTextTest, WritesWhatPythonWrites) {
  EXPECT_EQ(PythonText("it's"), "it's");
  EXPECT_EQ(PythonText(Json::array({"it's", "\"q\"", "'\"", "a\nb\x01\\"})),
            R"(["it's", '"q"', '\'"', 'a\nb\x01\\'])");
  EXPECT_EQ(PythonText(Json::parse("[1, -2.5, 1e20, {}, []]")), "[1, -2.5, 1e+20, {}, []]");
  EXPECT_EQ(PythonText(false), "False");
}

}  // namespace
}  // namespace beeflow
