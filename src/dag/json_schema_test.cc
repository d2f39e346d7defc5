// The keywords of JSON Schema that params use, and what is said about values that break them.
#include "dag/json_schema.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

std::string Check(const std::string& value, const std::string& schema) {
  return FindMismatch(*ParseJson(value), *ParseJson(schema)).value_or("");
}

TEST(JsonSchema, Types) {
  EXPECT_EQ(Check("1", R"({"type": "integer"})"), "");
  EXPECT_EQ(Check("1.0", R"({"type": "integer"})"), "");
  EXPECT_EQ(Check("true", R"({"type": "integer"})"), "true is not of type integer");
  EXPECT_EQ(Check(R"("a")", R"({"type": ["number", "null"]})"),
            R"("a" is not of type number or null)");
  EXPECT_EQ(Check("null", R"({"type": ["string", "null"], "minLength": 3})"), "");
  EXPECT_EQ(Check("{}", R"({"type": "object"})"), "");
  EXPECT_EQ(Check("[]", R"({"type": "object"})"), "[] is not of type object");
}

TEST(JsonSchema, ValuesThatAreNamed) {
  EXPECT_EQ(Check("2", R"({"enum": [1, 2]})"), "");
  EXPECT_EQ(Check("3", R"({"enum": [1, 2]})"), "3 is not one of [1,2]");
  EXPECT_EQ(Check("true", R"({"const": false})"), "true is not false");
}

TEST(JsonSchema, Numbers) {
  EXPECT_EQ(Check("5", R"({"minimum": 5, "maximum": 5})"), "");
  EXPECT_EQ(Check("4", R"({"minimum": 5})"), "4 is less than the minimum of 5");
  EXPECT_EQ(Check("5", R"({"exclusiveMinimum": 5})"), "5 is not greater than 5");
  EXPECT_EQ(Check("6", R"({"maximum": 5})"), "6 is greater than the maximum of 5");
  EXPECT_EQ(Check("5", R"({"exclusiveMaximum": 5})"), "5 is not less than 5");
  EXPECT_EQ(Check("0.3", R"({"multipleOf": 0.1})"), "");
  EXPECT_EQ(Check("7", R"({"multipleOf": 2})"), "7 is not a multiple of 2");
}

TEST(JsonSchema, Texts) {
  EXPECT_EQ(Check(R"("äöü")", R"({"minLength": 3, "maxLength": 3})"), "");
  EXPECT_EQ(Check(R"("ab")", R"({"minLength": 3})"), R"("ab" has fewer than 3 characters)");
  EXPECT_EQ(Check(R"("abcd")", R"({"maxLength": 3})"), R"("abcd" has more than 3 characters)");
  EXPECT_EQ(Check(R"("xay")", R"({"pattern": "a"})"), "");
  EXPECT_EQ(Check(R"("b1")", R"({"pattern": "^\\d+$"})"), R"("b1" does not match "^\\d+$")");
  EXPECT_EQ(Check(R"("x")", R"({"pattern": "("})"), "");  // nothing that a value could break
}

TEST(JsonSchema, APatternCannotHoldUpItsCaller) {
  const std::string text(100'000, 'a');
  EXPECT_EQ(Check('"' + text + '"', R"({"pattern": "^(a+)+$x"})"), "");
  EXPECT_EQ(Check('"' + text + '"', R"({"pattern": "^(a|b)*$"})"), "");
}

TEST(JsonSchema, Formats) {
  for (const char* date : {"2024-02-29", "1999-12-31"}) {
    EXPECT_EQ(Check('"' + std::string(date) + '"', R"({"format": "date"})"), "") << date;
  }
  for (const char* date : {"2023-02-29", "2024-2-9", "2024-02-29T00:00:00", "x"}) {
    EXPECT_NE(Check('"' + std::string(date) + '"', R"({"format": "date"})"), "") << date;
  }
  EXPECT_EQ(Check(R"("2024-02-29T10:11:12Z")", R"({"format": "date-time"})"), "");
  EXPECT_EQ(Check(R"("2024-02-29T10:11:12+02:00")", R"({"format": "date-time"})"), "");
  EXPECT_EQ(Check(R"("2024-02-29")", R"({"format": "date-time"})"),
            R"("2024-02-29" is not a date-time)");
  EXPECT_EQ(Check(R"("10:11:12")", R"({"format": "time"})"), "");
  EXPECT_NE(Check(R"("25:11:12")", R"({"format": "time"})"), "");
  EXPECT_EQ(Check(R"("anything")", R"({"format": "multiline"})"), "");
}

TEST(JsonSchema, ArraysAndObjects) {
  EXPECT_EQ(Check("[1, 2]", R"({"items": {"type": "integer"}, "minItems": 2})"), "");
  EXPECT_EQ(Check(R"([1, "a"])", R"({"items": {"type": "integer"}})"),
            R"(item 1: "a" is not of type integer)");
  EXPECT_EQ(Check("[1]", R"({"minItems": 2})"), "[1] has fewer than 2 items");
  EXPECT_EQ(Check("[1, 1]", R"({"uniqueItems": true})"), "[1,1] has non-unique elements");
  const std::string schema = R"({"properties": {"a": {"type": "string"}}, "required": ["a"],
                                 "additionalProperties": false})";
  EXPECT_EQ(Check(R"({"a": "x"})", schema), "");
  EXPECT_EQ(Check("{}", schema), R"("a" is a required property)");
  EXPECT_EQ(Check(R"({"a": 1})", schema), R"(property "a": 1 is not of type string)");
  EXPECT_EQ(Check(R"({"a": "x", "b": 1})", schema), R"(property "b": 1 is not allowed)");
}

TEST(JsonSchema, Combinations) {
  const std::string any = R"({"anyOf": [{"type": "string"}, {"minimum": 5}]})";
  EXPECT_EQ(Check("5", any), "");
  EXPECT_EQ(Check("4", any), "4 is not valid under any of the schemas of anyOf");
  const std::string one = R"({"oneOf": [{"minimum": 1}, {"minimum": 5}]})";
  EXPECT_EQ(Check("4", one), "");
  EXPECT_EQ(Check("6", one), "6 is not valid under exactly one of the schemas of oneOf");
  EXPECT_EQ(Check("4", R"({"allOf": [{"minimum": 1}, {"minimum": 5}]})"),
            "4 is less than the minimum of 5");
  EXPECT_NE(Check("4", R"({"not": {"type": "integer"}})"), "");
}

}  // namespace
}  // namespace beeflow
