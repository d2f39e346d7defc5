// Which files of the DAG folder may define a DAG, so that a command that is about one DAG need not
// import all others.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace beeflow {

// Hands out the files in groups, the likeliest first: the one that the database knows, those whose
// text has the DAG's id in quotes, those that have it as a word, all others. The folder is read
// only when it comes to the second group.
class DagSearch {
 public:
  // `known_file` is "" where no file is known.
  DagSearch(const Config& config, std::string dag_id, std::string known_file);

  // Empty where there are no more.
  Result<std::vector<std::string>> Next();

 private:
  Status Sort();

  const Config& config_;
  const std::string dag_id_;
  const std::string known_file_;
  bool sorted_ = false;
  std::vector<std::vector<std::string>> groups_;  // the next one last
};

}  // namespace beeflow
