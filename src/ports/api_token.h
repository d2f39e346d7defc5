// Making API tokens: secrets that act for a user, until they expire, with no more rights than their
// scope.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/credentials.h"
#include "ports/user_store.h"

namespace beeflow {

// What a token may do of what its user may.
struct TokenScope {
  enum class Kind { kAll, kReadOnly, kListed };

  Kind kind = Kind::kAll;
  std::vector<RolePermission> permissions;  // kListed

  // "all", "read-only", or permissions such as "can_read on DAGs, can_edit on DAG:example".
  // kInvalid, naming the part that means nothing.
  static Result<TokenScope> Parse(const std::string& text);
  std::string Format() const;
};

struct TokenRequest {
  std::string name;  // for people; a user has one token of a name
  std::string scope = "all";
  std::optional<Time> expires;  // absent: 90 days from now
};

struct NewToken {
  std::string text;  // which nobody can learn again
  StoredToken stored;
};

Result<NewToken> MakeToken(const TokenRequest& request, int64_t user_id, Credentials* credentials,
                           Time now);

}  // namespace beeflow
