// A provider package that DAG files can use.
#pragma once

#include <string>

namespace beeflow {

struct ProviderInfo {
  std::string package_name;  // "apache-airflow-providers-http"
  std::string description;
  std::string version;
};

}  // namespace beeflow
