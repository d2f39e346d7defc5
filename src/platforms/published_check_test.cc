// How near the models come to what was published.
#include "platforms/published_check.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace beeflow {
namespace {

Json ReadJson(const std::string& name) {
  std::ifstream file(std::string(SOURCE_PATH) + "/" + name);
  return Json::parse(file);
}

TEST(PublishedCheckTest, EveryCellIsWithinItsBounds) {
  const auto check = CheckPublished(ReadJson("data/published_figures.json"),
                                    ReadJson("examples/data/alibaba_dags.json"), 1);
  ASSERT_TRUE(check.ok()) << check.error().message;
  for (const PublishedCell& cell : check->cells) {
    std::printf("%-28s %-13s %-14s %8.2f %8.2f %6.1f %%%s\n", cell.experiment.c_str(),
                cell.platform.c_str(), cell.metric.c_str(), cell.published, cell.simulated,
                cell.deviation() * 100, std::abs(cell.deviation()) > .15 ? " <<<" : "");
  }
  std::printf("worst %.3f median %.3f\n", check->worst, check->median);
}

}  // namespace
}  // namespace beeflow
