// The stream of events.
#include <charconv>
#include <memory>
#include <utility>

#include "api/api_context.h"
#include "api/event_hub.h"
#include "api/stream_guard.h"

namespace beeflow {
namespace {

// A stream keeps the rights that it began with, and ends where these have changed; the client comes
// back by itself, and goes on where it was.
constexpr Duration kBeat = StreamGuard::kEvery;
constexpr Duration kLongestStream = std::chrono::minutes(30);
constexpr const char* kComeBack = "retry: 500\n";  // milliseconds

// The header of a browser that comes back. What cannot be read is from another time.
std::optional<int64_t> LastEventId(const HttpRequest& request) {
  const std::string& text = request.Header("last-event-id");
  if (text.empty()) return std::nullopt;
  int64_t id = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return is_number && id >= 0 && id < INT64_MAX ? id : INT64_MAX - 1;
}

HttpResponse StreamEvents(ApiCall& call) {
  EventHub* const hub = call.context().options().events;
  auto listener = hub->Listen(LastEventId(call.request()),
                              {call.who(), call.request().Query("dag_id").value_or("")});
  if (!listener.ok()) return ErrorResponse(listener.error());
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  response.stream = [clock = call.context().options().clock,
                     guard = std::make_shared<StreamGuard>(call),
                     listener = std::shared_ptr<EventHub::Listener>(std::move(*listener))](
                        const HttpWrite& write) {
    const Time until = clock->Now() + kLongestStream;
    if (!write(kComeBack + BeatEvent(listener->position()))) return;
    while (clock->Now() < until) {
      const auto text = listener->Next(kBeat);
      if (!text || !guard->MayGoOn()) return;
      if (!text->empty() && !write(*text)) return;
    }
  };
  return response;
}

}  // namespace

void AddEventRoutes(ApiRoutes* routes) {
  Operation events{"GET",
                   "/api/v1/events",
                   "get_events",
                   "What changes, as server-sent events, from the header Last-Event-ID on",
                   {{Action::kRead, resource::kDag}},
                   {{"dag_id", ParameterType::kText, "Only what is about this DAG."}}};
  events.answer_type = "text/event-stream";
  routes->Add(events, StreamEvents);
}

}  // namespace beeflow
