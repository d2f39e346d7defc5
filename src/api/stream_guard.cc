#include "api/stream_guard.h"

namespace beeflow {

bool StreamGuard::MayGoOn() {
  const Time now = context_.Now();
  if (ended_ || now - looked_ < kEvery) return !ended_;
  looked_ = now;
  ended_ = !context_.options().authenticator->StillKnows(request_, who_);
  return !ended_;
}

}  // namespace beeflow
