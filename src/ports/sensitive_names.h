// Which names say that their value is a secret: those of Variables, and of the fields in a
// Connection's extra. Airflow's rule: a name that has one of its words anywhere in it, in any case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beeflow {

class SensitiveNames {
 public:
  // No name is.
  SensitiveNames() = default;
  // Airflow's words, and those of `more`, which has commas between them.
  explicit SensitiveNames(std::string_view more);

  bool Match(std::string_view name) const;

 private:
  std::vector<std::string> words_;  // in lower case
};

}  // namespace beeflow
