#include "nats/nats_names.h"

#include <fmt/format.h>

namespace beeflow {

std::string SubjectToken(std::string_view text) {
  std::string token;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
    token += is_plain ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c));
  }
  return token.empty() ? "=" : token;
}

std::string AttemptSubject(const std::string& queue) {
  return "beeflow.attempts." + SubjectToken(queue);
}

std::string AttemptConsumer(const std::string& queue) { return "queue-" + SubjectToken(queue); }

std::string SenderOf(std::string_view subject) {
  for (const std::string_view prefix : {"beeflow.control.", "beeflow.reports."}) {
    if (subject.starts_with(prefix)) return std::string(subject.substr(prefix.size()));
  }
  return "";
}

}  // namespace beeflow
