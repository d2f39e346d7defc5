// The header Authorization, as a server reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace beeflow {

struct BasicCredentials {
  std::string user;
  std::string password;
};

// Of "Basic ...". Absent where it is something else, or broken.
std::optional<BasicCredentials> ReadBasic(std::string_view header);

// The token of "Bearer ...". Absent where it is something else.
std::optional<std::string> ReadBearer(std::string_view header);

}  // namespace beeflow
