#include "lab/strict_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/nearest_name.h"

namespace beeflow {

StrictObject::StrictObject(const Json& value, std::string place)
    : value_(value), place_(std::move(place)) {
  if (!value.is_object()) status_ = Invalid(place_ + ": must be an object {...}");
}

std::string StrictObject::PlaceOf(const std::string& key) const {
  // Behind the name of the file a blank, within the path a dot.
  return place_ + (place_.find(": ") == std::string::npos ? ": " : ".") + key;
}

void StrictObject::Fail(const std::string& key, const std::string& message) {
  if (status_.ok()) status_ = Invalid(PlaceOf(key) + ": " + message);
}

void StrictObject::Fail(const Status& status) {
  if (status_.ok()) status_ = status;
}

const Json* StrictObject::Find(const std::string& key) {
  asked_.push_back(key);
  if (!value_.is_object()) return nullptr;
  const auto it = value_.find(key);
  return it == value_.end() ? nullptr : &*it;
}

const Json* StrictObject::Require(const std::string& key) {
  const Json* value = Find(key);
  if (!value) Fail(key, "is missing");
  return value;
}

std::string StrictObject::Text(const std::string& key, std::string fallback) {
  const Json* value = Find(key);
  if (!value) return fallback;
  if (value->is_string() && !value->get_ref<const std::string&>().empty()) {
    return value->get<std::string>();
  }
  Fail(key, "must be a text that is not empty");
  return fallback;
}

std::string StrictObject::RequiredText(const std::string& key) {
  if (!Require(key)) return "";
  return Text(key);
}

std::optional<int64_t> StrictObject::Integer(const std::string& key, int64_t min, int64_t max) {
  const Json* value = Find(key);
  if (!value) return std::nullopt;
  if (value->is_number_integer()) {
    const auto number = value->get<int64_t>();
    if (number >= min && number <= max) return number;
  }
  Fail(key, fmt::format("must be a whole number from {} to {}", min, max));
  return std::nullopt;
}

std::optional<double> StrictObject::Number(const std::string& key, double min, double max) {
  const Json* value = Find(key);
  if (!value) return std::nullopt;
  if (value->is_number()) {
    const auto number = value->get<double>();
    if (std::isfinite(number) && number >= min && number <= max) return number;
  }
  Fail(key, fmt::format("must be a number from {} to {}", min, max));
  return std::nullopt;
}

std::string StrictObject::Choice(const std::string& key, const std::vector<std::string>& choices,
                                 const std::string& fallback) {
  const Json* value = Find(key);
  if (!value) {
    if (fallback.empty())
      Fail(key, "is missing; it is one of " + fmt::format("{}", fmt::join(choices, ", ")));
    return fallback;
  }
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return text;
  }
  Fail(key,
       fmt::format("{} is not known; it is one of {}", DumpJson(*value), fmt::join(choices, ", ")));
  return fallback;
}

std::vector<std::string> StrictObject::RequiredTexts(const std::string& key) {
  std::vector<std::string> texts;
  const Json* list = RequiredList(key);
  if (!list) return texts;
  for (const Json& item : *list) {
    if (!item.is_string() || item.get_ref<const std::string&>().empty()) {
      Fail(fmt::format("{}[{}]", key, texts.size()), "must be a text that is not empty");
      return {};
    }
    texts.push_back(item.get<std::string>());
    if (std::count(texts.begin(), texts.end(), texts.back()) > 1) {
      Fail(fmt::format("{}[{}]", key, texts.size() - 1), "'" + texts.back() + "' is there twice");
      return {};
    }
  }
  return texts;
}

const Json* StrictObject::Object(const std::string& key) {
  const Json* value = Find(key);
  if (!value || value->is_object()) return value;
  Fail(key, "must be an object {...}");
  return nullptr;
}

const Json* StrictObject::RequiredList(const std::string& key) {
  const Json* value = Require(key);
  if (!value) return nullptr;
  if (value->is_array() && !value->empty()) return value;
  Fail(key, "must be a list [...] with at least one item");
  return nullptr;
}

const Json* StrictObject::Any(const std::string& key) { return Find(key); }

Status StrictObject::Finish() {
  if (!status_.ok()) return status_;
  for (const auto& [key, unused] : value_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    std::string hint = DidYouMean(key, asked_);
    if (hint.empty()) hint = fmt::format("; there may be {}", fmt::join(asked_, ", "));
    Fail(key, "is not known here" + hint);
  }
  return status_;
}

}  // namespace beeflow
