#include "dag/json_schema.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string_view>

#include "base/time.h"

namespace beeflow {
namespace {

using Mismatch = std::optional<std::string>;

// Bounds what one pattern may cost: about a tenth of a second, and some megabytes.
constexpr uint32_t kMatchStepsMax = 1'000'000;
constexpr uint32_t kMatchKilobytesMax = 4096;
constexpr double kStepTolerance = 1e-9;

std::string Shown(const Json& value) {
  constexpr size_t kLongest = 200;
  std::string text = DumpJson(value);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

std::string ShownType(const Json& type) {
  if (type.is_string()) return type.get<std::string>();
  std::string text;
  for (const Json& one : type) {
    text += (text.empty() ? "" : " or ") + (one.is_string() ? one.get<std::string>() : Shown(one));
  }
  return text;
}

bool IsWhole(const Json& value) {
  return value.is_number_integer() ||
         (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
}

bool HasType(const Json& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return IsWhole(value);
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "null") return value.is_null();
  return false;
}

bool HasAnyType(const Json& value, const Json& types) {
  if (types.is_string()) return HasType(value, types.get_ref<const std::string&>());
  return std::any_of(types.begin(), types.end(), [&value](const Json& type) {
    return type.is_string() && HasType(value, type.get_ref<const std::string&>());
  });
}

struct PatternDeleter {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

std::unique_ptr<pcre2_code, PatternDeleter> Compile(const std::string& pattern) {
  int error = 0;
  size_t offset = 0;
  return std::unique_ptr<pcre2_code, PatternDeleter>(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                    PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr));
}

bool Matches(const std::string& text, const std::string& pattern) {
  const auto code = Compile(pattern);
  if (!code) return true;
  const std::unique_ptr<pcre2_match_data, PatternDeleter> data(
      pcre2_match_data_create_from_pattern(code.get(), nullptr));
  const std::unique_ptr<pcre2_match_context, PatternDeleter> context(
      pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(context.get(), kMatchStepsMax);
  pcre2_set_heap_limit(context.get(), kMatchKilobytesMax);
  const int found = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                0, 0, data.get(), context.get());
  return found != PCRE2_ERROR_NOMATCH;
}

bool HasShape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(), [](char c, char wanted) {
           return wanted == '0' ? c >= '0' && c <= '9' : c == wanted;
         });
}

bool HasFormat(const std::string& text, std::string_view format) {
  if (format == "date") return HasShape(text, "0000-00-00") && ParseTime(text).ok();
  if (format == "date-time") {
    const bool has_time = text.size() > 10 && (text[10] == 'T' || text[10] == ' ');
    return has_time && HasShape(text.substr(0, 10), "0000-00-00") && ParseTime(text).ok();
  }
  if (format == "time") {
    const bool has_time = HasShape(text, "00:00") || HasShape(text.substr(0, 8), "00:00:00");
    return has_time && ParseTime("2000-01-01T" + text).ok();
  }
  if (format == "regex") return Compile(text) != nullptr;
  return true;
}

size_t CountCharacters(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The value of a keyword that is a number; nothing where it is absent.
std::optional<double> NumberAt(const Json& schema, const char* keyword) {
  const auto it = schema.find(keyword);
  if (it == schema.end() || !it->is_number()) return std::nullopt;
  return it->get<double>();
}

Mismatch CheckSize(size_t size, const Json& schema, const char* minimum, const char* maximum,
                   const std::string& what) {
  const auto count = static_cast<double>(size);
  if (const auto least = NumberAt(schema, minimum); least && count < *least) {
    return what + " has fewer than " + Shown(schema[minimum]);
  }
  if (const auto most = NumberAt(schema, maximum); most && count > *most) {
    return what + " has more than " + Shown(schema[maximum]);
  }
  return std::nullopt;
}

Mismatch CheckText(const Json& value, const Json& schema) {
  const auto& text = value.get_ref<const std::string&>();
  if (auto found = CheckSize(CountCharacters(text), schema, "minLength", "maxLength", Shown(value)))
    return *found + " characters";
  const auto pattern = schema.find("pattern");
  if (pattern != schema.end() && pattern->is_string() &&
      !Matches(text, pattern->get_ref<const std::string&>())) {
    return Shown(value) + " does not match " + Shown(*pattern);
  }
  const auto format = schema.find("format");
  if (format != schema.end() && format->is_string() &&
      !HasFormat(text, format->get_ref<const std::string&>())) {
    return Shown(value) + " is not a " + format->get<std::string>();
  }
  return std::nullopt;
}

Mismatch CheckNumber(const Json& value, const Json& schema) {
  struct Limit {
    const char* keyword;
    bool (*holds)(double value, double limit);
    const char* words;
  };
  static constexpr std::array kLimits = {
      Limit{"minimum", [](double a, double b) { return a >= b; }, " is less than the minimum of "},
      Limit{"maximum", [](double a, double b) { return a <= b; },
            " is greater than the maximum of "},
      Limit{"exclusiveMinimum", [](double a, double b) { return a > b; }, " is not greater than "},
      Limit{"exclusiveMaximum", [](double a, double b) { return a < b; }, " is not less than "},
  };
  const auto number = value.get<double>();
  for (const Limit& limit : kLimits) {
    const auto bound = NumberAt(schema, limit.keyword);
    if (bound && !limit.holds(number, *bound)) {
      return Shown(value) + limit.words + Shown(schema[limit.keyword]);
    }
  }
  const auto step = NumberAt(schema, "multipleOf");
  if (step && *step != 0 && std::abs(std::remainder(number, *step)) > kStepTolerance) {
    return Shown(value) + " is not a multiple of " + Shown(schema["multipleOf"]);
  }
  return std::nullopt;
}

Mismatch CheckArray(const Json& value, const Json& schema) {
  if (auto found = CheckSize(value.size(), schema, "minItems", "maxItems", Shown(value))) {
    return *found + " items";
  }
  if (schema.value("uniqueItems", Json()) == true) {
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (std::find(value.begin(), it, *it) != it) return Shown(value) + " has non-unique elements";
    }
  }
  const auto items = schema.find("items");
  if (items == schema.end()) return std::nullopt;
  for (size_t i = 0; i < value.size(); ++i) {
    if (items->is_array() && i >= items->size()) break;
    if (auto found = FindMismatch(value[i], items->is_array() ? (*items)[i] : *items)) {
      return "item " + std::to_string(i) + ": " + *found;
    }
  }
  return std::nullopt;
}

Mismatch CheckObject(const Json& value, const Json& schema) {
  for (const Json& name : schema.value("required", Json::array())) {
    if (name.is_string() && !value.contains(name.get_ref<const std::string&>())) {
      return Shown(name) + " is a required property";
    }
  }
  const Json properties = schema.value("properties", Json::object());
  const auto others = schema.find("additionalProperties");
  for (const auto& [name, item] : value.items()) {
    Mismatch found;
    if (properties.contains(name)) {
      found = FindMismatch(item, properties[name]);
    } else if (others != schema.end()) {
      found = FindMismatch(item, *others);
    }
    if (found) return "property " + Shown(name) + ": " + *found;
  }
  return std::nullopt;
}

size_t CountMatches(const Json& value, const Json& schemas) {
  return static_cast<size_t>(std::count_if(schemas.begin(), schemas.end(), [&](const Json& part) {
    return !FindMismatch(value, part);
  }));
}

Mismatch CheckCombined(const Json& value, const Json& schema) {
  for (const Json& part : schema.value("allOf", Json::array())) {
    if (auto found = FindMismatch(value, part)) return found;
  }
  const Json any = schema.value("anyOf", Json::array());
  if (!any.empty() && CountMatches(value, any) == 0) {
    return Shown(value) + " is not valid under any of the schemas of anyOf";
  }
  const Json one = schema.value("oneOf", Json::array());
  if (!one.empty() && CountMatches(value, one) != 1) {
    return Shown(value) + " is not valid under exactly one of the schemas of oneOf";
  }
  const auto barred = schema.find("not");
  if (barred != schema.end() && !FindMismatch(value, *barred)) {
    return Shown(value) + " must not be valid under " + Shown(*barred);
  }
  return std::nullopt;
}

Mismatch CheckByType(const Json& value, const Json& schema) {
  if (value.is_string()) return CheckText(value, schema);
  if (value.is_number()) return CheckNumber(value, schema);
  if (value.is_array()) return CheckArray(value, schema);
  if (value.is_object()) return CheckObject(value, schema);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> FindMismatch(const Json& value, const Json& schema) {
  if (schema.is_boolean() && !schema.get<bool>()) return Shown(value) + " is not allowed";
  if (!schema.is_object()) return std::nullopt;
  const auto type = schema.find("type");
  if (type != schema.end() && !HasAnyType(value, *type)) {
    return Shown(value) + " is not of type " + ShownType(*type);
  }
  const auto constant = schema.find("const");
  if (constant != schema.end() && value != *constant) {
    return Shown(value) + " is not " + Shown(*constant);
  }
  const auto choices = schema.find("enum");
  if (choices != schema.end() &&
      std::find(choices->begin(), choices->end(), value) == choices->end()) {
    return Shown(value) + " is not one of " + Shown(*choices);
  }
  if (auto found = CheckCombined(value, schema)) return found;
  return CheckByType(value, schema);
}

}  // namespace beeflow
