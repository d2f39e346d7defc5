// Changes as server-sent events, in the words of docs/formats/events.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/identity.h"
#include "ports/change_history.h"

namespace beeflow {

// One change, ready to be sent, and what must be known to tell who may see it.
struct EventPart {
  int64_t sequence = 0;
  std::string table;
  std::string dag_id;
  std::string json;
};

// Changes that were read together. Never empty.
struct EventBatch {
  std::vector<EventPart> parts;
  int64_t settled = 0;  // up to which everything has been told with it
  std::string text;     // one event with all of them
};

EventBatch MakeEventBatch(const LoggedChanges& read);

// Who listens, and for what.
struct EventFilter {
  Identity who;
  std::string dag_id;  // only what is about this DAG; "": everything
  bool WantsAll() const { return who.may_everything && dag_id.empty(); }
  bool Wants(const EventPart& part) const;
};

// One event with those that are wanted and lie behind `after`; "" where there are none.
std::string EventTextFor(const EventBatch& batch, const EventFilter& filter, int64_t after);

// Tells the client to load everything anew, and to go on from there.
std::string ResetEvent(int64_t sequence);
// Tells the client where it stands, and shows that the connection lives.
std::string BeatEvent(int64_t sequence);

}  // namespace beeflow
