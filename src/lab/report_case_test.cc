#include "lab/report_case.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

DagShape Shaped(const std::string& tasks) {
  auto dag = DagFromJson(Json::parse(R"({"dag_id": "d", "tasks": )" + tasks + "}"));
  EXPECT_TRUE(dag.ok());
  return ShapeOf(**dag);
}

TEST(ShapeOf, TellsParallelFromChain) {
  const DagShape parallel = Shaped(R"([{"task_id": "first", "downstream": ["a", "b", "c"]},
      {"task_id": "a"}, {"task_id": "b"}, {"task_id": "c"}])");
  EXPECT_EQ(parallel.shape, Shape::kParallel);
  EXPECT_EQ(parallel.parallelism, 3U);
  EXPECT_EQ(parallel.longest_path, 2U);
  EXPECT_EQ(Shaped(R"([{"task_id": "a"}, {"task_id": "b"}])").shape, Shape::kParallel);
  const DagShape chain = Shaped(R"([{"task_id": "a", "downstream": ["b"]}, {"task_id": "b"}])");
  EXPECT_EQ(chain.shape, Shape::kChain);
  EXPECT_EQ(chain.longest_path, 2U);
  EXPECT_EQ(Shaped(R"([{"task_id": "a"}])").shape, Shape::kChain);
  EXPECT_EQ(Shaped(R"([{"task_id": "a", "downstream": ["b", "c"]}, {"task_id": "b",
      "downstream": ["d"]}, {"task_id": "c", "downstream": ["d"]}, {"task_id": "d"}])")
                .shape,
            Shape::kOther);
}

TEST(DescribeCase, ReadsTheNamesOfThePublishedExperiments) {
  const ReportCase e = DescribeCase({"serverless_tasks:20_duration:10_additional:cold",
                                     "any",
                                     DagShape{Shape::kParallel, 21, 2, 20},
                                     21,
                                     {}});
  EXPECT_EQ(e.system, "serverless");
  EXPECT_EQ(e.name, "tasks:20_duration:10_additional:cold");
  EXPECT_EQ(e.size, 20U);
  EXPECT_EQ(*e.task_seconds, 10);
  EXPECT_EQ(*e.ideal, 10);
  EXPECT_EQ(e.variant, "");
  EXPECT_EQ(CaseTitle(e), "parallel, 10 s tasks, cold");
}

TEST(DescribeCase, ElseTheDagTells) {
  const ReportCase chain = DescribeCase({"mwaa", "10s_5t_line", {}, 5, {}});
  EXPECT_EQ(chain.system, "mwaa");
  EXPECT_EQ(chain.shape, Shape::kChain);
  EXPECT_EQ(chain.size, 5U);
  EXPECT_EQ(*chain.ideal, 50);
  EXPECT_EQ(chain.start, "warm");
  const ReportCase forest = DescribeCase({"mwaa", "10s_8t_forest_4_0", {}, 9, {}});
  EXPECT_EQ(forest.shape, Shape::kForest);
  EXPECT_EQ(forest.size, 4U);
  EXPECT_EQ(DescribeCase({"a", "10s_20t_30cron", {}, 21, {}}).start, "cold");
  const ReportCase other =
      DescribeCase({"a_alibaba", "my_dag", DagShape{Shape::kOther, 34, 8, 6}, 34, true});
  EXPECT_EQ(other.size, 34U);
  EXPECT_EQ(other.start, "cold");
  EXPECT_FALSE(other.ideal.has_value());
  EXPECT_EQ(CaseTitle(other), "DAGs of other shapes, cold, alibaba");
}

TEST(DescribeCase, KeepsWordsThatItDoesNotKnow) {
  EXPECT_EQ(DescribeCase({"a_warm-parallel-quick", "10s_8t", {}, 8, true}).variant, "quick");
  EXPECT_EQ(DescribeCase({"a_warm-parallel-quick", "10s_8t", {}, 8, true}).start, "warm");
  EXPECT_EQ(DescribeCase({"a_tasks:many", "d", {}, 8, {}}).variant, "many");
}

}  // namespace
}  // namespace beeflow
