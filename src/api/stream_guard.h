// Ends answers that last, streams of events and followed logs, soon after what let them in has
// ended: the session, the token, the user's rights. Whoever still may comes back.
#pragma once

#include "api/api_context.h"

namespace beeflow {

// Belongs to the thread of its stream. The context must outlive it.
class StreamGuard {
 public:
  static constexpr Duration kEvery = std::chrono::seconds(5);

  explicit StreamGuard(const ApiCall& call)
      : context_(call.context()), request_(call.request()), who_(call.who()), looked_(call.Now()) {}

  // Looks itself at most once in kEvery.
  bool MayGoOn();

 private:
  const ApiContext& context_;
  const HttpRequest request_;
  const Identity who_;
  Time looked_;
  bool ended_ = false;
};

}  // namespace beeflow
