// Experiments as a file tells them: which systems run which DAGs, how often and from which state.
// docs/lab.md describes the format. Reading is strict: what is not understood is an error that
// names the file and the place in it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace beeflow {

enum class ControllerType {
  kServerless,  // Beeflow itself
  kMwaa,        // the pool executor, a model of managed Airflow
  kAirflow,     // any Airflow 2.x, through its REST API
};
std::string_view ToString(ControllerType type);

// Section and key of a setting to its value.
using LabSettings = std::map<std::pair<std::string, std::string>, std::string>;

struct PoolModel {
  int min_workers = 1;
  int max_workers = 25;
  int tasks_per_worker = 5;
  double time_scale = 1;
};

// How an Airflow is reached. A secret is either the text itself or the name of the environment
// variable that has it (`..._env` in the file).
struct Secret {
  std::string text;
  std::string variable;
  bool given() const { return !text.empty() || !variable.empty(); }
};

struct AirflowTarget {
  std::string base_url;  // "https://host:8080/path", without /api/v1
  std::string user;      // basic authentication, with password
  Secret password;
  Secret token;              // bearer
  Secret mwaa_web_token;     // of `aws mwaa create-web-login-token`
  std::string ca_file;       // certificates to trust besides those of the system; "": none
  std::string publish_to;    // a folder or s3://bucket/prefix; "": the DAG files are there already
  std::string endpoint_url;  // of S3; "": Amazon's
  Duration poll_interval = std::chrono::seconds(2);
};

// One system, configured.
struct Controller {
  ControllerType type = ControllerType::kServerless;
  std::string id;
  std::string export_to;    // a folder or s3://bucket/prefix; "": nothing is said
  Duration dags_timeout{};  // how long published DAGs may take to exist
  LabSettings settings;     // kServerless, kMwaa
  PoolModel pool_model;     // kMwaa
  AirflowTarget airflow;    // kAirflow
  Json definition;          // as the file says it, for the record; without secrets
};

enum class StartKind {
  kWarm,  // one run that is not recorded comes first
  kCold,  // every environment ends between runs
};
std::string_view ToString(StartKind start);

struct Experiment {
  std::string id;
  std::string dags_path;  // a file or a folder
  std::vector<std::string> dag_ids;
  // With a period, that many runs of each DAG are triggered; without, they come by its schedule.
  std::optional<int> runs;
  std::optional<Duration> period;           // from the start of a run to that of the next, at least
  std::optional<Duration> collection_time;  // no longer than that; at least one of this and runs
  StartKind start = StartKind::kWarm;
  int pool_slots = 1024;  // of default_pool
  LabSettings settings;   // on top of the controller's
  Json definition;
};

struct ExperimentFile {
  std::vector<Controller> controllers;  // at least one; ids are unique
  std::vector<Experiment> experiments;  // at least one; ids are unique
};

// `path` names the file in messages; relative paths in it are relative to its folder. With `quick`
// each controller and experiment is changed by its member "quick", if it has one; experiments with
// "quick": false are left out.
Result<ExperimentFile> ParseExperiments(std::string_view text, const std::string& path, bool quick);

// What is read from a file, besides: kNotFound where it does not exist, or where the DAG files of
// an experiment do not.
Result<ExperimentFile> ReadExperiments(const std::string& path, bool quick);

// "<controller_id>_<experiment_id>": the folder of an export.
std::string SystemName(const Controller& controller, const Experiment& experiment);

}  // namespace beeflow
