#include "blob/aws_settings.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <vector>

#include "config/ini_file.h"

namespace beeflow {
namespace {

using Variables = std::map<std::string, std::string>;

std::string Find(const Variables& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? "" : found->second;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The file that `variable` names, else `fallback` in the home folder.
std::string FilePath(const Variables& variables, const std::string& variable,
                     const std::string& fallback) {
  const std::string home = Find(variables, "HOME");
  const std::string named = Find(variables, variable);
  if (named.rfind("~/", 0) == 0) return home + named.substr(1);
  return named.empty() ? home + fallback : named;
}

// A section of one of the two files.
struct Profile {
  std::string file;
  bool found = false;
  Variables values;
};

// A file that is missing has no profiles.
Result<Profile> ReadProfile(const std::string& file, const std::vector<std::string>& sections) {
  Profile profile{file, false, {}};
  std::ifstream input(file, std::ios::binary);
  if (!input) return profile;
  std::ostringstream text;
  text << input.rdbuf();
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<IniEntry> entries, ParseIni(text.str(), file));
  for (const IniEntry& entry : entries) {
    if (std::find(sections.begin(), sections.end(), entry.section) == sections.end()) continue;
    profile.found = true;
    profile.values[entry.key] = entry.value;
  }
  return profile;
}

// The profile's two sections, and its name.
struct Profiles {
  std::string name;
  Profile credentials;
  Profile config;

  std::string Find(const std::string& key) const {
    const std::string value = beeflow::Find(config.values, key);
    return value.empty() ? beeflow::Find(credentials.values, key) : value;
  }
};

Result<Profiles> ReadProfiles(const Variables& variables) {
  Profiles profiles;
  std::string named = Find(variables, "AWS_PROFILE");
  if (named.empty()) named = Find(variables, "AWS_DEFAULT_PROFILE");
  profiles.name = named.empty() ? "default" : named;
  const std::string section = Lower(profiles.name);
  BEEFLOW_ASSIGN_OR_RETURN(
      profiles.credentials,
      ReadProfile(FilePath(variables, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"),
                  {section}));
  std::vector<std::string> sections = {"profile " + section};
  if (section == "default") sections.push_back(section);
  BEEFLOW_ASSIGN_OR_RETURN(
      profiles.config,
      ReadProfile(FilePath(variables, "AWS_CONFIG_FILE", "/.aws/config"), sections));
  if (!named.empty() && !profiles.credentials.found && !profiles.config.found) {
    return Invalid("AWS_PROFILE is '" + named + "', but neither " + profiles.credentials.file +
                   " nor " + profiles.config.file + " has a profile of that name");
  }
  return profiles;
}

Error NoCredentials(const Profiles& profiles) {
  for (const char* key : {"role_arn", "sso_session", "sso_start_url", "credential_process"}) {
    if (profiles.Find(key).empty()) continue;
    return Invalid("profile '" + profiles.name + "' of " + profiles.config.file + " gets its " +
                   "credentials by " + key + ", which is not supported; set AWS_ACCESS_KEY_ID, " +
                   "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN from what 'aws configure " +
                   "export-credentials --profile " + profiles.name + "' prints");
  }
  return Invalid(
      "there are no credentials for S3: set AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY, or put them into profile '" +
      profiles.name + "' of " + profiles.credentials.file);
}

// True where the section had credentials.
Result<bool> TakeFromProfile(const std::string& name, const Profile& profile,
                             AwsSettings* settings) {
  settings->access_key_id = Find(profile.values, "aws_access_key_id");
  settings->secret_access_key = Find(profile.values, "aws_secret_access_key");
  settings->session_token = Find(profile.values, "aws_session_token");
  settings->credentials_source = "profile '" + name + "' of " + profile.file;
  if (settings->access_key_id.empty() == settings->secret_access_key.empty()) {
    return !settings->access_key_id.empty();
  }
  return Invalid(settings->credentials_source + " has only one of aws_access_key_id and " +
                 "aws_secret_access_key; add the other");
}

Status ReadCredentials(const Variables& variables, const Profiles& profiles,
                       AwsSettings* settings) {
  settings->access_key_id = Find(variables, "AWS_ACCESS_KEY_ID");
  settings->secret_access_key = Find(variables, "AWS_SECRET_ACCESS_KEY");
  settings->session_token = Find(variables, "AWS_SESSION_TOKEN");
  settings->credentials_source = "AWS_ACCESS_KEY_ID";
  if (settings->access_key_id.empty() != settings->secret_access_key.empty()) {
    return Invalid("only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set; set the other");
  }
  if (!settings->access_key_id.empty()) return Ok();
  for (const Profile* profile : {&profiles.credentials, &profiles.config}) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool taken, TakeFromProfile(profiles.name, *profile, settings));
    if (taken) return Ok();
  }
  return NoCredentials(profiles);
}

void ReadRegion(const Variables& variables, const Profiles& profiles, AwsSettings* settings) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    settings->region = Find(variables, name);
    settings->region_source = name;
    if (!settings->region.empty()) return;
  }
  settings->region = profiles.Find("region");
  settings->region_source = "profile '" + profiles.name + "'";
  if (!settings->region.empty()) return;
  settings->region = "us-east-1";
  settings->region_source = "no AWS_REGION";
}

}  // namespace

Result<AwsSettings> ReadAwsSettings(const Variables& variables) {
  BEEFLOW_ASSIGN_OR_RETURN(const Profiles profiles, ReadProfiles(variables));
  AwsSettings settings;
  BEEFLOW_RETURN_IF_ERROR(ReadCredentials(variables, profiles, &settings));
  ReadRegion(variables, profiles, &settings);
  settings.endpoint_url = Find(variables, "AWS_ENDPOINT_URL_S3");
  if (settings.endpoint_url.empty()) settings.endpoint_url = Find(variables, "AWS_ENDPOINT_URL");
  if (settings.endpoint_url.empty()) settings.endpoint_url = profiles.Find("endpoint_url");
  settings.ca_bundle = Find(variables, "AWS_CA_BUNDLE");
  if (settings.ca_bundle.empty()) settings.ca_bundle = profiles.Find("ca_bundle");
  return settings;
}

}  // namespace beeflow
