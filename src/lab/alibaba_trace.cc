#include "lab/alibaba_trace.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>

#include "base/random.h"
#include "dag/dag.h"
#include "lab/csv.h"

namespace beeflow {
namespace {

constexpr size_t kColumns = 7;  // that are used; the table has nine
enum Column : size_t { kTaskName = 0, kJobName = 2, kStatus = 4, kStart = 5, kEnd = 6 };

struct Row {
  std::string job;
  TraceTask task;
  bool finished = false;
};

std::string Cell(const CsvRow& row, Column column) { return row[column].value_or(""); }

std::optional<int64_t> Integer(const std::string& text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  return code == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

// Names such as task_MTAwOQ== become ids.
std::string TaskId(std::string name) {
  for (char& c : name) {
    if (!CheckId("", std::string_view(&c, 1)).ok()) c = '_';
  }
  return name;
}

Result<Row> ReadRow(const CsvRow& cells, int seconds_max) {
  if (cells.size() < kColumns) {
    return Invalid("has " + std::to_string(cells.size()) + " cells, fewer than " +
                   std::to_string(kColumns));
  }
  Row row;
  row.job = Cell(cells, kJobName);
  row.task.name = TaskId(Cell(cells, kTaskName));
  BEEFLOW_RETURN_IF_ERROR(CheckId("task_name", row.task.name));
  BEEFLOW_RETURN_IF_ERROR(CheckId("job_name", row.job));
  const auto start = Integer(Cell(cells, kStart));
  const auto end = Integer(Cell(cells, kEnd));
  if (!start || !end) return Invalid("start_time or end_time is not a whole number");
  row.finished = Cell(cells, kStatus) == "Terminated" && *end >= *start;
  row.task.seconds = static_cast<int>(std::clamp<int64_t>(*end - *start, 0, seconds_max));
  return row;
}

// The numbers in a name: the task's own, then those that it depends on.
struct Numbers {
  std::optional<int64_t> own;
  std::vector<int64_t> upstream;
};

Numbers ReadNumbers(const std::string& name) {
  const size_t first = name.find_first_of("_0123456789");
  if (first == 0 || first == std::string::npos) return {};
  Numbers numbers;
  for (size_t at = first; at <= name.size();) {
    const size_t end = std::min(name.find('_', at), name.size());
    const auto number = Integer(name.substr(at, end - at));
    if (at == first && !number) return {};  // task_..., a name
    if (at == first) {
      numbers.own = number;
    } else if (number) {
      numbers.upstream.push_back(*number);
    }
    at = end + 1;
  }
  return numbers;
}

struct KeptJob {
  std::string name;
  std::map<std::string, int> tasks;  // name to seconds
  bool finished = true;
};

// The jobs whose place in the order of the hash is early enough to be kept.
class Sample {
 public:
  Sample(uint64_t seed, size_t rows_max) : seed_(seed), rows_max_(rows_max) {}

  Status Add(const Row& row) {
    const Place place = {Hash(row.job), row.job};
    if (end_ && place >= *end_) return Ok();
    KeptJob& job = jobs_[place];
    job.name = row.job;
    job.finished = job.finished && row.finished;
    if (!job.tasks.emplace(row.task.name, row.task.seconds).second) {
      return Invalid("job " + row.job + " has a task " + row.task.name + " already");
    }
    ++rows_;
    while (rows_ > rows_max_) GiveUpLast();
    return Ok();
  }

  using Place = std::pair<uint64_t, std::string>;
  const std::map<Place, KeptJob>& jobs() const { return jobs_; }

 private:
  uint64_t Hash(const std::string& job) const {
    uint64_t state = seed_;
    for (const char c : job) state = Random(state ^ static_cast<unsigned char>(c)).Next();
    return state;
  }

  void GiveUpLast() {
    const auto last = std::prev(jobs_.end());
    rows_ -= last->second.tasks.size();
    end_ = last->first;
    jobs_.erase(last);
  }

  const uint64_t seed_;
  const size_t rows_max_;
  std::map<Place, KeptJob> jobs_;
  size_t rows_ = 0;
  std::optional<Place> end_;  // jobs from here on are not complete
};

void AddEdges(TraceJob* job, TraceCounts* counts) {
  std::map<int64_t, size_t> places;
  std::vector<Numbers> numbers;
  for (const TraceTask& task : job->tasks) {
    numbers.push_back(ReadNumbers(task.name));
    if (numbers.back().own) places.emplace(*numbers.back().own, numbers.size() - 1);
  }
  std::set<std::pair<size_t, size_t>> edges;
  for (size_t task = 0; task < numbers.size(); ++task) {
    for (const int64_t upstream : numbers[task].upstream) {
      const auto place = places.find(upstream);
      if (place == places.end()) {
        ++counts->dangling_edges;
      } else {
        edges.emplace(place->second, task);
      }
    }
  }
  job->edges.assign(edges.begin(), edges.end());
}

// Sets the critical path; false where the edges have a cycle.
bool Schedule(TraceJob* job) {
  std::vector<std::vector<size_t>> downstream(job->tasks.size());
  std::vector<size_t> open(job->tasks.size(), 0);
  for (const auto& [from, to] : job->edges) {
    downstream[from].push_back(to);
    ++open[to];
  }
  std::vector<size_t> order;
  for (size_t i = 0; i < open.size(); ++i) {
    if (open[i] == 0) order.push_back(i);
  }
  std::vector<int> start(job->tasks.size(), 0);
  for (size_t next = 0; next < order.size(); ++next) {
    const int end = start[order[next]] + job->tasks[order[next]].seconds;
    job->critical_path_seconds = std::max(job->critical_path_seconds, end);
    for (const size_t to : downstream[order[next]]) {
      start[to] = std::max(start[to], end);
      if (--open[to] == 0) order.push_back(to);
    }
  }
  return order.size() == job->tasks.size();
}

bool SomeTaskJoins(const TraceJob& job) {
  std::vector<size_t> upstream(job.tasks.size(), 0);
  return std::any_of(job.edges.begin(), job.edges.end(),
                     [&](const auto& edge) { return ++upstream[edge.second] == 2; });
}

// The job where it is eligible.
std::optional<TraceJob> Judge(const KeptJob& kept, const TraceOptions& options,
                              TraceCounts* counts) {
  if (!kept.finished) ++counts->unfinished_jobs;
  if (!kept.finished || kept.tasks.size() < options.tasks_min) return std::nullopt;
  TraceJob job;
  job.name = kept.name;
  for (const auto& [name, seconds] : kept.tasks) job.tasks.push_back({name, seconds});
  AddEdges(&job, counts);
  if (!Schedule(&job)) {
    ++counts->cyclic_jobs;
    return std::nullopt;
  }
  return SomeTaskJoins(job) ? std::optional(std::move(job)) : std::nullopt;
}

void CountWrong(const CsvReader& reader, const Error& error, TraceCounts* counts) {
  if (counts->wrong_rows++ > 0) return;
  counts->first_wrong_row =
      reader.name() + ":" + std::to_string(reader.line()) + ": " + error.message;
}

}  // namespace

Result<std::vector<TraceJob>> SampleTrace(std::istream* in, const std::string& name,
                                          const TraceOptions& options, TraceCounts* counts) {
  CsvReader reader(in, name);
  CsvRow cells;
  Sample sample(options.seed, options.rows_max);
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool found, reader.Next(&cells));
    if (!found) break;
    if (counts->rows == 0 && reader.line() == 1 && Cell(cells, kTaskName) == "task_name") continue;
    ++counts->rows;
    const auto row = ReadRow(cells, options.seconds_max);
    const Status added = row.ok() ? sample.Add(*row) : Status(row.error());
    if (!added.ok()) CountWrong(reader, added.error(), counts);
  }
  std::vector<TraceJob> jobs;
  for (const auto& [place, kept] : sample.jobs()) {
    ++counts->kept_jobs;
    auto job = Judge(kept, options, counts);
    if (!job) continue;
    ++counts->eligible_jobs;
    if (jobs.size() < options.jobs) jobs.push_back(std::move(*job));
  }
  return jobs;
}

std::string DagFileOf(const TraceJob& job) {
  const std::string id = "alibaba_" + job.name;
  std::string text = "\"\"\"Job " + job.name +
                     " of the Alibaba cluster trace of 2018: " + std::to_string(job.tasks.size()) +
                     " tasks.\n\nIts longest path takes " +
                     std::to_string(job.critical_path_seconds) +
                     " s. Written by `beeflow lab import-alibaba`.\n\"\"\"\n\n"
                     "import pendulum\n\nfrom airflow import DAG\n"
                     "from airflow.operators.bash import BashOperator\n\nSECONDS = {\n";
  for (const TraceTask& task : job.tasks) {
    text += "    \"" + task.name + "\": " + std::to_string(task.seconds) + ",\n";
  }
  text += "}\n\nEDGES = [\n";
  for (const auto& [from, to] : job.edges) {
    text += "    (\"" + job.tasks[from].name + "\", \"" + job.tasks[to].name + "\"),\n";
  }
  text += "]\n\nwith DAG(\n    dag_id=\"" + id +
          "\",\n    schedule_interval=\"*/30 * * * *\",\n"
          "    start_date=pendulum.datetime(2021, 1, 1, tz=\"UTC\"),\n"
          "    catchup=False,\n    max_active_runs=1,\n    max_active_tasks=200,\n"
          "    tags=[\"alibaba\"],\n) as dag:\n    tasks = {\n"
          "        task_id: BashOperator(task_id=task_id, bash_command=f\"sleep {seconds}\")\n"
          "        for task_id, seconds in SECONDS.items()\n    }\n"
          "    for upstream, downstream in EDGES:\n"
          "        tasks[upstream] >> tasks[downstream]\n";
  return text;
}

}  // namespace beeflow
