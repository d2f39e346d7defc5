// Search over the names in the database.
#include <algorithm>
#include <string_view>
#include <utility>

#include "store/sql/for_each_row.h"
#include "store/sql/list_query.h"
#include "store/sql/overview_queries.h"
#include "store/sql/sql_overview.h"

namespace beeflow {
namespace {

using sql::Statement;

// Tasks as the DAGs define them now. The text is looked for in the whole version first, which is
// quicker than to take it apart.
constexpr std::string_view kSearchTasks =
    "SELECT json_extract(t.value, '$.task_id') AS task_id, s.dag_id,"
    " json_extract(t.value, '$.operator')"
    " FROM dag d JOIN serialized_dag s ON s.dag_id = d.dag_id AND s.is_latest,"
    " json_each(s.data, '$.tasks') t WHERE d.is_active AND lower(s.data) LIKE $1 ESCAPE '\\'"
    " AND lower(json_extract(t.value, '$.task_id')) LIKE $1 ESCAPE '\\'";

std::string Pattern(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

// 0: the name is the text; 1: it begins so; 2: it holds it; 3: something else about it does.
int Rank(const std::string& name, const std::string& lower_text) {
  const size_t at = sql::LowerAscii(name).find(lower_text);
  if (at == std::string::npos) return 3;
  if (at > 0) return 2;
  return name.size() == lower_text.size() ? 0 : 1;
}

}  // namespace

Result<std::vector<Found>> SqlOverview::Search(const SearchQuery& query) {
  struct Kind {
    FoundKind kind;
    std::string_view sql;
    bool wanted;
  };
  const Kind kinds[] = {{FoundKind::kDag, sql::kSearchDags, true},
                        {FoundKind::kTask, kSearchTasks, query.tasks},
                        {FoundKind::kRun, sql::kSearchRuns, query.runs},
                        {FoundKind::kPool, sql::kSearchPools, query.pools},
                        {FoundKind::kVariable, sql::kSearchVariables, query.variables},
                        {FoundKind::kConnection, sql::kSearchConnections, query.connections},
                        {FoundKind::kDataset, sql::kSearchDatasets, query.datasets}};
  BEEFLOW_ASSIGN_OR_RETURN(auto view, sql::TransactionScope::Read(database_.get()));
  const std::string pattern = Pattern(sql::LowerAscii(query.text));
  std::vector<Found> found;
  for (const auto& [kind, sql, wanted] : kinds) {
    if (!wanted) continue;
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql, pattern));
    for (size_t accepted = 0; accepted < query.results_max;) {
      BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
      if (!row) break;
      std::string dag_id = rows.String(1);
      if (!dag_id.empty() && !query.may_see_dag(dag_id)) continue;
      found.push_back({kind, rows.String(0), std::move(dag_id), rows.String(2)});
      ++accepted;
    }
  }
  const std::string lower = sql::LowerAscii(query.text);
  std::stable_sort(found.begin(), found.end(), [&](const Found& a, const Found& b) {
    return Rank(a.name, lower) < Rank(b.name, lower);
  });
  if (found.size() > query.results_max) found.resize(query.results_max);
  return found;
}

}  // namespace beeflow
