#include "lab/lab_run.h"

#include <algorithm>
#include <map>
#include <utility>

#include "lab/filtered_export.h"
#include "lab/trial.h"

namespace beeflow {
namespace {

struct Job {
  const Controller& controller;
  const Experiment& experiment;
  LabResults* results = nullptr;
  std::string system;
  Json definition;
  bool finished = false;
};

Json DefinitionOf(const Controller& controller, const Experiment& experiment) {
  return {{"controller", controller.definition}, {"experiment", experiment.definition}};
}

// "lab__20260131T150405"
std::string RunPrefix(Time now) {
  std::string text = FormatIso(now).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return "lab__" + text;
}

class Lab {
 public:
  Lab(const ExperimentFile& file, const LabParts& parts) : file_(file), parts_(parts) {}

  Status Plan() {
    for (const Controller& controller : file_.controllers) {
      BEEFLOW_ASSIGN_OR_RETURN(auto results, parts_.open_results(controller));
      for (const Experiment& experiment : file_.experiments) {
        Job job{controller, experiment, results.get(), SystemName(controller, experiment),
                DefinitionOf(controller, experiment)};
        BEEFLOW_RETURN_IF_ERROR(CheckFinished(&job));
        jobs_.push_back(std::move(job));
      }
      results_.push_back(std::move(results));
    }
    return Ok();
  }

  std::vector<TrialReport> Run() {
    std::vector<TrialReport> reports;
    for (next_ = 0; next_ < jobs_.size() && !parts_.time->interrupted(); ++next_) {
      const Job& job = jobs_[next_];
      reports.push_back(job.finished ? Skip(job) : CarryOut(job));
      parts_.progress->Ended(reports.back());
    }
    return reports;
  }

 private:
  Status CheckFinished(Job* job) {
    if (parts_.again) return Ok();
    BEEFLOW_ASSIGN_OR_RETURN(const Json record, job->results->Record(job->system));
    if (record.is_null()) return Ok();
    job->finished = true;
    const Json before = {{"controller", record.value("controller", Json())},
                         {"experiment", record.value("experiment", Json())}};
    if (before == job->definition) return Ok();
    return Conflict(job->results->Address(job->system) +
                    " has results of an experiment that was defined otherwise; choose another "
                    "--out, or replace them with --again");
  }

  static TrialReport Skip(const Job& job) {
    TrialReport report;
    report.system = job.system;
    report.end = TrialEnd::kSkipped;
    report.address = job.results->Address(job.system);
    return report;
  }

  TrialReport CarryOut(const Job& job) {
    begun_ = parts_.time->Now();
    Trial trial(job.experiment, job.controller.dags_timeout, RunPrefix(begun_));
    auto system = parts_.open_system(job.controller, job.experiment);
    const Status opened = system.ok() ? Ok() : Status(system.error());
    if (opened.ok()) CarryOutSteps(job, system->get(), &trial);
    TrialReport report;
    report.system = job.system;
    report.error = opened.ok() ? trial.outcome() : opened;
    report.end = !report.error.ok()    ? TrialEnd::kFailed
                 : trial.interrupted() ? TrialEnd::kInterrupted
                                       : TrialEnd::kFinished;
    report.runs = static_cast<int>(trial.recorded().size());
    report.runs_failed = static_cast<int>(
        std::count_if(trial.recorded().begin(), trial.recorded().end(),
                      [](const RunRecord& run) { return run.state == RunState::kFailed; }));
    report.runs_expected = trial.runs_expected();
    report.took = parts_.time->Now() - begun_;
    report.address = job.results->Address(job.system);
    return report;
  }

  void CarryOutSteps(const Job& job, LabSystem* system, Trial* trial) {
    while (true) {
      if (parts_.time->interrupted()) trial->Interrupt();
      const Time now = parts_.time->Now();
      const Step step = trial->Next(now);
      if (step.kind == StepKind::kDone) return;
      Tell(job, *trial, now);
      const Status done = CarryOutStep(job, step, system, trial);
      if (!done.ok()) trial->OnFailed(done.error());
    }
  }

  void Tell(const Job& job, const Trial& trial, Time now) {
    LabStatus status;
    status.number = next_ + 1;
    status.count = jobs_.size();
    status.system = job.system;
    status.doing = trial.Describe();
    status.remaining = trial.EstimateEnd(now) - now;
    for (size_t i = next_ + 1; i < jobs_.size(); ++i) {
      if (!jobs_[i].finished) status.remaining += EstimateTrial(jobs_[i].experiment);
    }
    parts_.progress->Update(status);
  }

  // Questions are answered to the trial; all else is done, or has failed.
  Status CarryOutStep(const Job& job, const Step& step, LabSystem* system, Trial* trial) {
    switch (step.kind) {
      case StepKind::kFindDags: {
        BEEFLOW_ASSIGN_OR_RETURN(const auto missing, system->MissingDags());
        trial->OnMissingDags(missing, parts_.time->Now());
        return Ok();
      }
      case StepKind::kFindRuns: {
        BEEFLOW_ASSIGN_OR_RETURN(const auto runs, system->Runs());
        trial->OnRuns(runs, parts_.time->Now());
        return Ok();
      }
      case StepKind::kBecomeCold: {
        BEEFLOW_ASSIGN_OR_RETURN(const bool cold, system->BecomeCold());
        trial->OnCold(cold);
        return Ok();
      }
      default:
        BEEFLOW_RETURN_IF_ERROR(Change(job, step, system, *trial));
        trial->OnDone(parts_.time->Now());
        return Ok();
    }
  }

  Status Change(const Job& job, const Step& step, LabSystem* system, const Trial& trial) {
    switch (step.kind) {
      case StepKind::kStart:
        return system->Start();
      case StepKind::kPublish:
        return system->Publish();
      case StepKind::kSetPool:
        return system->SetPoolSlots(job.experiment.pool_slots);
      case StepKind::kUnpause:
        return system->SetPaused(step.run.dag_id, false);
      case StepKind::kTrigger:
        return system->Trigger(step.run);
      case StepKind::kPause:
        return system->SetPaused(step.run.dag_id, true);
      case StepKind::kExport:
        return Export(job, system, trial);
      case StepKind::kDelete:
        return system->Delete();
      case StepKind::kWait: {
        const Time look = parts_.time->Now() + system->poll_interval();
        parts_.time->WaitUntil(std::min(step.until.value_or(look), look));
        return Ok();
      }
      default:
        return Ok();
    }
  }

  Status Export(const Job& job, LabSystem* system, const Trial& trial) {
    BEEFLOW_ASSIGN_OR_RETURN(auto tables, system->Export());
    FilteredExport filtered(std::move(tables), trial.recorded());
    return job.results->Save(job.system, &filtered, RecordOf(job, *system, trial),
                             parts_.time->Now());
  }

  Json RecordOf(const Job& job, const LabSystem& system, const Trial& trial) {
    Json record = parts_.surroundings;
    record.update(job.definition);
    record["system"] = job.system;
    record["system_version"] = system.version();
    record["started"] = FormatIso(begun_);
    record["ended"] = FormatIso(parts_.time->Now());
    record["runs"] = Json::array();
    for (const RunRecord& run : trial.recorded()) {
      record["runs"].push_back({{"dag_id", run.key.dag_id},
                                {"run_id", run.key.run_id},
                                {"state", std::string(ToString(run.state))}});
    }
    return record;
  }

  const ExperimentFile& file_;
  const LabParts& parts_;
  std::vector<std::unique_ptr<LabResults>> results_;
  std::vector<Job> jobs_;
  size_t next_ = 0;
  Time begun_{};  // the current trial
};

}  // namespace

Result<std::vector<TrialReport>> RunLab(const ExperimentFile& file, const LabParts& parts) {
  Lab lab(file, parts);
  BEEFLOW_RETURN_IF_ERROR(lab.Plan());
  return lab.Run();
}

}  // namespace beeflow
