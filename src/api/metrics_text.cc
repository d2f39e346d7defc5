#include "api/metrics_text.h"

#include <array>
#include <charconv>

namespace beeflow {
namespace {

void AppendEscaped(std::string_view text, std::string* out) {
  for (const char c : text) {
    if (c == '\\' || c == '"') *out += '\\';
    if (c == '\n') {
      *out += "\\n";
    } else {
      *out += c;
    }
  }
}

}  // namespace

std::string MetricNumber(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

void MetricsText::Metric(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " +
           std::string(type) + "\n";
}

void MetricsText::Sample(std::string_view suffix, double value, Labels labels) {
  text_ += name_;
  text_ += suffix;
  const char* separator = "{";
  for (const auto& [label, content] : labels) {
    text_ += separator;
    text_ += label;
    text_ += "=\"";
    AppendEscaped(content, &text_);
    text_ += '"';
    separator = ",";
  }
  if (labels.size() > 0) text_ += '}';
  text_ += ' ' + MetricNumber(value) + '\n';
}

}  // namespace beeflow
