// A scenario file as words: scenarios, their lines, and the words of a line. What the words mean is
// said in tests/scenarios/README.md and decided in the other files here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace beeflow::scenario {

struct Line {
  int number = 0;         // in the file, from 1
  bool indented = false;  // it goes on with the line before
  std::vector<std::string> words;
  std::string text;  // as written, without the line's comment and outer spaces
};

struct Scenario {
  std::string name;
  int number = 0;
  std::vector<Line> lines;
};

struct Script {
  std::string path;
  std::vector<Scenario> scenarios;
};

// Errors name the file and the line.
Result<Script> ReadScript(const std::string& path);

// Words split into those of the form name=value and the others. `line` outlives it.
class Arguments {
 public:
  explicit Arguments(const std::vector<std::string>& words, size_t first = 0);

  const std::vector<std::string>& plain() const { return plain_; }
  // True, once, where `flag` is among the plain words.
  bool TakeFlag(const std::string& flag);
  // The value of `name`, once.
  std::optional<std::string> Take(const std::string& name);
  // What was given and not taken; those who take options say so when they have taken all.
  Status CheckAllTaken() const;
  const std::map<std::string, std::string>& options() const { return options_; }

 private:
  std::vector<std::string> plain_;
  std::map<std::string, std::string> options_;
};

// "300", "300s", "5m", "2h", "1d"; also with a fraction.
std::optional<Duration> ParseDuration(std::string_view text);
std::optional<int64_t> ParseInteger(std::string_view text);
// "a,b,c"
std::vector<std::string> SplitAt(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& words, std::string_view between = " ");

}  // namespace beeflow::scenario
