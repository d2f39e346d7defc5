// How long the tasks of DAGs take: by what they took before, else by what their commands sleep,
// else by a guess.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lab/result_set.h"
#include "ports/parsed_file.h"

namespace beeflow {

struct DurationGuess {
  double bash_seconds = 0;  // of commands that do not sleep
  double other_seconds = 10;
};

class TaskDurations {
 public:
  // Of each task the median of its successful instances in `history` counts.
  TaskDurations(const std::vector<ResultSet>& history, const DurationGuess& guess);

  double Seconds(const Dag& dag, TaskIndex task) const;

  // How many tasks were found where; those that run nothing are left out.
  struct Sources {
    int history = 0;
    int commands = 0;
    int guesses = 0;
  };
  Sources Count(const std::vector<ParsedFile>& files) const;

 private:
  const DurationGuess guess_;
  std::map<std::pair<std::string, std::string>, double> medians_;  // by DAG and task
};

}  // namespace beeflow
