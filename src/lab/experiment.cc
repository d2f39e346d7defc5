#include "lab/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "config/settings.h"
#include "lab/strict_object.h"

namespace beeflow {
namespace {

constexpr double kYearSeconds = 366.0 * 86400;
constexpr double kLocalDagsTimeoutSeconds = 120;
constexpr double kAirflowDagsTimeoutSeconds = 900;  // it looks for new files every 5 minutes

// The lab gives each environment a home of its own, and these with it.
const std::set<std::pair<std::string, std::string>> kOwnSettings = {
    {"core", "dags_folder"},
    {"core", "system"},
    {"database", "path"},
    {"logging", "base_log_folder"},
    {"webserver", "web_server_host"},
    {"webserver", "web_server_port"},
    {"scheduler", "use_job_schedule"},
};

// Part of the name of a folder and of a key.
Status CheckLabId(const std::string& place, const std::string& id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:").find(c) != std::string_view::npos;
  };
  if (!id.empty() && id.size() <= 100 && id[0] != '.' &&
      std::all_of(id.begin(), id.end(), allowed)) {
    return Ok();
  }
  return Invalid(
      fmt::format("{}: '{}' is not valid; use letters, digits, '-', '_', '.' and ':', "
                  "at most 100 characters, no '.' in front",
                  place, id.substr(0, 100)));
}

// The file's own texts; `root` ends in '/', or is "".
struct Source {
  const std::string& path;
  std::string root;
};

std::string Resolve(const Source& source, const std::string& path) {
  const bool as_it_is = path.empty() || path[0] == '/' || path.find("://") != std::string::npos;
  return as_it_is ? path : std::filesystem::path(source.root + path).lexically_normal().string();
}

std::string SettingText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : DumpJson(value);
}

Status AddSetting(const std::string& place, const std::string& section, const std::string& key,
                  const Json& value, LabSettings* settings) {
  const Setting* known = FindSetting(section, key);
  if (!known) return Invalid(place + ": " + UnknownSetting(section, key).message);
  if (kOwnSettings.contains({section, key})) {
    return Invalid(place + ": the lab sets this one itself");
  }
  if (!value.is_string() && !value.is_number() && !value.is_boolean()) {
    return Invalid(place + ": must be a text, a number, true or false");
  }
  const auto canonical = CanonicalValue(*known, SettingText(value));
  if (!canonical.ok()) return Invalid(place + ": " + canonical.error().message);
  (*settings)[{section, key}] = *canonical;
  return Ok();
}

// {"section": {"key": value}}
LabSettings ReadSettings(StrictObject* in) {
  LabSettings settings;
  const Json* sections = in->Object("settings");
  if (!sections) return settings;
  for (const auto& [section, keys] : sections->items()) {
    const std::string path = "settings." + section;
    if (!keys.is_object()) in->Fail(path, "must be an object {...}");
    if (!keys.is_object()) continue;
    for (const auto& [key, value] : keys.items()) {
      in->Fail(AddSetting(in->PlaceOf(path + "." + key), section, key, value, &settings));
    }
  }
  return settings;
}

std::optional<Duration> OptionalSpan(StrictObject* in, const std::string& key, double min) {
  const auto seconds = in->Number(key, min, kYearSeconds);
  return seconds ? std::optional(Seconds(*seconds)) : std::nullopt;
}

Secret ReadSecret(StrictObject* in, const std::string& key) {
  Secret secret{in->Text(key), in->Text(key + "_env")};
  if (!secret.text.empty() && !secret.variable.empty()) {
    in->Fail(key, "and " + key + "_env exclude each other");
  }
  return secret;
}

PoolModel ReadPoolModel(StrictObject* in) {
  PoolModel model;
  const auto count = [&](const char* key, int fallback) {
    return static_cast<int>(in->Integer(key, 1, 10'000).value_or(fallback));
  };
  model.min_workers = count("min_workers", model.min_workers);
  model.max_workers = count("max_workers", std::max(model.max_workers, model.min_workers));
  model.tasks_per_worker = count("tasks_per_worker", model.tasks_per_worker);
  model.time_scale = in->Number("time_scale", 0.0001, 1).value_or(model.time_scale);
  if (model.min_workers > model.max_workers) {
    in->Fail("min_workers",
             fmt::format("{} is more than max_workers, {}", model.min_workers, model.max_workers));
  }
  return model;
}

AirflowTarget ReadAirflow(const Source& source, StrictObject* in) {
  AirflowTarget target;
  target.base_url = in->RequiredText("base_url");
  const bool is_url =
      target.base_url.starts_with("http://") || target.base_url.starts_with("https://");
  if (!is_url) in->Fail("base_url", "must begin with http:// or https://");
  while (target.base_url.ends_with('/')) target.base_url.pop_back();
  if (target.base_url.ends_with("/api/v1")) target.base_url.erase(target.base_url.size() - 7);
  target.user = in->Text("user");
  target.password = ReadSecret(in, "password");
  target.token = ReadSecret(in, "token");
  target.mwaa_web_token = ReadSecret(in, "mwaa_web_token");
  const int ways = (target.user.empty() ? 0 : 1) + (target.token.given() ? 1 : 0) +
                   (target.mwaa_web_token.given() ? 1 : 0);
  if (ways > 1) in->Fail("user", "give one of user, token and mwaa_web_token");
  if (target.user.empty() == target.password.given()) {
    in->Fail("password", "user and password belong together");
  }
  target.ca_file = Resolve(source, in->Text("ca_file"));
  target.publish_to = Resolve(source, in->Text("publish_to"));
  target.endpoint_url = in->Text("endpoint_url");
  target.poll_interval = OptionalSpan(in, "poll_seconds", 0.05).value_or(target.poll_interval);
  return target;
}

Status ReadTypeSpecific(const Source& source, const Json& value, const std::string& place,
                        Controller* controller) {
  StrictObject in(value, place);
  const bool is_airflow = controller->type == ControllerType::kAirflow;
  controller->dags_timeout =
      OptionalSpan(&in, "dags_timeout_seconds", 1)
          .value_or(Seconds(is_airflow ? kAirflowDagsTimeoutSeconds : kLocalDagsTimeoutSeconds));
  if (is_airflow) controller->airflow = ReadAirflow(source, &in);
  if (!is_airflow) controller->settings = ReadSettings(&in);
  if (controller->type == ControllerType::kMwaa) controller->pool_model = ReadPoolModel(&in);
  return in.Finish();
}

Json WithoutSecrets(Json definition) {
  for (const char* secret : {"password", "token", "mwaa_web_token"}) {
    if (definition.contains("type_specific")) definition["type_specific"].erase(secret);
  }
  definition.erase("quick");
  return definition;
}

ControllerType ParseControllerType(const std::string& name) {
  if (name == "mwaa") return ControllerType::kMwaa;
  return name == "airflow" ? ControllerType::kAirflow : ControllerType::kServerless;
}

Status ReadCore(const Source& source, const Json& value, const std::string& place,
                Controller* controller) {
  StrictObject in(value, place);
  controller->id = in.RequiredText("controller_id");
  controller->export_to = Resolve(source, in.Text("export_to"));
  BEEFLOW_RETURN_IF_ERROR(in.Finish());
  return CheckLabId(in.PlaceOf("controller_id"), controller->id);
}

Result<Controller> ReadController(const Source& source, const Json& value,
                                  const std::string& place) {
  static const Json kNothing = Json::object();
  StrictObject in(value, place);
  Controller controller;
  controller.type =
      ParseControllerType(in.Choice("controller_type", {"serverless", "mwaa", "airflow"}, ""));
  const Json* core = in.Object("core");
  if (!core) in.Fail("core", "is missing");
  const Json* specific = in.Object("type_specific");
  in.Any("quick");
  BEEFLOW_RETURN_IF_ERROR(in.Finish());
  BEEFLOW_RETURN_IF_ERROR(ReadCore(source, *core, in.PlaceOf("core"), &controller));
  BEEFLOW_RETURN_IF_ERROR(ReadTypeSpecific(source, specific ? *specific : kNothing,
                                           in.PlaceOf("type_specific"), &controller));
  controller.definition = WithoutSecrets(value);
  return controller;
}

void CheckLength(const Experiment& experiment, StrictObject* in) {
  if (!experiment.runs && !experiment.collection_time) {
    in->Fail("runs", "give runs, metrics_collection_time_seconds or both");
  }
  if (experiment.period && !experiment.runs) {
    in->Fail("period_seconds", "needs runs: how many are to be triggered");
  }
}

Result<Experiment> ReadExperiment(const Source& source, const Json& value,
                                  const std::string& place) {
  StrictObject in(value, place);
  Experiment experiment;
  experiment.id = in.RequiredText("experiment_id");
  experiment.dags_path = Resolve(source, in.RequiredText("dags_local_path"));
  experiment.dag_ids = in.RequiredTexts("dag_ids");
  experiment.collection_time = OptionalSpan(&in, "metrics_collection_time_seconds", 1);
  if (const auto runs = in.Integer("runs", 1, 100'000)) experiment.runs = static_cast<int>(*runs);
  experiment.period = OptionalSpan(&in, "period_seconds", 0);
  const bool cold = in.Choice("start", {"warm", "cold"}, "warm") == "cold";
  experiment.start = cold ? StartKind::kCold : StartKind::kWarm;
  const auto slots = in.Integer("pool_slots", 1, 1'000'000);
  experiment.pool_slots = static_cast<int>(slots.value_or(experiment.pool_slots));
  experiment.settings = ReadSettings(&in);
  CheckLength(experiment, &in);
  in.Any("quick");
  BEEFLOW_RETURN_IF_ERROR(in.Finish());
  BEEFLOW_RETURN_IF_ERROR(CheckLabId(in.PlaceOf("experiment_id"), experiment.id));
  experiment.definition = value;
  experiment.definition.erase("quick");
  return experiment;
}

// The items of a list with "quick" applied; absent for those that are left out.
std::vector<std::optional<Json>> Variant(const Json& list, bool quick) {
  std::vector<std::optional<Json>> items;
  for (const Json& item : list) {
    items.emplace_back(item);
    if (!quick || !item.is_object() || !item.contains("quick")) continue;
    if (item["quick"] == false) items.back().reset();
    if (item["quick"].is_object()) items.back()->merge_patch(item["quick"]);
  }
  return items;
}

Status CheckQuick(const Json& list, const std::string& place) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_object() || !list[i].contains("quick")) continue;
    const Json& quick = list[i]["quick"];
    if (quick.is_object() || quick == false) continue;
    return Invalid(fmt::format("{}[{}].quick: must be an object {{...}} or false", place, i));
  }
  return Ok();
}

template <typename Item>
Result<std::vector<Item>> ReadItems(const Source& source, const Json& list,
                                    const std::string& place, bool quick,
                                    Result<Item> (*read)(const Source&, const Json&,
                                                         const std::string&)) {
  BEEFLOW_RETURN_IF_ERROR(CheckQuick(list, place));
  const std::vector<std::optional<Json>> variant = Variant(list, quick);
  std::vector<Item> items;
  for (size_t i = 0; i < variant.size(); ++i) {
    if (!variant[i]) continue;
    const std::string here = fmt::format("{}[{}]", place, i);
    BEEFLOW_ASSIGN_OR_RETURN(Item item, read(source, *variant[i], here));
    const bool twice = std::any_of(items.begin(), items.end(),
                                   [&](const Item& other) { return other.id == item.id; });
    if (twice) return Invalid(here + ": the id '" + item.id + "' is there twice");
    items.push_back(std::move(item));
  }
  if (items.empty()) return Invalid(place + ": \"quick\": false leaves nothing of it");
  return items;
}

Result<ExperimentFile> ReadVariant(const Source& source, const Json& json, bool quick) {
  StrictObject in(json, source.path);
  const Json* controllers = in.RequiredList("controllers");
  const Json* experiments = in.RequiredList("experiments");
  in.Text("description");
  BEEFLOW_RETURN_IF_ERROR(in.Finish());
  ExperimentFile file;
  BEEFLOW_ASSIGN_OR_RETURN(
      file.controllers,
      ReadItems(source, *controllers, in.PlaceOf("controllers"), quick, ReadController));
  BEEFLOW_ASSIGN_OR_RETURN(
      file.experiments,
      ReadItems(source, *experiments, in.PlaceOf("experiments"), quick, ReadExperiment));
  return file;
}

// "file.json:3:17: not valid JSON: ..."
Error NotJson(const std::string& path, const std::string& message) {
  constexpr std::string_view kLine = "at line ";
  constexpr std::string_view kColumn = ", column ";
  const size_t line = message.find(kLine);
  const size_t column = message.find(kColumn, line);
  const size_t colon = message.find(": ", column);
  if (line == std::string::npos || column == std::string::npos || colon == std::string::npos) {
    return Invalid(path + ": " + message);
  }
  const size_t line_begin = line + kLine.size();
  const size_t column_begin = column + kColumn.size();
  return Invalid(fmt::format(
      "{}:{}:{}: not valid JSON: {}", path, message.substr(line_begin, column - line_begin),
      message.substr(column_begin, colon - column_begin), message.substr(colon + 2)));
}

bool HasQuick(const Json& json) {
  for (const char* list : {"controllers", "experiments"}) {
    for (const Json& item : json[list]) {
      if (item.contains("quick")) return true;
    }
  }
  return false;
}

}  // namespace

std::string_view ToString(ControllerType type) {
  switch (type) {
    case ControllerType::kServerless:
      return "serverless";
    case ControllerType::kMwaa:
      return "mwaa";
    case ControllerType::kAirflow:
      return "airflow";
  }
  return "";
}

std::string_view ToString(StartKind start) { return start == StartKind::kCold ? "cold" : "warm"; }

std::string SystemName(const Controller& controller, const Experiment& experiment) {
  return controller.id + "_" + experiment.id;
}

Result<ExperimentFile> ParseExperiments(std::string_view text, const std::string& path,
                                        bool quick) {
  const auto json = ParseJson(text);
  if (!json.ok()) return NotJson(path, json.error().message);
  const size_t slash = path.rfind('/');
  const Source source{path, slash == std::string::npos ? "" : path.substr(0, slash + 1)};
  // Both variants are checked, whichever is asked for.
  BEEFLOW_ASSIGN_OR_RETURN(ExperimentFile full, ReadVariant(source, *json, false));
  BEEFLOW_ASSIGN_OR_RETURN(ExperimentFile fast, ReadVariant(source, *json, true));
  if (!quick) return full;
  if (HasQuick(*json)) return fast;
  return Invalid(path + ": has no quick variant: nothing in it has a member \"quick\"");
}

Result<ExperimentFile> ReadExperiments(const std::string& path, bool quick) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) {
    return NotFound(path + ": there is no such file");
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) return Unavailable(path + ": cannot be read");
  BEEFLOW_ASSIGN_OR_RETURN(ExperimentFile file, ParseExperiments(text, path, quick));
  for (const Experiment& experiment : file.experiments) {
    if (std::filesystem::exists(experiment.dags_path, failed)) continue;
    return NotFound(
        fmt::format("{}: experiment '{}': dags_local_path: there is no file or folder {}", path,
                    experiment.id, experiment.dags_path));
  }
  return file;
}

}  // namespace beeflow
