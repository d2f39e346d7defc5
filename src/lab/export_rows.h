// The rows of exported tables as values. Columns are found by name, whatever their order and their
// dialect: `state` or `_state`, `logical_date` or `execution_date`, and so on.
#pragma once

#include <string>

#include "base/result.h"
#include "lab/csv_table.h"
#include "ports/catalog.h"

namespace beeflow {

// Each reads rows of one file, to which it keeps a pointer. On() fails where a column is missing;
// what is wrong in a row is the table's status().

class RunRows {
 public:
  static Result<RunRows> On(CsvTable* table);
  RunRecord Read() const;

 private:
  CsvTable* table_ = nullptr;
  CsvTable::Column dag_id_, run_id_, state_, type_, logical_date_, interval_start_, interval_end_;
  CsvTable::Column queued_at_, start_date_, end_date_, external_, conf_;
};

class TaskRows {
 public:
  static Result<TaskRows> On(CsvTable* table);
  TaskInfo Read() const;

 private:
  CsvTable* table_ = nullptr;
  CsvTable::Column dag_id_, run_id_, task_id_, map_index_, state_, try_number_, max_tries_;
  CsvTable::Column start_date_, end_date_, duration_, operator_, pool_, pool_slots_, queue_;
  CsvTable::Column priority_weight_, hostname_, unixname_, pid_, queued_at_;
};

class AttemptRows {
 public:
  static Result<AttemptRows> On(CsvTable* table);
  RunKey ReadRun() const;
  AttemptInfo Read() const;

 private:
  CsvTable* table_ = nullptr;
  CsvTable::Column dag_id_, run_id_, task_id_, map_index_, try_number_, attempt_id_, state_;
  CsvTable::Column start_type_, start_date_, end_date_, queue_seconds_, start_seconds_;
  CsvTable::Column memory_bytes_, cpu_seconds_, environment_, exit_code_, exit_signal_, reason_;
};

// A task of a DAG, with the ids of those that it depends on, separated by blanks.
struct DagTaskRow {
  std::string dag_id, task_id, operator_name, queue, pool, upstream_task_ids;
};

class DagTaskRows {
 public:
  static Result<DagTaskRows> On(CsvTable* table);
  DagTaskRow Read() const;

 private:
  CsvTable* table_ = nullptr;
  CsvTable::Column dag_id_, task_id_, operator_, queue_, pool_, upstream_;
};

}  // namespace beeflow
