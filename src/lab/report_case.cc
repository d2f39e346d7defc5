#include "lab/report_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace beeflow {
namespace {

std::vector<std::string> Words(std::string_view text, std::string_view separators) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::optional<double> Number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) return {};
  return value;
}

// "20t" with the unit "t" is 20.
std::optional<double> NumberWithUnit(std::string_view word, std::string_view unit) {
  if (!word.ends_with(unit)) return {};
  return Number(word.substr(0, word.size() - unit.size()));
}

// What ids such as "10s_20t", "10s_5t_line", "10s_8t_forest_4_0" and "10s_20t_30cron" say.
struct IdParts {
  std::optional<double> seconds;
  std::optional<double> tasks;
  std::optional<double> trees;
  bool line = false;
  bool cold = false;
};

IdParts ReadDagId(const std::string& dag_id) {
  IdParts parts;
  const std::vector<std::string> words = Words(dag_id, "_");
  for (size_t i = 0; i < words.size(); ++i) {
    if (const auto seconds = NumberWithUnit(words[i], "s"); seconds && i == 0) {
      parts.seconds = seconds;
    }
    if (const auto tasks = NumberWithUnit(words[i], "t"); tasks && i == 1) parts.tasks = tasks;
    if (words[i] == "line") parts.line = true;
    if (words[i] == "30cron") parts.cold = true;
    if (words[i] == "forest" && i + 1 < words.size()) parts.trees = Number(words[i + 1]);
  }
  return parts;
}

struct NameParts {
  std::optional<double> tasks;
  std::optional<double> seconds;
  std::string start;
  std::string variant;
};

void ReadWord(const std::string& word, NameParts* parts) {
  if (word == "warm" || word == "cold") {
    parts->start = word;
    return;
  }
  for (const char* known : {"parallel", "chain", "line", "forest"}) {
    if (word == known) return;  // The DAGs themselves tell.
  }
  if (!parts->variant.empty()) parts->variant += ' ';
  parts->variant += word;
}

NameParts ReadName(const std::string& name) {
  NameParts parts;
  for (const std::string& field : Words(name, "_")) {
    const size_t colon = field.find(':');
    const std::string value = colon == std::string::npos ? field : field.substr(colon + 1);
    const std::string key = colon == std::string::npos ? "" : field.substr(0, colon);
    if (key == "tasks" && Number(value)) {
      parts.tasks = Number(value);
    } else if (key == "duration" && Number(value)) {
      parts.seconds = Number(value);
    } else {
      for (const std::string& word : Words(value, "- ")) ReadWord(word, &parts);
    }
  }
  return parts;
}

Shape FindShape(const CaseFacts& facts, const IdParts& id) {
  if (id.trees) return Shape::kForest;
  if (facts.shape) return facts.shape->shape;
  if (id.line) return Shape::kChain;
  return id.seconds && id.tasks ? Shape::kParallel : Shape::kOther;
}

size_t FindSize(const CaseFacts& facts, Shape shape, const NameParts& name, const IdParts& id) {
  if (shape == Shape::kForest) return static_cast<size_t>(*id.trees);
  if (name.tasks) return static_cast<size_t>(*name.tasks);
  if (facts.shape) {
    return shape == Shape::kParallel ? facts.shape->parallelism : facts.shape->tasks;
  }
  return id.tasks ? static_cast<size_t>(*id.tasks) : facts.tasks_seen;
}

std::string FindStart(const CaseFacts& facts, const NameParts& name, const IdParts& id) {
  if (!name.start.empty()) return name.start;
  return id.cold || facts.starts_cold.value_or(false) ? "cold" : "warm";
}

std::optional<double> FindIdeal(const ReportCase& experiment) {
  if (!experiment.task_seconds || experiment.shape == Shape::kOther) return {};
  const bool chain = experiment.shape == Shape::kChain;
  return *experiment.task_seconds * (chain ? static_cast<double>(experiment.size) : 1);
}

}  // namespace

std::string_view ToString(Shape shape) {
  switch (shape) {
    case Shape::kParallel:
      return "parallel";
    case Shape::kChain:
      return "chain";
    case Shape::kForest:
      return "forest";
    case Shape::kOther:
      break;
  }
  return "other";
}

DagShape ShapeOf(const Dag& dag) {
  DagShape shape;
  shape.tasks = dag.tasks.size();
  std::vector<size_t> open(dag.tasks.size());
  std::vector<size_t> level(dag.tasks.size(), 0);
  std::vector<TaskIndex> order;
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    open[i] = dag.tasks[i].upstream.size();
    if (open[i] == 0) order.push_back(i);
  }
  std::vector<size_t> width;
  for (size_t next = 0; next < order.size(); ++next) {
    const TaskIndex task = order[next];
    width.resize(std::max(width.size(), level[task] + 1), 0);
    ++width[level[task]];
    for (const TaskIndex successor : dag.tasks[task].downstream) {
      level[successor] = std::max(level[successor], level[task] + 1);
      if (--open[successor] == 0) order.push_back(successor);
    }
  }
  shape.longest_path = width.size();
  for (const size_t tasks : width) shape.parallelism = std::max(shape.parallelism, tasks);
  if (shape.tasks > 0 && shape.longest_path == shape.tasks) shape.shape = Shape::kChain;
  const bool one_first = width.size() == 2 && width[0] == 1;
  if (shape.shape != Shape::kChain && (width.size() == 1 || one_first)) {
    shape.shape = Shape::kParallel;
  }
  return shape;
}

ReportCase DescribeCase(const CaseFacts& facts) {
  ReportCase experiment;
  const size_t cut = std::min(facts.folder.find('_'), facts.folder.size());
  experiment.system = facts.folder.substr(0, cut);
  experiment.name = cut < facts.folder.size() ? facts.folder.substr(cut + 1) : "";
  const NameParts name = ReadName(experiment.name);
  const IdParts id = ReadDagId(facts.dag_id);
  experiment.shape = FindShape(facts, id);
  experiment.start = FindStart(facts, name, id);
  experiment.task_seconds = name.seconds ? name.seconds : id.seconds;
  experiment.variant = name.variant;
  experiment.size = FindSize(facts, experiment.shape, name, id);
  experiment.ideal = FindIdeal(experiment);
  return experiment;
}

std::string CaseTitle(const ReportCase& experiment) {
  std::string title = experiment.shape == Shape::kOther ? "DAGs of other shapes"
                                                        : std::string(ToString(experiment.shape));
  if (experiment.task_seconds) title += fmt::format(", {} s tasks", *experiment.task_seconds);
  title += ", " + experiment.start;
  if (!experiment.variant.empty()) title += ", " + experiment.variant;
  return title;
}

}  // namespace beeflow
