// Metrics in the text format of Prometheus, version 0.0.4.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace beeflow {

class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Begins a metric; its samples follow. `type` is "counter", "gauge" or "histogram".
  void Metric(std::string_view name, std::string_view type, std::string_view help);
  void Sample(double value, Labels labels = {}) { Sample("", value, labels); }
  // With a suffix of the name, as the parts of a histogram have.
  void Sample(std::string_view suffix, double value, Labels labels);
  // A metric with one sample.
  void Single(std::string_view name, std::string_view type, std::string_view help, double value) {
    Metric(name, type, help);
    Sample(value);
  }

  const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

// A number as the format writes it: whole ones without a point.
std::string MetricNumber(double value);

}  // namespace beeflow
