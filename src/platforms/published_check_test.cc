// How near the models come to what was published.
#include "platforms/published_check.h"

#include <gtest/gtest.h>

#include "lab/lab_data.h"

namespace beeflow {
namespace {

PublishedCheck Check(uint64_t seed) {
  return CheckPublished(ParseJson(kPublishedFiguresJson).value(),
                        ParseJson(kAlibabaDagsJson).value(), seed)
      .value();
}

class PublishedCheckTest : public testing::TestWithParam<uint64_t> {};

TEST_P(PublishedCheckTest, EveryFigureIsWithinItsBounds) {
  const PublishedCheck check = Check(GetParam());
  EXPECT_EQ(check.cells.size(), 77u) << "all figures that the file has";
  for (const PublishedCell& cell : check.cells) {
    EXPECT_TRUE(IsWithinBound(cell))
        << cell.experiment << ", " << cell.platform << ", " << cell.metric << ": published "
        << cell.published << " s, simulated " << cell.simulated << " s";
  }
  EXPECT_LE(check.median, kDeviationMedianMax);
  EXPECT_TRUE(IsWithinBounds(check));
}

INSTANTIATE_TEST_SUITE_P(AnySeed, PublishedCheckTest, testing::Values(1, 2, 42, 20240601));

TEST(PublishedCheckSeedTest, TheSameSeedGivesTheSameFigures) {
  const PublishedCheck first = Check(7);
  const PublishedCheck again = Check(7);
  const PublishedCheck other = Check(8);
  bool differs = false;
  ASSERT_EQ(first.cells.size(), again.cells.size());
  for (size_t i = 0; i < first.cells.size(); ++i) {
    EXPECT_EQ(first.cells[i].simulated, again.cells[i].simulated) << first.cells[i].experiment;
    differs = differs || first.cells[i].simulated != other.cells[i].simulated;
  }
  EXPECT_TRUE(differs);
}

TEST(PublishedCheckBoundsTest, OneFigureThatIsFarOffIsEnoughToFail) {
  PublishedCheck check;
  EXPECT_FALSE(IsWithinBounds(check)) << "nothing was compared";
  check.cells = {{"chain_warm n=1", "mwaa", "makespan", 10, 11.4}};
  check.worst = check.median = 0.14;
  EXPECT_FALSE(IsWithinBounds(check)) << "the median is too far off";
  check.median = 0.01;
  EXPECT_TRUE(IsWithinBounds(check));
  check.worst = 0.16;
  EXPECT_FALSE(IsWithinBounds(check));
}

}  // namespace
}  // namespace beeflow
