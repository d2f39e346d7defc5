#include "nats/jet_streams.h"

#include <utility>

#include "nats/nats_names.h"
#include "nats/nats_timing.h"

namespace beeflow {
namespace {

constexpr int kOpenPullsMax = 16384;  // of all workers of a queue

int64_t Nanoseconds(Duration span) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(span).count();
}

Json ConsumerConfig(const std::string& name, Duration ack_wait) {
  return {{"durable_name", name},      {"deliver_policy", "all"},
          {"ack_policy", "explicit"},  {"ack_wait", Nanoseconds(ack_wait)},
          {"max_deliver", -1},         {"max_ack_pending", -1},
          {"replay_policy", "instant"}};
}

}  // namespace

void JetStreams::MakeStream(const std::string& name, const std::string& subjects,
                            const Done& done) {
  Json config = {{"name", name},
                 {"subjects", Json::array({subjects})},
                 {"retention", "workqueue"},
                 {"storage", "file"},
                 {"discard", "old"},
                 {"num_replicas", replicas_},
                 {"max_consumers", -1},
                 {"max_msgs", -1},
                 {"max_bytes", -1},
                 {"max_age", 0}};
  const auto on_made = [this, name, done](const Json& info) {
    identities_[name] = info.value("created", "");
    done(Ok());
  };
  client_.JetStream("STREAM.CREATE." + name, config,
                    [this, name, config, on_made, done](const Result<Json>& made) {
                      if (made.ok()) return on_made(*made);
                      // It is there with other settings, or cannot be made at all.
                      client_.JetStream(
                          "STREAM.UPDATE." + name, config,
                          [on_made, done, why = made.error()](const Result<Json>& updated) {
                            if (updated.ok()) return on_made(*updated);
                            done(why);
                          });
                    });
}

std::string JetStreams::Identity(const std::string& stream) const {
  const auto it = identities_.find(stream);
  return it == identities_.end() ? "" : it->second;
}

void JetStreams::MakeConsumer(const std::string& stream, const Json& consumer, Done done) {
  const std::string name = consumer["durable_name"].get<std::string>();
  client_.JetStream("CONSUMER.DURABLE.CREATE." + stream + "." + name,
                    {{"stream_name", stream}, {"config", consumer}},
                    [done = std::move(done)](const Result<Json>& made) {
                      done(made.ok() ? Ok() : Status(made.error()));
                    });
}

void JetStreams::Make(const Done& done) {
  MakeStream(kAttemptStream, kAttemptSubjects, [this, done](const Status& attempts) {
    if (!attempts.ok()) return done(attempts);
    MakeStream(kReportStream, kReportSubjects, [this, done](const Status& reports) {
      if (!reports.ok()) return done(reports);
      MakeConsumer(kReportStream, ConsumerConfig(kReportConsumer, kReportWait), done);
    });
  });
}

bool JetStreams::HasQueue(const std::string& queue) const {
  const auto it = queues_.find(queue);
  return it != queues_.end() && it->second.is_made;
}

void JetStreams::MakeQueue(const std::string& queue, Done done) {
  Queue& entry = queues_[queue];
  if (entry.is_made) return done(Ok());
  entry.waiting.push_back(std::move(done));
  if (entry.waiting.size() > 1) return;
  Json config = ConsumerConfig(AttemptConsumer(queue), kTicketWait);
  config["filter_subject"] = AttemptSubject(queue);
  config["max_waiting"] = kOpenPullsMax;
  MakeConsumer(kAttemptStream, config, [this, queue](const Status& made) {
    const auto it = queues_.find(queue);
    if (it == queues_.end()) return;  // forgotten meanwhile
    it->second.is_made = made.ok();
    for (const Done& waiting : std::exchange(it->second.waiting, {})) waiting(made);
  });
}

}  // namespace beeflow
