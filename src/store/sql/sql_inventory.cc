#include "store/sql/sql_inventory.h"

#include <utility>

#include "store/sql/for_each_row.h"
#include "store/sql/inventory_queries.h"
#include "store/sql/list_query.h"
#include "store/sql/rows.h"

namespace beeflow {
namespace {

using sql::ListQuery;
using sql::OptionalText;
using sql::Statement;
using sql::TransactionScope;

// What stands in for an alias among the datasets that a DAG waits for.
constexpr const char* kAliasPrefix = "alias:";

constexpr ListQuery::Column kDatasetOrders[] = {{"id", "d.id"},
                                                {"uri", "d.uri"},
                                                {"created_at", "d.created_at"},
                                                {"updated_at", "d.updated_at"}};
constexpr ListQuery::Column kEventOrders[] = {{"id", "e.id"},
                                              {"timestamp", "e.timestamp"},
                                              {"dataset_id", "e.dataset_id"},
                                              {"source_dag_id", "e.source_dag_id"},
                                              {"source_task_id", "e.source_task_id"},
                                              {"source_run_id", "e.source_run_id"},
                                              {"source_map_index", "e.source_map_index"}};
constexpr ListQuery::Column kAuditOrders[] = {
    {"id", "l.id"},         {"dttm", "l.dttm"},       {"execution_date", "l.execution_date"},
    {"dag_id", "l.dag_id"}, {"task_id", "l.task_id"}, {"run_id", "l.run_id"},
    {"event", "l.event"},   {"owner", "l.owner"},     {"extra", "l.extra"}};

// All rows, each read by `read`, which gives a Result of what it makes of a row.
template <typename Read>
auto ReadAll(Result<Statement> rows, const Read& read)
    -> Result<std::vector<std::decay_t<decltype(*read(*rows))>>> {
  if (!rows.ok()) return rows.error();
  std::vector<std::decay_t<decltype(*read(*rows))>> all;
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows->Step());
    if (!row) return all;
    BEEFLOW_ASSIGN_OR_RETURN(auto entry, read(*rows));
    all.push_back(std::move(entry));
  }
}

template <typename T, typename Read>
Result<ListPart<T>> ReadPart(sql::Database* database, const ListQuery& query, const Read& read) {
  ListPart<T> part;
  BEEFLOW_ASSIGN_OR_RETURN(part.entries, ReadAll(query.Run(database), read));
  BEEFLOW_ASSIGN_OR_RETURN(part.total, query.Count(database));
  return part;
}

Result<DatasetInfo> ReadDataset(const Statement& row) {
  DatasetInfo dataset;
  dataset.id = row.Integer(0);
  dataset.uri = row.String(1);
  dataset.extra = row.String(2);
  dataset.created_at = row.OptionalTime(3).value_or(Time{});
  dataset.updated_at = row.OptionalTime(4).value_or(Time{});
  return dataset;
}

Result<DatasetReference> ReadReference(const Statement& row) {
  return DatasetReference{row.String(0), row.String(1), row.OptionalTime(2).value_or(Time{}),
                          row.OptionalTime(3).value_or(Time{})};
}

Result<RecordedDatasetEvent> ReadEvent(const Statement& row) {
  RecordedDatasetEvent event;
  event.id = row.Integer(0);
  event.dataset_id = row.Integer(1);
  event.uri = row.String(2);
  event.extra = row.String(3);
  event.timestamp = row.OptionalTime(4).value_or(Time{});
  event.source_dag_id = OptionalText(row, 5);
  event.source_task_id = OptionalText(row, 6);
  event.source_run_id = OptionalText(row, 7);
  event.source_map_index = row.IsNull(8) ? -1 : static_cast<int>(row.Integer(8));
  return event;
}

Result<QueuedDatasetEvent> ReadQueued(const Statement& row) {
  return QueuedDatasetEvent{row.String(0), row.String(1), row.OptionalTime(2).value_or(Time{})};
}

Result<AuditLine> ReadAuditLine(const Statement& row) {
  AuditLine line;
  line.entry = {row.Integer(0), row.OptionalTime(1).value_or(Time{}),
                row.String(2),  row.String(3),
                row.String(4),  row.String(5),
                row.String(6),  row.String(7)};
  if (!row.IsNull(8)) line.map_index = row.Integer(8);
  return line;
}

Error NoDataset(const std::string& uri) {
  return NotFound("there is no dataset '" + uri + "'; no DAG names it");
}

}  // namespace

Status SqlInventory::LoadReferences(DatasetInfo* dataset) {
  BEEFLOW_ASSIGN_OR_RETURN(
      dataset->consuming_dags,
      ReadAll(database_->Query(sql::kDatasetConsumers, dataset->id), ReadReference));
  BEEFLOW_ASSIGN_OR_RETURN(
      dataset->producing_tasks,
      ReadAll(database_->Query(sql::kDatasetProducers, dataset->id), ReadReference));
  return Ok();
}

Result<ListPart<DatasetInfo>> SqlInventory::Datasets(const DatasetFilter& filter) {
  ListQuery query(sql::kDatasets);
  query.Where("substr(d.uri, 1, 6) <>", kAliasPrefix);
  if (filter.uri_part)
    query.Where("lower(d.uri) LIKE", "%" + sql::LowerAscii(*filter.uri_part) + "%");
  if (!filter.dag_ids.empty()) {
    query.WhereIn(
        "d.id IN (SELECT dataset_id FROM (SELECT dataset_id, dag_id"
        " FROM dag_schedule_dataset_reference UNION ALL SELECT dataset_id, dag_id"
        " FROM task_outlet_dataset_reference) used WHERE used.dag_id IN",
        filter.dag_ids, ")");
  }
  BEEFLOW_RETURN_IF_ERROR(query.Order(filter.range, kDatasetOrders, "d.id"));
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(auto part, ReadPart<DatasetInfo>(database_.get(), query, ReadDataset));
  for (DatasetInfo& dataset : part.entries) BEEFLOW_RETURN_IF_ERROR(LoadReferences(&dataset));
  return part;
}

Result<DatasetInfo> SqlInventory::Dataset(const std::string& uri) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(auto found, ReadAll(database_->Query(sql::kDataset, uri), ReadDataset));
  if (found.empty()) return NoDataset(uri);
  BEEFLOW_RETURN_IF_ERROR(LoadReferences(&found[0]));
  return std::move(found[0]);
}

Status SqlInventory::LoadCreatedRuns(RecordedDatasetEvent* event) {
  BEEFLOW_ASSIGN_OR_RETURN(event->created_runs,
                           ReadAll(database_->Query(sql::kRunsOfEvent, event->id),
                                   [](const Statement& row) { return sql::ReadRun(row); }));
  return Ok();
}

Result<ListPart<RecordedDatasetEvent>> SqlInventory::DatasetEvents(
    const DatasetEventFilter& filter) {
  ListQuery query(sql::kRecordedEvents);
  query.WhereIf("e.dataset_id =", filter.dataset_id);
  query.WhereIf("e.source_dag_id =", filter.source_dag_id);
  query.WhereIf("e.source_task_id =", filter.source_task_id);
  query.WhereIf("e.source_run_id =", filter.source_run_id);
  query.WhereIf("e.source_map_index =", filter.source_map_index);
  BEEFLOW_RETURN_IF_ERROR(query.Order(filter.range, kEventOrders, "e.id"));
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  BEEFLOW_ASSIGN_OR_RETURN(auto part,
                           ReadPart<RecordedDatasetEvent>(database_.get(), query, ReadEvent));
  for (RecordedDatasetEvent& event : part.entries) BEEFLOW_RETURN_IF_ERROR(LoadCreatedRuns(&event));
  return part;
}

Result<RecordedDatasetEvent> SqlInventory::AddDatasetEvent(const std::string& uri,
                                                           const std::string& extra, Time when) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_.get()));
  RecordedDatasetEvent event;
  {
    BEEFLOW_ASSIGN_OR_RETURN(const auto found,
                             ReadAll(database_->Query(sql::kDataset, uri), ReadDataset));
    if (found.empty() || uri.starts_with(kAliasPrefix)) return NoDataset(uri);
    event.dataset_id = found[0].id;
    BEEFLOW_ASSIGN_OR_RETURN(
        Statement added, database_->Query(sql::kAddDatasetEvent, extra, std::nullopt, std::nullopt,
                                          std::nullopt, -1, when, uri));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, added.Step());
    BEEFLOW_CHECK(row);
    event.id = added.Integer(0);
  }
  BEEFLOW_RETURN_IF_ERROR(database_->Send(sql::kQueueDatasetRuns, when, uri));
  BEEFLOW_RETURN_IF_ERROR(scope.Commit());
  event.uri = uri;
  event.extra = extra;
  event.timestamp = when;
  return event;
}

Result<std::vector<QueuedDatasetEvent>> SqlInventory::QueuedEvents(
    const QueuedEventFilter& filter) {
  ListQuery query(sql::kQueuedEvents);
  query.WhereIf("q.target_dag_id =", filter.dag_id);
  query.WhereIf("d.uri =", filter.uri);
  query.WhereIf("q.created_at <", filter.before);
  query.OrderBy("q.target_dag_id, d.uri");
  return ReadAll(query.Run(database_.get()), ReadQueued);
}

Result<int64_t> SqlInventory::DeleteQueuedEvents(const std::vector<QueuedDatasetEvent>& events) {
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_.get()));
  int64_t deleted = 0;
  for (const QueuedDatasetEvent& event : events) {
    BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows,
                             database_->Execute(sql::kDeleteQueuedEvent, event.dag_id, event.uri));
    deleted += rows;
  }
  BEEFLOW_RETURN_IF_ERROR(scope.Commit());
  return deleted;
}

Result<ListPart<AuditLine>> SqlInventory::AuditLog(const AuditFilter& filter) {
  ListQuery query(sql::kAuditLines);
  query.WhereIf("l.dag_id =", filter.dag_id);
  query.WhereIf("l.task_id =", filter.task_id);
  query.WhereIf("l.run_id =", filter.run_id);
  query.WhereIf("l.map_index =", filter.map_index);
  query.WhereIf("l.event =", filter.event);
  query.WhereIf("l.owner =", filter.owner);
  query.WhereIf("l.dttm <", filter.before);
  query.WhereIf("l.dttm >", filter.after);
  if (!filter.included_events.empty()) query.WhereIn("l.event IN", filter.included_events);
  if (!filter.excluded_events.empty()) query.WhereIn("l.event NOT IN", filter.excluded_events);
  if (filter.readable_dags) query.WhereIn("l.dag_id IN", *filter.readable_dags);
  BEEFLOW_RETURN_IF_ERROR(query.Order(filter.range, kAuditOrders, "l.id"));
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope view, TransactionScope::Read(database_.get()));
  return ReadPart<AuditLine>(database_.get(), query, ReadAuditLine);
}

Result<AuditLine> SqlInventory::AuditLogEntry(int64_t id) {
  ListQuery query(sql::kAuditLines);
  query.Where("l.id =", id);
  BEEFLOW_ASSIGN_OR_RETURN(auto found, ReadAll(query.Run(database_.get()), ReadAuditLine));
  if (found.empty()) return NotFound("the audit log has no entry " + std::to_string(id));
  return std::move(found[0]);
}

Result<std::vector<MissingPool>> SqlInventory::MissingPools() {
  return ReadAll(
      database_->Query(sql::kMissingPools), [](const Statement& row) -> Result<MissingPool> {
        return MissingPool{row.String(0), row.String(1), row.OptionalTime(2).value_or(Time{})};
      });
}

Status SqlInventory::RenamePool(const std::string& from, const std::string& to) {
  if (to.empty()) return Invalid("a pool needs a name");
  BEEFLOW_ASSIGN_OR_RETURN(TransactionScope scope, TransactionScope::Write(database_.get()));
  {
    BEEFLOW_ASSIGN_OR_RETURN(Statement rows, database_->Query(sql::kPoolExists, to));
    BEEFLOW_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (row) return Conflict("there is a pool '" + to + "' already; choose another name");
  }
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t rows, database_->Execute(sql::kRenamePool, to, from));
  if (rows == 0) return NotFound("there is no pool '" + from + "'");
  return scope.Commit();
}

}  // namespace beeflow
