// Reads one JSON object of a file that people write, member by member: a wrong type, a value out of
// range, and a member that nobody asked for are errors that name the file and the path in it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

class StrictObject {
 public:
  // `place` is where the object stands: "file.json", "file.json: experiments[0]". The value
  // outlives the reader.
  StrictObject(const Json& value, std::string place);

  // Each remembers the first failure and returns a default then. An absent member yields the
  // fallback, or fails where it is required.
  std::string Text(const std::string& key, std::string fallback = "");  // not empty where given
  std::string RequiredText(const std::string& key);
  std::optional<int64_t> Integer(const std::string& key, int64_t min, int64_t max);
  std::optional<double> Number(const std::string& key, double min, double max);
  std::string Choice(const std::string& key, const std::vector<std::string>& choices,
                     const std::string& fallback);
  std::vector<std::string> RequiredTexts(const std::string& key);  // at least one, each once
  // Members; null where absent.
  const Json* Object(const std::string& key);
  const Json* RequiredList(const std::string& key);  // at least one item
  const Json* Any(const std::string& key);

  // "file.json: experiments[0].runs"
  std::string PlaceOf(const std::string& key) const;
  void Fail(const std::string& key, const std::string& message);
  void Fail(const Status& status);
  // The first failure; where there is none, the first member that was not asked for.
  Status Finish();

 private:
  const Json* Find(const std::string& key);
  const Json* Require(const std::string& key);

  const Json& value_;
  const std::string place_;
  std::vector<std::string> asked_;
  Status status_;
};

}  // namespace beeflow
