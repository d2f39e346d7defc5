// The rhythm of the attempt channel over NATS, which control and workers agree on.
#pragma once

#include "base/time.h"

namespace beeflow {

// While a worker has attempts, it says so that often.
inline constexpr Duration kBeat = std::chrono::seconds(1);
// So many beats in a row may be missing; the next one that is missing is the worker's end. With the
// beat that was due before its death, that is at most 5 s.
inline constexpr int kMissingBeatsMax = 3;
// Every so many beats JetStream is told that an attempt is being worked on. A ticket that nobody
// has spoken of for `kTicketWait` is delivered again.
inline constexpr int kBeatsOfProgress = 10;
inline constexpr Duration kTicketWait = std::chrono::seconds(30);
// Reports that control has not acknowledged come again after this: before it gives up a worker.
inline constexpr Duration kReportWait = std::chrono::seconds(2);
// What a worker has asked control, and got no answer to, it asks again after so many beats.
inline constexpr int kBeatsOfAsking = 3;

}  // namespace beeflow
