#include "lab/filtered_export.h"

#include <algorithm>
#include <optional>

namespace beeflow {
namespace {

std::optional<size_t> ColumnOf(const ExportSource::Row& header, const std::string& name) {
  const auto it = std::find(header.begin(), header.end(), name);
  if (it == header.end()) return std::nullopt;
  return static_cast<size_t>(it - header.begin());
}

}  // namespace

FilteredExport::FilteredExport(std::unique_ptr<ExportSource> source,
                               const std::vector<RunRecord>& runs)
    : source_(std::move(source)) {
  for (const RunRecord& run : runs) {
    runs_.emplace(run.key.dag_id, run.key.run_id);
    dag_ids_.insert(run.key.dag_id);
  }
}

Status FilteredExport::Export(const std::string& table,
                              const std::function<Status(const Row&)>& visit) {
  std::optional<size_t> dag_id;
  std::optional<size_t> run_id;
  bool is_header = true;
  return source_->Export(table, [&](const Row& row) -> Status {
    if (std::exchange(is_header, false)) {
      dag_id = ColumnOf(row, "dag_id");
      run_id = ColumnOf(row, "run_id");
      return visit(row);
    }
    const std::string dag = dag_id ? row[*dag_id].value_or("") : "";
    const bool wanted = run_id ? runs_.contains({dag, row[*run_id].value_or("")})
                               : !dag_id || dag_ids_.contains(dag);
    return wanted ? visit(row) : Ok();
  });
}

}  // namespace beeflow
