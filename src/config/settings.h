// The table of all settings: what beeflow.cfg and the environment may say.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace beeflow {

// A kSecret may be empty, is not shown in lists, and is not handed on to DAG files.
enum class SettingType { kText, kPath, kInteger, kNumber, kBoolean, kChoice, kSecret, kPathList };

struct Setting {
  std::string_view section;
  std::string_view key;
  SettingType type;
  // "{home}" stands for BEEFLOW_HOME.
  std::string_view default_value;
  double min = 0;  // kInteger, kNumber
  double max = 0;
  std::string_view choices;  // kChoice: separated by blanks; typed in any case
  std::string_view description;
  bool per_queue = false;  // [worker:QUEUE] may say otherwise for the tasks of one queue
};

// "worker" of "worker:gpu"; other sections are their own.
std::string_view BaseSection(std::string_view section);

// In the order in which they are shown.
std::span<const Setting> KnownSettings();

// Null where there is none. Names in lower case; a section "worker:QUEUE" has those of [worker]
// that may differ by queue.
const Setting* FindSetting(std::string_view section, std::string_view key);

// What is wrong with asking for this setting, with the nearest name that exists.
Error UnknownSetting(std::string_view section, std::string_view key);

// Checks a value's type and range; returns its canonical text ("True" for "yes"). The error does
// not say where the value came from.
Result<std::string> CanonicalValue(const Setting& setting, std::string_view raw);

}  // namespace beeflow
