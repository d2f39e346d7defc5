// config: the settings, where [webserver] expose_config allows it; secrets stay hidden
#include "api/api_context.h"
#include "api/query_reader.h"

namespace beeflow {
namespace {

struct Option {
  std::string section, key, value;
};

std::vector<Option> OptionsOf(const Config& config) {
  std::vector<Option> options;
  for (const EffectiveSetting& effective : config.settings()) {
    const bool is_secret = effective.setting->type == SettingType::kSecret;
    options.push_back({effective.section, std::string(effective.setting->key),
                       is_secret ? "< hidden >" : effective.value});
  }
  return options;
}

Json InJson(const std::vector<Option>& options) {
  Json sections = Json::array();
  for (const Option& option : options) {
    if (sections.empty() || sections.back()["name"] != option.section) {
      sections.push_back({{"name", option.section}, {"options", Json::array()}});
    }
    sections.back()["options"].push_back({{"key", option.key}, {"value", option.value}});
  }
  return {{"sections", sections}};
}

std::string InText(const std::vector<Option>& options) {
  std::string text;
  std::string section;
  for (const Option& option : options) {
    if (option.section != section) {
      text += (text.empty() ? "[" : "\n[") + option.section + "]\n";
      section = option.section;
    }
    text += option.key + " = " + option.value + "\n";
  }
  return text;
}

std::optional<HttpResponse> Refusal(const ApiCall& call) {
  const EffectiveSetting* exposed =
      call.context().options().config.Find("webserver", "expose_config");
  if (exposed && exposed->value != "False") return std::nullopt;
  return ProblemResponse(403, "Forbidden",
                         "FORBIDDEN: the settings are not shown; whoever runs the server can show "
                         "them with [webserver] expose_config = True");
}

// In the form that the request accepts; JSON where it accepts both.
HttpResponse Answer(const ApiCall& call, const std::vector<Option>& options) {
  const std::string& accepted = call.request().Header("accept");
  const auto accepts = [&](const char* type) { return accepted.find(type) != std::string::npos; };
  if (accepted.empty() || accepts("application/json") || accepts("*/*")) {
    return JsonResponse(InJson(options));
  }
  if (accepts("text/plain")) return {200, "text/plain; charset=utf-8", InText(options)};
  return ProblemResponse(406, "Not Acceptable",
                         "the settings come as application/json or text/plain");
}

HttpResponse GetConfig(ApiCall& call) {
  if (auto refused = Refusal(call)) return *refused;
  std::vector<Option> options = OptionsOf(call.context().options().config);
  if (const auto section = call.request().Query("section")) {
    std::erase_if(options, [&](const Option& option) { return option.section != *section; });
    if (options.empty()) return ErrorResponse(NotFound("there is no section [" + *section + "]"));
  }
  return Answer(call, options);
}

HttpResponse GetValue(ApiCall& call) {
  if (auto refused = Refusal(call)) return *refused;
  std::vector<Option> options = OptionsOf(call.context().options().config);
  const std::string& section = call.Field("section");
  const std::string& key = call.Field("option");
  std::erase_if(options, [&](const Option& option) {
    return option.section != section || option.key != key;
  });
  if (options.empty()) return ErrorResponse(NotFound(UnknownSetting(section, key).message));
  return Answer(call, options);
}

}  // namespace

void AddConfigRoutes(ApiRoutes* routes) {
  const std::vector<Permission> read = {{Action::kRead, resource::kConfig}};
  routes->Add({"GET",
               "/api/v1/config",
               "get_config",
               "The settings",
               read,
               {{"section", ParameterType::kText, "Only this section."}},
               "",
               "Config"},
              GetConfig);
  routes->Add({"GET",
               "/api/v1/config/section/{section}/option/{option}",
               "get_value",
               "A setting",
               read,
               {},
               "",
               "Config"},
              GetValue);
}

}  // namespace beeflow
