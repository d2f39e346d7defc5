// Which change goes to which part, and which executor carries out what follows.
//
// Changes reach the scheduler in the order of the feed; one may come twice, which changes nothing.
// Actions reach the executor that the task's queue names.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ports/dag_code.h"
#include "ports/executor.h"
#include "ports/store.h"
#include "scheduler/scheduler.h"

namespace beeflow {

class Router {
 public:
  // `fallback` takes every queue that has no executor of its own. Executors outlive the router.
  explicit Router(Executor* fallback) : fallback_(fallback) {}
  // Who runs what is not a task of the author's code; outlives the router. `answer` takes the
  // answers of timetables, `told` how people were told of missed SLAs. Without it, questions stay
  // open and callbacks are not called.
  using Answer =
      std::function<void(const TimetableQuestion&, const Result<std::optional<NextRun>>&)>;
  void SetDagCode(DagCode* dag_code, Answer answer, DagCode::SlaTold told) {
    dag_code_ = dag_code;
    answer_ = std::move(answer);
    told_ = std::move(told);
  }
  // Takes triggers, whatever the queue of their tasks; otherwise the queue's executor does.
  void SetTriggers(Executor* executor) { triggers_ = executor; }
  void AddQueue(const std::string& queue, Executor* executor) { queues_[queue] = executor; }

  void Route(const std::vector<Change>& changes, Scheduler* scheduler);
  void Dispatch(Actions actions);
  // After the first Dispatch of a new scheduler; see Executor::Retain.
  void Retain(const std::unordered_set<AttemptId>& known);

 private:
  Executor* ExecutorOf(const std::string& queue) const;
  Executor* ExecutorOf(const Attempt& attempt) const;

  Executor* fallback_;
  std::map<std::string, Executor*> queues_;
  Executor* triggers_ = nullptr;
  DagCode* dag_code_ = nullptr;
  Answer answer_;
  DagCode::SlaTold told_;
};

}  // namespace beeflow
