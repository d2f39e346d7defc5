#include "lab/airflow_rows.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

// "a=1 b=2": the cells that are there, under the names of the header.
std::string Show(const std::string& table, const ExportSource::Row& row) {
  const ExportSource::Row header = *AirflowHeader(table);
  EXPECT_EQ(header.size(), row.size());
  std::string text;
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i]) text += (text.empty() ? "" : " ") + *header[i] + "=" + *row[i];
  }
  return text;
}

TEST(AirflowRows, ARunOfTheDocumentedForm) {
  const Json run = *ParseJson(R"({
      "conf": {"a": [1]}, "dag_id": "d", "dag_run_id": "r", "data_interval_end": null,
      "data_interval_start": null, "end_date": "2026-01-01T00:00:12.5Z",
      "execution_date": "2026-01-01T00:00:00+00:00", "external_trigger": true,
      "last_scheduling_decision": null, "logical_date": "2026-01-01T00:00:00+00:00", "note": null,
      "run_type": "manual", "start_date": "2026-01-01T02:00:00.123456+02:00",
      "state": "success"})");
  EXPECT_EQ(Show("dagrun", DagRunRow(run)),
            "dag_id=d run_id=r execution_date=2026-01-01 00:00:00.000000+00:00 "
            "start_date=2026-01-01 00:00:00.123456+00:00 end_date=2026-01-01 00:00:12.500000+00:00 "
            "state=success _state=success run_type=manual external_trigger=True conf={\"a\":[1]}");
  const auto record = ReadAirflowRun(run);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->key, (RunKey{"d", "r"}));
  EXPECT_EQ(record->state, RunState::kSuccess);
  EXPECT_EQ(ToSeconds(*record->end_date - *record->start_date), 12.376544);
}

TEST(AirflowRows, ARunMustHaveItsIds) {
  EXPECT_FALSE(ReadAirflowRun(Json::object()).ok());
  EXPECT_FALSE(ReadAirflowRun(Json(3)).ok());
}

TEST(AirflowRows, ATaskInstanceWithWhatIsMissing) {
  const Json instance = *ParseJson(R"({
      "task_id": "t", "dag_id": "d", "map_index": 3, "start_date": "2026-01-01T00:00:01Z",
      "end_date": "2026-01-01T00:00:03.25Z", "duration": null, "state": "failed", "try_number": 2,
      "max_tries": 1, "hostname": "", "pool": "default_pool", "pool_slots": 1,
      "queue": "default", "priority_weight": 5, "operator": "BashOperator",
      "queued_when": "2026-01-01T00:00:00.5Z", "pid": 12})");
  EXPECT_EQ(Show("taskinstance", TaskInstanceRow(instance, "r")),
            "task_id=t dag_id=d run_id=r map_index=3 start_date=2026-01-01 00:00:01.000000+00:00 "
            "end_date=2026-01-01 00:00:03.250000+00:00 duration=2.25 state=failed try_number=2 "
            "_try_number=2 max_tries=1 hostname= pool=default_pool pool_slots=1 queue=default "
            "priority_weight=5 operator=BashOperator queued_dttm=2026-01-01 00:00:00.500000+00:00 "
            "pid=12");
  EXPECT_EQ(Show("taskinstance", TaskInstanceRow(*ParseJson(R"({"task_id": "t"})"), "r")),
            "task_id=t run_id=r map_index=-1");
}

TEST(AirflowRows, DependenciesAreTurnedRound) {
  const Json tasks = *ParseJson(R"([
      {"task_id": "a", "downstream_task_ids": ["c"], "class_ref": {"class_name": "BashOperator"},
       "pool": "default_pool", "queue": "default"},
      {"task_id": "b", "downstream_task_ids": ["c"], "operator_name": "EmptyOperator"},
      {"task_id": "c", "downstream_task_ids": []}])");
  const auto rows = DagTaskRows("d", tasks);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(Show("dagtask", rows[0]),
            "dag_id=d task_id=a operator=BashOperator queue=default pool=default_pool "
            "upstream_task_ids=");
  EXPECT_EQ(Show("dagtask", rows[2]), "dag_id=d task_id=c operator= upstream_task_ids=a b");
}

}  // namespace
}  // namespace beeflow
