#include "lab/alibaba_trace.h"

#include <gtest/gtest.h>

#include <sstream>
#include <streambuf>

namespace beeflow {
namespace {

std::string TaskRow(const std::string& task, const std::string& job, int start, int end,
                    const std::string& status = "Terminated") {
  return task + ",1," + job + ",1," + status + "," + std::to_string(start) + "," +
         std::to_string(end) + ",100.00,0.39\n";
}

// Ten tasks: 1 and 2 go to 3, the others are a chain behind it.
std::string Job(const std::string& name) {
  std::string rows = TaskRow("M1", name, 100, 105) + TaskRow("M2", name, 100, 400) +
                     TaskRow("J3_1_2", name, 105, 107);
  for (int i = 4; i <= 10; ++i) {
    rows += TaskRow("R" + std::to_string(i) + "_" + std::to_string(i - 1), name, 110, 111);
  }
  return rows;
}

struct Found {
  std::vector<TraceJob> jobs;
  TraceCounts counts;
};

Found Sampled(const std::string& text, const TraceOptions& options = {}) {
  std::istringstream in(text);
  Found found;
  auto jobs = SampleTrace(&in, "batch_task.csv", options, &found.counts);
  EXPECT_TRUE(jobs.ok()) << jobs.error().message;
  if (jobs.ok()) found.jobs = std::move(*jobs);
  return found;
}

TEST(SampleTrace, ReadsDependenciesFromNames) {
  const Found found = Sampled(Job("j_1"));
  ASSERT_EQ(found.jobs.size(), 1U);
  const TraceJob& job = found.jobs[0];
  EXPECT_EQ(job.name, "j_1");
  EXPECT_EQ(job.tasks.size(), 10U);
  EXPECT_EQ(job.edges.size(), 9U);
  EXPECT_EQ(job.critical_path_seconds, 60 + 2 + 7);  // M2 is cut to 60 s
}

TEST(SampleTrace, TasksWithoutNumbersStandAlone) {
  const Found found =
      Sampled(TaskRow("task_MTAwOQ==", "j_1", 1, 2) + TaskRow("task_LTg0", "j_1", 1, 2) +
              TaskRow("MergeTask", "j_1", 1, 2) + TaskRow("J9_1_2_77", "j_1", 1, 2) + Job("j_1"));
  ASSERT_EQ(found.jobs.size(), 1U);
  EXPECT_EQ(found.jobs[0].tasks.size(), 10U + 4);
  EXPECT_EQ(found.jobs[0].edges.size(), 9U + 2);
  EXPECT_EQ(found.counts.dangling_edges, 1);
  EXPECT_EQ(found.counts.wrong_rows, 0);
  EXPECT_NE(DagFileOf(found.jobs[0]).find("\"task_MTAwOQ__\": 1,"), std::string::npos);
}

TEST(SampleTrace, RowsOfAJobNeedNotBeTogether) {
  std::istringstream first(Job("j_1"));
  std::istringstream second(Job("j_2"));
  std::string mixed;
  std::string line;
  while (std::getline(first, line)) {
    mixed += line + "\n";
    std::getline(second, line);
    mixed += line + "\n";
  }
  EXPECT_EQ(Sampled(mixed).jobs.size(), 2U);
}

TEST(SampleTrace, LeavesOutWhatIsNotEligible) {
  const Found found = Sampled(TaskRow("M1", "j_small", 1, 2) + Job("j_running") +
                              TaskRow("M11", "j_running", 5, 0, "Running") + Job("j_cyclic") +
                              TaskRow("R20_21", "j_cyclic", 1, 2) +
                              TaskRow("R21_20", "j_cyclic", 1, 2) + Job("j_good"));
  ASSERT_EQ(found.jobs.size(), 1U);
  EXPECT_EQ(found.jobs[0].name, "j_good");
  EXPECT_EQ(found.counts.kept_jobs, 4);
  EXPECT_EQ(found.counts.unfinished_jobs, 1);
  EXPECT_EQ(found.counts.cyclic_jobs, 1);
}

TEST(SampleTrace, CountsWrongRowsAndGoesOn) {
  const Found found =
      Sampled("M1,1,j_1\n" + TaskRow("M1", "j_\"quoted\"", 1, 2) +
              "M1,1,j_1,1,Terminated,one,2,1,1\n" + Job("j_1") + TaskRow("M1", "j_1", 1, 2));
  EXPECT_EQ(found.jobs.size(), 1U);
  EXPECT_EQ(found.counts.rows, 14);
  EXPECT_EQ(found.counts.wrong_rows, 4);
  EXPECT_EQ(found.counts.first_wrong_row, "batch_task.csv:1: has 3 cells, fewer than 7");
}

TEST(SampleTrace, TheSeedChoosesAndRepeats) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += Job("j_" + std::to_string(i));
  TraceOptions options;
  options.jobs = 5;
  const auto names = [&](uint64_t seed) {
    options.seed = seed;
    std::string joined;
    for (const TraceJob& job : Sampled(text, options).jobs) joined += job.name + " ";
    return joined;
  };
  EXPECT_EQ(names(1), names(1));
  EXPECT_NE(names(1), names(2));
}

// A file of any length, made as it is read.
class EndlessTrace : public std::streambuf {
 public:
  explicit EndlessTrace(int jobs) : jobs_(jobs) {}

 protected:
  int_type underflow() override {
    if (next_ == jobs_) return traits_type::eof();
    text_ = Job("j_" + std::to_string(next_++));
    setg(text_.data(), text_.data(), text_.data() + text_.size());
    return traits_type::to_int_type(text_[0]);
  }

 private:
  const int jobs_;
  int next_ = 0;
  std::string text_;
};

TEST(SampleTrace, KeepsNoMoreRowsThanItMay) {
  EndlessTrace trace(20000);
  std::istream in(&trace);
  TraceOptions options;
  options.rows_max = 1000;
  TraceCounts counts;
  const auto jobs = SampleTrace(&in, "trace", options, &counts);
  ASSERT_TRUE(jobs.ok());
  EXPECT_EQ(counts.rows, 200000);
  EXPECT_EQ(jobs->size(), 30U);
  EXPECT_LE(counts.kept_jobs, 100);
  EXPECT_GE(counts.kept_jobs, 99);  // and they are complete
  EXPECT_EQ(counts.eligible_jobs, counts.kept_jobs);
}

TEST(DagFileOf, HasSecondsAndEdges) {
  const std::string text = DagFileOf(Sampled(Job("j_7")).jobs.at(0));
  EXPECT_NE(text.find("dag_id=\"alibaba_j_7\""), std::string::npos);
  EXPECT_NE(text.find("    \"M2\": 60,\n"), std::string::npos);
  EXPECT_NE(text.find("    (\"M1\", \"J3_1_2\"),\n"), std::string::npos);
}

}  // namespace
}  // namespace beeflow
