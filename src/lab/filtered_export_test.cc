#include "lab/filtered_export.h"

#include <gtest/gtest.h>

#include <map>

namespace beeflow {
namespace {

class Tables : public ExportSource {
 public:
  Status Export(const std::string& table, const std::function<Status(const Row&)>& visit) override {
    for (const Row& row : tables_.at(table)) BEEFLOW_RETURN_IF_ERROR(visit(row));
    return Ok();
  }

 private:
  const std::map<std::string, std::vector<Row>> tables_ = {
      {"taskinstance",
       {{"task_id", "dag_id", "run_id"},
        {"t", "a", "warm-up"},
        {"t", "a", "1"},
        {"t", "b", "1"},
        {"t", std::nullopt, "1"}}},
      {"dagtask", {{"dag_id", "task_id"}, {"a", "t"}, {"c", "t"}}},
      {"other", {{"name"}, {"x"}}}};
};

// The first cells of the rows that pass, or of the last column.
std::string Passed(const std::string& table) {
  RunRecord run;
  run.key = {"a", "1"};
  FilteredExport filtered(std::make_unique<Tables>(), {run});
  std::string passed;
  EXPECT_TRUE(filtered
                  .Export(table,
                          [&](const ExportSource::Row& row) {
                            for (const auto& cell : row) passed += cell.value_or("NULL") + " ";
                            passed += "| ";
                            return Ok();
                          })
                  .ok());
  return passed;
}

TEST(FilteredExport, ChoosesByRunElseByDag) {
  EXPECT_EQ(Passed("taskinstance"), "task_id dag_id run_id | t a 1 | ");
  EXPECT_EQ(Passed("dagtask"), "dag_id task_id | a t | ");
  EXPECT_EQ(Passed("other"), "name | x | ");
}

}  // namespace
}  // namespace beeflow
