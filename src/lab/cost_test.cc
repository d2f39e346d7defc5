#include "lab/cost.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lab/cost_usage.h"
#include "lab/lab_data.h"
#include "lab/published_costs.h"

namespace beeflow {
namespace {

CostUsage Spans(std::vector<TaskSpan> tasks, double days = 1) {
  CostUsage usage;
  usage.tasks = std::move(tasks);
  usage.days = days;
  return usage;
}

const CostLine* Find(const std::vector<CostLine>& lines, const std::string& part) {
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](const CostLine& line) { return line.part == part; });
  return found == lines.end() ? nullptr : &*found;
}

TEST(PublishedCosts, EveryCellAgreesToTheLastPublishedDigit) {
  const auto figures = ParseJson(kPublishedFiguresJson);
  ASSERT_TRUE(figures.ok());
  const auto cells = ComparePublishedCosts(*figures, Prices::Known());
  ASSERT_TRUE(cells.ok()) << cells.error().message;
  EXPECT_EQ(cells->size(), 30U);
  for (const PublishedCost& cell : *cells) {
    EXPECT_TRUE(cell.agrees()) << cell.cell << ": published " << cell.published << ", computed "
                               << cell.computed;
  }
}

TEST(PublishedCosts, RefusesCellsWithoutAModel) {
  const auto compare = [](const char* text) {
    return ComparePublishedCosts(*ParseJson(text), Prices::Known());
  };
  EXPECT_FALSE(compare("{}").ok());
  const auto unknown = compare(R"({"cost_usd_per_day": {"fixed": {"composer": 1}, "scenarios": [],
      "heavy_faas_breakdown": {}, "fixed_breakdown": {}}})");
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("no model of 'composer'"), std::string::npos);
}

TEST(MwaaCost, CountsWorkersBeyondTheFirstByTheHour) {
  // Six at once for a minute, then one for 90 minutes: a second worker for the first hour only.
  std::vector<TaskSpan> tasks(6, TaskSpan{1000, 60, std::nullopt});
  tasks.push_back({1060, 5400, std::nullopt});
  const auto lines = MwaaCost(Spans(tasks), "small", Prices::Known());
  EXPECT_DOUBLE_EQ(Find(lines, "worker")->quantity, 1);
  EXPECT_DOUBLE_EQ(Find(lines, "environment")->quantity, 24);
  EXPECT_DOUBLE_EQ(Find(MwaaCost(Spans(tasks), "medium", Prices::Known()), "worker")->usd, 0);
  // Over two days it is half of that a day.
  EXPECT_DOUBLE_EQ(Find(MwaaCost(Spans(tasks, 2), "small", Prices::Known()), "worker")->quantity,
                   0.5);
  const std::vector<TaskSpan> many(1000, TaskSpan{0, 60, std::nullopt});
  EXPECT_DOUBLE_EQ(Find(MwaaCost(Spans(many), "small", Prices::Known()), "worker")->quantity, 24);
}

TEST(ServerlessTaskCost, LongTasksRunInContainersAndMemoryCounts) {
  const auto lines =
      ServerlessTaskCost(Spans({{0, 10, 680.0}, {0, 3600, std::nullopt}, {0, 0.0101, 1.0}}),
                         ServerlessWorkers::kFunctions, Prices::Known());
  EXPECT_DOUBLE_EQ(Find(lines, "worker")->quantity, (10 * 680 + 0.011 * 340) / 1024);
  EXPECT_DOUBLE_EQ(Find(lines, "container")->quantity, 1);
  const auto containers = ServerlessTaskCost(Spans({{0, 5, std::nullopt}}),
                                             ServerlessWorkers::kContainers, Prices::Known());
  EXPECT_EQ(Find(containers, "worker"), nullptr);
  EXPECT_DOUBLE_EQ(Find(containers, "container")->quantity, 60.0 / 3600);
}

TEST(ServerCost, TakesTheSmallestServerWithTheMemory) {
  EXPECT_EQ(ServerCost(Spans({}), Prices::Known())[0].part, "t3.small");
  const std::vector<TaskSpan> measured(10, TaskSpan{0, 60, 300.0});
  EXPECT_EQ(ServerCost(Spans(measured), Prices::Known())[0].part, "t3.medium");
  const std::vector<TaskSpan> huge(1000, TaskSpan{0, 60, 500.0});
  EXPECT_DOUBLE_EQ(ServerCost(Spans(huge), Prices::Known())[0].quantity, 4 * 24);
  // One after the other they fit into the smallest.
  std::vector<TaskSpan> chain;
  for (int i = 0; i < 100; ++i) chain.push_back({i * 60.0, 60, 1000.0});
  EXPECT_EQ(ServerCost(Spans(chain), Prices::Known())[0].part, "t3.small");
}

TEST(AllCosts, TotalsAreSumsOfTheirParts) {
  const auto lines = AllCosts(Spans({{0, 60, std::nullopt}}), Prices::Known());
  double sum = 0;
  int options = 0;
  for (const CostLine& line : lines) {
    if (line.part == "total") {
      EXPECT_DOUBLE_EQ(line.usd, sum) << line.option;
      sum = 0;
      ++options;
    } else {
      sum += line.usd;
    }
  }
  EXPECT_EQ(options, 6);
}

TEST(RoundUsd, RoundsHalvesUp) {
  EXPECT_DOUBLE_EQ(RoundUsd(12.255, 2), 12.26);
  EXPECT_DOUBLE_EQ(RoundUsd(12.2549, 2), 12.25);
}

TEST(Prices, TellWhatIsWrong) {
  const auto read = [](const char* text) { return Prices::FromJson(*ParseJson(text)); };
  EXPECT_FALSE(read("[]").ok());
  const auto wrong = read(R"({"days_per_month": 30, "prices": {"x": {"usd": "1"}}, "sizes": {}})");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().message, "prices: x: 'usd' is not a number of at least 0");
}

TEST(CostUsage, CountsEveryTryWhereAttemptsAreTold) {
  ExportedRun run;
  AttemptInfo attempt;
  attempt.start_date = Time(Seconds(100));
  attempt.end_date = Time(Seconds(110));
  attempt.usage.memory_bytes = 64 << 20;
  run.attempts = {attempt, attempt, AttemptInfo()};  // the last one did not start
  TaskInfo task;
  task.record.start_date = Time(Seconds(100));
  task.record.end_date = Time(Seconds(110));
  run.tasks = {task};
  CostUsage usage;
  AddRun(run, &usage);
  ASSERT_EQ(usage.tasks.size(), 2U);
  EXPECT_DOUBLE_EQ(usage.tasks[0].seconds, 10);
  EXPECT_DOUBLE_EQ(*usage.tasks[0].memory_mb, 64);
  run.attempts.clear();
  TaskInfo empty = task;
  empty.operator_name = "EmptyOperator";
  run.tasks = {task, empty, TaskInfo()};
  CostUsage of_tasks;
  AddRun(run, &of_tasks);
  EXPECT_EQ(of_tasks.tasks.size(), 1U);
}

TEST(CostUsage, ResultsSpanAtLeastADay) {
  ResultSet set;
  set.runs.resize(1);
  TaskInfo task;
  task.record.start_date = Time(Seconds(0));
  task.record.end_date = Time(Seconds(3600));
  set.runs[0].tasks = {task};
  EXPECT_DOUBLE_EQ(UsageOf(set).days, 1);
  set.runs[0].tasks[0].record.end_date = Time(Seconds(2 * 86400));
  EXPECT_DOUBLE_EQ(UsageOf(set).days, 2);
}

}  // namespace
}  // namespace beeflow
