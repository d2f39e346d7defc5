// "Did you mean ...?": the known name that a mistyped one is closest to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beeflow {

// The candidate within a third of the name's length in edits (insert, delete, replace, swap of
// neighbours), or "" where none is that close. Letter case does not count.
std::string NearestName(std::string_view name, const std::vector<std::string>& candidates);

// "; did you mean 'x'?", or "" where nothing is close: made for the end of an error message.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace beeflow
