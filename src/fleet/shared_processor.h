// Processors that jobs share evenly: with more jobs than processors, all of them get slower. Each
// job has one thread and asks for an amount of processor time.
//
// Pure: no clock; the same calls give the same answers. Threads: one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.h"

namespace beeflow {

class SharedProcessor {
 public:
  using JobId = uint64_t;

  explicit SharedProcessor(double processors) : processors_(processors) {}

  // `now` never goes back between calls. What is done by then is still to be fetched by Advance.
  void Add(JobId id, Duration work, Time now);
  void Remove(JobId id, Time now);
  // The jobs that are done by `now`, in the order of their ends; each is returned once.
  std::vector<JobId> Advance(Time now);
  // When Advance has something to return, if nothing is added or removed before.
  std::optional<Time> NextDone() const;
  bool idle() const { return left_.empty() && done_.empty(); }

 private:
  double Rate() const;  // of each job
  void Work(Time now);

  const double processors_;
  Time worked_until_{};
  std::map<JobId, double> left_;  // microseconds of processor time
  std::vector<JobId> done_;       // not fetched yet
};

}  // namespace beeflow
