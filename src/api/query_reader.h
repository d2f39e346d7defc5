// Reads the parameters of a query and of a JSON body, strictly: a name that the operation does not
// know is an error, since ignoring a filter would give a wrong answer that looks right.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http/message.h"

namespace beeflow {

class QueryReader {
 public:
  explicit QueryReader(const HttpRequest& request) : request_(request) {}

  int64_t Limit();   // 100 unless given; at most 1000
  int64_t Offset();  // 0 unless given
  int64_t Integer(const std::string& name, int64_t fallback, int64_t min, int64_t max);
  std::optional<bool> Boolean(const std::string& name);
  std::optional<Time> OptionalTime(const std::string& name);
  std::optional<double> Number(const std::string& name);
  std::optional<std::string> Text(const std::string& name);
  // All values of a parameter that may be repeated; commas separate values too.
  std::vector<std::string> Texts(const std::string& name);

  // The first failure, or the parameters that nobody asked for.
  Status Finish();

 private:
  void Fail(const std::string& name, const std::string& message);

  const HttpRequest& request_;
  std::set<std::string> known_;
  Status status_;
};

// The body as a JSON object that has none but these fields.
Result<Json> ReadBody(const HttpRequest& request, std::initializer_list<const char*> fields);

// {"note": TEXT}, at most 1000 characters.
Result<std::string> ReadNote(const HttpRequest& request);

// A map index of a path; kNotFound, in words, for what is none.
Result<int> ReadMapIndex(const std::string& text);

// The part of a list that was asked for.
template <typename T>
std::vector<T> Page(const std::vector<T>& all, int64_t offset, int64_t limit) {
  const auto size = static_cast<int64_t>(all.size());
  const int64_t first = std::min(offset, size);
  const int64_t last = std::min(size, first + limit);
  return {all.begin() + first, all.begin() + last};
}

}  // namespace beeflow
