#include "cli/yaml.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace beeflow {
namespace {

// Bounds on what a document may unfold to: aliases can repeat a part many times.
constexpr int kDepthMax = 64;
constexpr size_t kNodesMax = 1'000'000;

template <size_t kSize>
bool IsOneOf(std::string_view text, const std::array<std::string_view, kSize>& words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

template <typename Number, typename... Format>
std::optional<Number> ReadAll(std::string_view text, Format... format) {
  Number number{};
  const char* const last = text.data() + text.size();
  const auto read = std::from_chars(text.data(), last, number, format...);
  if (text.empty() || read.ec != std::errc() || read.ptr != last) return std::nullopt;
  return number;
}

std::optional<int64_t> ReadInteger(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const bool negative = !text.empty() && text.front() == '-';
  std::string_view digits = text.substr(negative ? 1 : 0);
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'o')) {
    base = digits[1] == 'x' ? 16 : 8;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits[0] == '0') {
    base = 8;
  }
  if (digits.empty() || digits.front() == '-') return std::nullopt;
  const auto number = ReadAll<int64_t>(digits, base);
  return number && negative ? std::optional(-*number) : number;
}

OrderedJson PlainScalar(const std::string& text) {
  if (IsOneOf(text, std::array<std::string_view, 5>{"", "~", "null", "Null", "NULL"})) return {};
  if (IsOneOf(text, std::array<std::string_view, 9>{"true", "True", "TRUE", "yes", "Yes", "YES",
                                                    "on", "On", "ON"})) {
    return true;
  }
  if (IsOneOf(text, std::array<std::string_view, 9>{"false", "False", "FALSE", "no", "No", "NO",
                                                    "off", "Off", "OFF"})) {
    return false;
  }
  if (const auto number = ReadInteger(text)) return *number;
  if (text.find('.') != std::string::npos) {
    const std::string_view digits = std::string_view(text).substr(text[0] == '+' ? 1 : 0);
    const auto number = ReadAll<double>(digits);
    if (number && std::isfinite(*number)) return *number;
  }
  return text;
}

class Converter {
 public:
  OrderedJson Convert(const YAML::Node& node, int depth) {
    if (++nodes_ > kNodesMax || depth > kDepthMax) {
      too_large_ = true;
      return {};
    }
    if (node.IsSequence()) {
      OrderedJson list = OrderedJson::array();
      for (const YAML::Node& item : node) list.push_back(Convert(item, depth + 1));
      return list;
    }
    if (node.IsMap()) {
      OrderedJson object = OrderedJson::object();
      for (const auto& entry : node) {
        object[entry.first.Scalar()] = Convert(entry.second, depth + 1);
      }
      return object;
    }
    if (!node.IsScalar()) return {};
    const bool is_plain = node.Tag() == "?";
    return is_plain ? PlainScalar(node.Scalar()) : OrderedJson(node.Scalar());
  }
  bool too_large() const { return too_large_; }

 private:
  size_t nodes_ = 0;
  bool too_large_ = false;
};

void Emit(const OrderedJson& value, YAML::Emitter* out) {
  if (value.is_object()) {
    *out << YAML::BeginMap;
    for (const auto& [key, item] : value.items()) {
      *out << YAML::Key << YAML::DoubleQuoted << key << YAML::Value;
      Emit(item, out);
    }
    *out << YAML::EndMap;
  } else if (value.is_array()) {
    *out << YAML::BeginSeq;
    for (const OrderedJson& item : value) Emit(item, out);
    *out << YAML::EndSeq;
  } else if (value.is_string()) {
    *out << YAML::DoubleQuoted << value.get<std::string>();
  } else if (value.is_null()) {
    *out << YAML::Null;
  } else {
    *out << value.dump();
  }
}

}  // namespace

// The library reports by exceptions; none leaves this function.
Result<OrderedJson> ParseYaml(const std::string& text) {
  try {
    const YAML::Node document = YAML::Load(text);
    Converter converter;
    OrderedJson value = converter.Convert(document, 0);
    if (converter.too_large()) return Invalid("the YAML is nested too deeply, or too large");
    return value;
  } catch (const YAML::Exception& error) {
    return Invalid("not valid YAML, line " + std::to_string(error.mark.line + 1) + ": " +
                   error.msg);
  }
}

std::string FormatYaml(const OrderedJson& value) {
  YAML::Emitter out;
  Emit(value, &out);
  return std::string(out.c_str()) + "\n";
}

}  // namespace beeflow
