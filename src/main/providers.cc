#include "main/providers.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

namespace beeflow {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNamePrefix = "apache-airflow-providers-";
constexpr const char* kOwn[] = {"cncf-kubernetes", "common-sql", "docker", "http", "smtp",
                                "sqlite",          "standard"};

// The folders of `prefix` that have installed packages, on Debian and elsewhere.
std::vector<fs::path> PackageFolders(const fs::path& prefix) {
  std::vector<fs::path> folders;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(prefix / "lib", failed)) {
    if (!entry.path().filename().string().starts_with("python3")) continue;
    for (const char* name : {"site-packages", "dist-packages"}) {
      const fs::path folder = entry.path() / name;
      if (fs::is_directory(folder, failed)) folders.push_back(folder);
    }
  }
  return folders;
}

// The headers Name, Version and Summary of a package's METADATA.
ProviderInfo ReadMetadata(const fs::path& path) {
  ProviderInfo provider;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line) && !line.empty()) {
    const size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string_view name = std::string_view(line).substr(0, colon);
    const std::string value = line.substr(colon + 2);
    if (name == "Name") provider.package_name = value;
    if (name == "Version") provider.version = value;
    if (name == "Summary") provider.description = value;
  }
  return provider;
}

}  // namespace

Result<std::vector<ProviderInfo>> ListProviders(const Config& config) {
  std::map<std::string, ProviderInfo> by_name;
  for (const char* name : kOwn) {
    const std::string package = std::string(kNamePrefix) + name;
    by_name[package] = {package, "The part of it that comes with Beeflow", BEEFLOW_VERSION};
  }
  const fs::path prefix = fs::path(config.Text("worker", "python")).parent_path().parent_path();
  std::vector<fs::path> folders = PackageFolders(prefix);
  if (prefix == "/usr") {
    for (fs::path& folder : PackageFolders("/usr/local")) folders.push_back(std::move(folder));
  }
  for (const fs::path& folder : folders) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
      if (!entry.path().filename().string().starts_with("apache_airflow_providers_")) continue;
      ProviderInfo provider = ReadMetadata(entry.path() / "METADATA");
      if (provider.package_name.starts_with(kNamePrefix)) {
        by_name[provider.package_name] = std::move(provider);
      }
    }
  }
  std::vector<ProviderInfo> providers;
  for (auto& [name, provider] : by_name) providers.push_back(std::move(provider));
  return providers;
}

}  // namespace beeflow
