// importErrors and dagWarnings: what is wrong with DAG files and DAGs
#include <map>

#include "api/api_context.h"
#include "api/json_shapes.h"
#include "api/list_reader.h"

namespace beeflow {
namespace {

constexpr const char* kRedacted =
    "not shown: you may not read all DAGs of this file, and its import may print parts of them";

// Whoever may read all DAGs sees all; others the errors of files that define a DAG of theirs, and
// the traceback only where they may read all that the file defines.
Result<std::vector<ImportErrorInfo>> ReadableErrors(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Catalog * catalog, call.catalog());
  BEEFLOW_ASSIGN_OR_RETURN(auto errors, catalog->ImportErrors());
  if (call.who().Can(Action::kRead, resource::kDag)) return errors;
  std::map<std::string, std::pair<bool, bool>> files;  // whether some and all can be read
  BEEFLOW_ASSIGN_OR_RETURN(const auto dags, catalog->Dags(false));
  for (const DagInfo& dag : dags) {
    const bool can = call.who().CanOnDag(Action::kRead, dag.record.dag_id);
    auto& [some, all] = files.try_emplace(dag.record.file, false, true).first->second;
    some = some || can;
    all = all && can;
  }
  std::erase_if(errors, [&](const ImportErrorInfo& error) {
    const auto it = files.find(error.file);
    return it == files.end() || !it->second.first;
  });
  for (ImportErrorInfo& error : errors) {
    if (!files[error.file].second) error.stacktrace = kRedacted;
  }
  return errors;
}

Result<Json> ListImportErrors(ApiCall& call) {
  QueryReader query(call.request());
  BEEFLOW_ASSIGN_OR_RETURN(const ListRange range,
                           ReadListRange(&query, {{"import_error_id", "id"},
                                                  {"timestamp", "timestamp"},
                                                  {"filename", "filename"},
                                                  {"stacktrace", "stacktrace"}}));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(auto errors, ReadableErrors(call));
  SortList(&errors, range, [&](const ImportErrorInfo& a, const ImportErrorInfo& b) {
    if (range.order_by == "timestamp") return a.timestamp < b.timestamp;
    if (range.order_by == "filename") return a.file < b.file;
    if (range.order_by == "stacktrace") return a.stacktrace < b.stacktrace;
    return a.id < b.id;
  });
  Json list = Json::array();
  for (const ImportErrorInfo& error : Page(errors, range.offset, range.limit)) {
    list.push_back(ToJson(error));
  }
  return Collection("import_errors", list, static_cast<int64_t>(errors.size()));
}

Result<Json> GetImportError(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto errors, ReadableErrors(call));
  for (const ImportErrorInfo& error : errors) {
    if (std::to_string(error.id) == call.Field("import_error_id")) return ToJson(error);
  }
  return NotFound("there is no import error " + call.Field("import_error_id"));
}

struct DagWarning {
  std::string dag_id;
  std::string pools;
  Time since{};
};

constexpr const char* kMissingPoolWarning = "non-existent pool";  // Airflow's only kind

Json WarningToJson(const DagWarning& warning) {
  return {{"dag_id", warning.dag_id},
          {"warning_type", kMissingPoolWarning},
          {"message",
           "Dag '" + warning.dag_id + "' references non-existent pools: [" + warning.pools + "]"},
          {"timestamp", FormatIso(warning.since)}};
}

Result<std::vector<DagWarning>> ReadableWarnings(ApiCall& call) {
  BEEFLOW_ASSIGN_OR_RETURN(Inventory * inventory, call.inventory());
  BEEFLOW_ASSIGN_OR_RETURN(const auto missing, inventory->MissingPools());
  std::vector<DagWarning> warnings;
  for (const MissingPool& pool : missing) {
    if (!call.who().CanOnDag(Action::kRead, pool.dag_id)) continue;
    if (warnings.empty() || warnings.back().dag_id != pool.dag_id) {
      warnings.push_back({pool.dag_id, "", pool.since});
    }
    std::string& pools = warnings.back().pools;
    pools += (pools.empty() ? "'" : ", '") + pool.pool + "'";
  }
  return warnings;
}

Result<Json> ListWarnings(ApiCall& call) {
  QueryReader query(call.request());
  const auto dag_id = query.Text("dag_id");
  const auto type = query.Text("warning_type");
  BEEFLOW_ASSIGN_OR_RETURN(const ListRange range,
                           ReadListRange(&query, {{"dag_id", "dag_id"},
                                                  {"warning_type", "warning_type"},
                                                  {"message", "message"},
                                                  {"timestamp", "timestamp"}}));
  BEEFLOW_RETURN_IF_ERROR(query.Finish());
  BEEFLOW_ASSIGN_OR_RETURN(auto warnings, ReadableWarnings(call));
  std::erase_if(warnings, [&](const DagWarning& warning) {
    return (dag_id && *dag_id != warning.dag_id) || (type && *type != kMissingPoolWarning);
  });
  SortList(&warnings, range, [&](const DagWarning& a, const DagWarning& b) {
    return range.order_by == "timestamp" ? a.since < b.since : a.dag_id < b.dag_id;
  });
  Json list = Json::array();
  for (const DagWarning& warning : Page(warnings, range.offset, range.limit)) {
    list.push_back(WarningToJson(warning));
  }
  return Collection("dag_warnings", list, static_cast<int64_t>(warnings.size()));
}

}  // namespace

void AddErrorRoutes(ApiRoutes* routes) {
  const std::vector<Permission> errors = {{Action::kRead, resource::kImportError}};
  routes->AddJson({"GET", "/api/v1/importErrors", "get_import_errors", "List import errors", errors,
                   WithOrder({}), "", "ImportErrorCollection"},
                  ListImportErrors);
  routes->AddJson({"GET",
                   "/api/v1/importErrors/{import_error_id}",
                   "get_import_error",
                   "An import error",
                   errors,
                   {},
                   "",
                   "ImportError"},
                  GetImportError);
  routes->AddJson({"GET",
                   "/api/v1/dagWarnings",
                   "get_dag_warnings",
                   "List what is wrong with DAGs",
                   {{Action::kRead, resource::kDag}, {Action::kRead, resource::kDagWarning}},
                   WithOrder({{"dag_id", ParameterType::kText, "Only of this DAG."},
                              {"warning_type", ParameterType::kText, "Only of this kind."}}),
                   "",
                   "DagWarningCollection"},
                  ListWarnings);
}

}  // namespace beeflow
