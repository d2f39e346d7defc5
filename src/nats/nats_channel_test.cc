// Both ends of the attempt channel over a real NATS server: control's executor, and workers of
// which only the link is real.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nats/nats_executor.h"
#include "nats/nats_link.h"
#include "nats/nats_names.h"
#include "nats/nats_server_for_test.h"
#include "os/system_clock.h"

namespace beeflow {
namespace {

// A worker that does what the test says.
struct FakeWorker {
  std::unique_ptr<ControlLink> link;
  std::vector<Json> starts;  // attempts that it was to run
  std::vector<Json> messages;
  bool is_connected = false;

  int64_t Got(const std::string& op) const {
    return std::count_if(messages.begin(), messages.end(),
                         [&](const Json& message) { return message["op"] == op; });
  }
  bool HasStarted(const std::string& id) const {
    return std::any_of(starts.begin(), starts.end(),
                       [&](const Json& attempt) { return attempt["attempt_id"] == id; });
  }
};

// A host's clock, which may be wrong.
class HostClock : public Clock {
 public:
  Time Now() override { return SystemClock().Now() + error; }
  Duration error{};
};

class NatsChannelTest : public testing::Test {
 protected:
  ~NatsChannelTest() override {
    workers_.clear();
    executor_.reset();
  }

  void SetUp() override {
    server_.Start(io_);
    temp_.Write("dags/d.py", "import helper\n");
    temp_.Write("dags/sub/helper.py", "# helps\n");
    temp_.Write("dags/__pycache__/d.pyc", "compiled");
    temp_.Write("plugins/p.py", "# plugin\n");
  }

  // As a new control process: nothing of the former one is left.
  void Control(bool is_settled = true) {
    executor_.reset();
    reports_.clear();
    NatsExecutorOptions options;
    options.connection = server_.Options();
    options.epoch = ++epoch_;
    options.sweep = std::chrono::milliseconds(100);
    options.dags_folder = temp_ / "dags";
    options.plugin_folders = {temp_ / "plugins"};
    options.log_folder = temp_ / "control-logs";
    AttemptCallbacks callbacks;
    callbacks.on_report = [this](NumberedReport report) {
      if (acknowledge_) executor_->Acknowledge({report.number});
      reports_.push_back(std::move(report));
    };
    callbacks.on_request = [](const std::string& method, const Json& params, auto respond) {
      respond(Json(method + " of " + params.value("key", "")));
    };
    auto made = NatsExecutor::Open(io_, clock_, std::move(options), std::move(callbacks));
    ASSERT_TRUE(made.ok()) << made.error().message;
    executor_ = std::move(*made);
    if (is_settled) executor_->Retain({});
  }

  FakeWorker& Worker(const std::string& name, int slots = 4,
                     const std::vector<std::string>& queues = {"default"}) {
    auto& worker = workers_[name] = std::make_unique<FakeWorker>();
    NatsLinkOptions options;
    options.connection = server_.Options();
    options.name = name;
    options.queues = queues;
    options.max_concurrency = slots;
    options.cache_folder = temp_ / name + "/cache";
    options.log_folder = temp_ / name + "/logs";
    ControlLink::Callbacks callbacks;
    callbacks.on_message = [raw = worker.get()](Json message) {
      if (message["op"] == "start") raw->starts.push_back(message["attempt"]);
      raw->messages.push_back(std::move(message));
    };
    callbacks.on_connected = [raw = worker.get()] { raw->is_connected = true; };
    callbacks.on_disconnected = [raw = worker.get()] { raw->is_connected = false; };
    callbacks.on_acknowledged = [] {};
    auto link = NatsLink::Open(io_, std::move(options), std::move(callbacks));
    EXPECT_TRUE(link.ok());
    worker->link = std::move(*link);
    return *worker;
  }

  Attempt MakeAttempt(AttemptId id, const std::string& queue = "default") const {
    const Json task = {
        {"task_id", "t"}, {"queue", queue}, {"run", {{"kind", "bash"}, {"command", "true"}}}};
    Attempt attempt;
    attempt.id = id;
    attempt.dag =
        DagFromJson({{"version", 1}, {"dag_id", "d"}, {"tasks", Json::array({task})}}).value();
    attempt.run.key = {"d", "r" + std::to_string(id)};
    attempt.try_number = 1;
    attempt.file = temp_ / "dags/d.py";
    attempt.dag_hash = "h";
    return attempt;
  }

  // Someone else at NATS, who hears what workers say to control.
  std::unique_ptr<NatsClient> Other() {
    NatsClient::Callbacks callbacks;
    const auto is_connected = std::make_shared<bool>(false);
    callbacks.on_connected = [is_connected] { *is_connected = true; };
    callbacks.on_disconnected = [] {};
    callbacks.on_frame = [this](const std::string& subject, const NatsFrame& frame) {
      heard_.insert(subject);
      claims_ += frame.message["op"] == "claim" ? 1 : 0;
    };
    auto client =
        NatsClient::Open(io_, server_.Options(), "beeflow.inbox.other", {kAllControl}, callbacks);
    EXPECT_TRUE(client.ok());
    EXPECT_TRUE(Wait([&] { return *is_connected; }));
    return std::move(*client);
  }
  // That the stream holds.
  bool WaitForTickets(NatsClient& client, int64_t count) {
    const auto held = std::make_shared<int64_t>(-1);
    const auto is_asked = std::make_shared<bool>(false);
    return Wait([&] {
      if (*held == count || std::exchange(*is_asked, true)) return *held == count;
      client.JetStream("STREAM.INFO.BEEFLOW_ATTEMPTS", Json(),
                       [held, is_asked](const Result<Json>& info) {
                         *is_asked = false;
                         if (info.ok()) *held = (*info)["state"].value("messages", int64_t{0});
                       });
      return false;
    });
  }

  bool Wait(const std::function<bool()>& condition) { return RunUntil(io_, condition); }
  bool WaitForStart(const FakeWorker& worker, AttemptId id) {
    return Wait([&] { return worker.HasStarted(FormatAttemptId(id)); });
  }
  // The worker that was given the attempt; null where none is.
  FakeWorker* WaitForHolder(AttemptId id) {
    FakeWorker* holder = nullptr;
    Wait([&] {
      for (const auto& [name, worker] : workers_) {
        if (worker->HasStarted(FormatAttemptId(id))) holder = worker.get();
      }
      return holder != nullptr;
    });
    return holder;
  }
  static void End(FakeWorker& worker, AttemptId id, Json xcoms = Json::object()) {
    worker.link->Report(FormatAttemptId(id),
                        {{"state", "success"}, {"end_date", 1}, {"xcoms", std::move(xcoms)}}, true);
  }
  std::optional<Report> EndOf(AttemptId id) const {
    for (const NumberedReport& numbered : reports_) {
      const Report& report = numbered.report;
      if (report.attempt == id && report.outcome != Outcome::kRunning) return report;
    }
    return std::nullopt;
  }
  size_t EndsOf(AttemptId id) const {
    return static_cast<size_t>(
        std::count_if(reports_.begin(), reports_.end(), [&](const NumberedReport& numbered) {
          return numbered.report.attempt == id && numbered.report.outcome != Outcome::kRunning;
        }));
  }
  std::optional<Report> WaitForEnd(AttemptId id) {
    Wait([&] { return EndOf(id).has_value(); });
    return EndOf(id);
  }
  // A round over the channel: what was sent before has arrived.
  void PassAttempt(FakeWorker& worker, AttemptId id, const std::string& queue) {
    executor_->Start(MakeAttempt(id, queue));
    ASSERT_TRUE(WaitForStart(worker, id));
    End(worker, id);
    ASSERT_TRUE(WaitForEnd(id));
  }

  asio::io_context io_{1};
  HostClock clock_;
  int64_t epoch_ = 0;  // of the latest control process
  TempFolder temp_;
  NatsServerForTest server_;
  std::unique_ptr<NatsExecutor> executor_;
  std::map<std::string, std::unique_ptr<FakeWorker>> workers_;
  std::vector<NumberedReport> reports_;
  std::set<std::string> heard_;  // subjects of workers
  int claims_ = 0;               // that were heard
  bool acknowledge_ = true;
};

TEST_F(NatsChannelTest, AnAttemptGoesToAWorkerAndItsEndComesBack) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  EXPECT_EQ(executor_->CountAttempts().running, 1);
  End(worker, 1, {{"return_value", "x"}});
  const auto end = WaitForEnd(1);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, Outcome::kSuccess);
  EXPECT_EQ(end->run, (RunKey{"d", "r1"}));
  EXPECT_EQ(end->xcoms.size(), 1U);
  EXPECT_TRUE(Wait([&] { return !worker.link->has_reports(); }));
  EXPECT_TRUE(worker.link->may_end());
  EXPECT_FALSE(executor_->has_attempts());
}

TEST_F(NatsChannelTest, TheWorkerGetsACopyOfTheDagFolder) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  const Json attempt = worker.starts.front();
  const std::string file = attempt["file"];
  EXPECT_TRUE(file.starts_with(temp_ / "w1/cache/versions/")) << file;
  EXPECT_TRUE(file.ends_with("/dags/d.py"));
  EXPECT_FALSE(attempt.contains("dags"));
  const std::filesystem::path dags = attempt["dags_folder"].get<std::string>();
  EXPECT_TRUE(std::filesystem::exists(dags / "sub/helper.py"));
  EXPECT_TRUE(std::filesystem::exists(dags / "../plugins/p.py"));
  EXPECT_FALSE(std::filesystem::exists(dags / "__pycache__"));
}

TEST_F(NatsChannelTest, LargeFilesAndValuesGoInPieces) {
  const std::string large(3'000'000, 'x');
  temp_.Write("dags/large.txt", large);
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  const std::filesystem::path dags = worker.starts[0]["dags_folder"].get<std::string>();
  EXPECT_EQ(std::filesystem::file_size(dags / "large.txt"), large.size());
  End(worker, 1, {{"return_value", large}});
  const auto end = WaitForEnd(1);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->xcoms.at(0).second.size(), large.size() + 2);
  EXPECT_TRUE(Wait([&] { return !worker.link->has_reports(); }));
}

TEST_F(NatsChannelTest, EachAttemptGoesToOneWorker) {
  constexpr AttemptId kAttempts = 40;
  Control();
  for (const char* name : {"w1", "w2", "w3"}) Worker(name, 16);
  for (AttemptId id = 1; id <= kAttempts; ++id) executor_->Start(MakeAttempt(id));
  for (AttemptId id = 1; id <= kAttempts; ++id) {
    FakeWorker* holder = WaitForHolder(id);
    ASSERT_TRUE(holder) << id;
    End(*holder, id);
  }
  for (AttemptId id = 1; id <= kAttempts; ++id) ASSERT_TRUE(WaitForEnd(id)) << id;
  size_t starts = 0;
  for (const auto& [name, worker] : workers_) starts += worker->starts.size();
  EXPECT_EQ(starts, kAttempts);
}

TEST_F(NatsChannelTest, AWorkerTakesNoMoreThanItsSlotsFromAllItsQueues) {
  Control();
  FakeWorker& worker = Worker("w1", 2, {"default", "heavy.jobs"});
  ASSERT_TRUE(Wait([&] { return worker.is_connected; }));
  for (AttemptId id = 1; id <= 3; ++id) {
    executor_->Start(MakeAttempt(id));
    executor_->Start(MakeAttempt(100 + id, "heavy.jobs"));
  }
  ASSERT_TRUE(Wait([&] { return worker.starts.size() == 2; }));
  for (size_t done = 0; done < 6; ++done) {
    ASSERT_TRUE(Wait([&] { return worker.starts.size() > done; })) << done;
    EXPECT_LE(worker.starts.size(), done + 2);
    End(worker, *ParseAttemptId(worker.starts[done]["attempt_id"].get<std::string>()));
  }
  EXPECT_TRUE(Wait([&] { return !executor_->has_attempts(); }));
}

TEST_F(NatsChannelTest, ATaskAsksAndIsAnswered) {
  Control();
  FakeWorker& worker = Worker("w1");
  ASSERT_TRUE(Wait([&] { return worker.is_connected; }));
  worker.link->Send({{"op", "request"}, {"id", 7}, {"method", "get"}, {"params", {{"key", "k"}}}});
  ASSERT_TRUE(Wait([&] { return !worker.messages.empty(); }));
  EXPECT_EQ(worker.messages[0]["result"], "get of k");
  EXPECT_EQ(worker.messages[0]["id"], 7);
}

TEST_F(NatsChannelTest, TheLogIsThereBeforeTheEnd) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  const std::string log = worker.starts[0]["log"];
  temp_.Write("w1/logs/" + log, "first\n");
  worker.link->OnLogWritten(FormatAttemptId(1));
  ASSERT_TRUE(Wait([&] { return temp_.Read("control-logs/" + log) == "first\n"; }));
  temp_.Write("w1/logs/" + log, "first\nsecond\n");
  End(worker, 1);
  ASSERT_TRUE(WaitForEnd(1));
  EXPECT_EQ(temp_.Read("control-logs/" + log), "first\nsecond\n");
  EXPECT_FALSE(std::filesystem::exists(temp_ / "w1/logs/" + log));
}

TEST_F(NatsChannelTest, ALogThatLostItsMiddleIsTheSameOnBothSides) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  const std::string log = worker.starts[0]["log"];
  temp_.Write("control-logs/" + log, "");
  temp_.Write("w1/logs/" + log, "a long first line\nand another\n");
  worker.link->OnLogWritten(FormatAttemptId(1));
  ASSERT_TRUE(Wait([&] { return temp_.Read("control-logs/" + log).size() == 30; }));
  temp_.Write("w1/logs/" + log, "short\n");
  worker.link->OnLogWritten(FormatAttemptId(1));
  ASSERT_TRUE(Wait([&] { return temp_.Read("control-logs/" + log) == "short\n"; }));
  End(worker, 1);
  EXPECT_TRUE(WaitForEnd(1));
}

// A host whose clock was ahead by a minute and a half had its failed tasks tried again that much
// later than their retry_delay says.
TEST_F(NatsChannelTest, AnAttemptDoesNotEndInTheFuture) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  const Duration took = std::chrono::seconds(5);
  const int64_t ahead = (clock_.Now() + std::chrono::seconds(90)).time_since_epoch().count();
  worker.link->Report(
      FormatAttemptId(1),
      {{"state", "failed"}, {"start_date", ahead - took.count()}, {"end_date", ahead}}, true);
  const auto end = WaitForEnd(1);
  ASSERT_TRUE(end);
  EXPECT_LE(*end->end_date, clock_.Now());
  EXPECT_EQ(*end->end_date - *end->start_date, took);
}

TEST_F(NatsChannelTest, ReportsComeAgainUntilTheyAreAcknowledged) {
  acknowledge_ = false;
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  End(worker, 1);
  ASSERT_TRUE(WaitForEnd(1));
  EXPECT_TRUE(worker.link->has_reports());
  // The control process dies before its commit.
  acknowledge_ = true;
  Control(/*is_settled=*/false);
  executor_->Start(MakeAttempt(1));
  executor_->Retain({1});
  ASSERT_TRUE(WaitForEnd(1));
  EXPECT_TRUE(Wait([&] { return !worker.link->has_reports(); }));
  EXPECT_EQ(worker.starts.size(), 1U);
  EXPECT_EQ(EndsOf(1), 1U);
}

TEST_F(NatsChannelTest, ANewControlProcessTakesOverWhatRuns) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  executor_->Start(MakeAttempt(2));
  ASSERT_TRUE(WaitForStart(worker, 1) && WaitForStart(worker, 2));
  Control(/*is_settled=*/false);
  executor_->Resume(MakeAttempt(1));
  executor_->Start(MakeAttempt(2));  // that it runs was not committed
  executor_->Retain({1, 2});
  End(worker, 1);
  End(worker, 2);
  EXPECT_EQ(WaitForEnd(1).value().outcome, Outcome::kSuccess);
  EXPECT_EQ(WaitForEnd(2).value().outcome, Outcome::kSuccess);
  EXPECT_EQ(worker.starts.size(), 2U);
}

TEST_F(NatsChannelTest, ANewControlProcessEndsWhatTheDatabaseDoesNotKnow) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  Control();
  ASSERT_TRUE(
      Wait([&] { return !worker.messages.empty() && worker.messages.back()["op"] == "cancel"; }));
  EXPECT_EQ(worker.messages.back()["attempt_id"], FormatAttemptId(1));
}

// Workers knew the later control process by the time of its start: one on a host whose clock was
// behind was refused by all, and nothing ran any more.
TEST_F(NatsChannelTest, AControlProcessWhoseClockIsBehindIsObeyed) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  clock_.error = std::chrono::hours(-1);
  Control(/*is_settled=*/false);
  executor_->Resume(MakeAttempt(1));
  executor_->Retain({1});
  executor_->Start(MakeAttempt(2));
  ASSERT_TRUE(WaitForStart(worker, 2));
  End(worker, 1);
  EXPECT_EQ(WaitForEnd(1).value().outcome, Outcome::kSuccess);
}

// One that was suspended, and speaks up again.
TEST_F(NatsChannelTest, AControlProcessThatWasSucceededIsNotObeyed) {
  Control();
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  auto client = Other();
  client->SendFrame(kAllWorkers, {{"op", "cancel"},
                                  {"attempt_id", FormatAttemptId(1)},
                                  {"reason", "not known"},
                                  {"control", epoch_ - 1}});
  client->SendFrame(kAllWorkers, {{"op", "describe"}, {"control", epoch_}});
  ASSERT_TRUE(Wait([&] { return worker.Got("describe") > 0; }));
  EXPECT_EQ(worker.Got("cancel"), 0);
}

// A worker that was told to stop gave back what it had asked for, and the answer, yes, was on its
// way: control waited for an end of the attempt, and in the end counted it as lost.
TEST_F(NatsChannelTest, WhatAWorkerDoesNotHaveAnyMoreIsOfferedAgain) {
  Control();
  FakeWorker& first = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(Wait([&] { return executor_->CountAttempts().running == 1; }));
  ASSERT_TRUE(first.starts.empty());
  first.link->Drain();
  FakeWorker& second = Worker("w2");
  ASSERT_TRUE(WaitForStart(second, 1));
  End(second, 1);
  EXPECT_EQ(WaitForEnd(1).value().outcome, Outcome::kSuccess);
  EXPECT_TRUE(first.starts.empty());
}

TEST_F(NatsChannelTest, WhatAWorkerDoesNotHaveAnyMoreIsCancelled) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(Wait([&] { return executor_->CountAttempts().running == 1; }));
  worker.link->Drain();
  executor_->Cancel(1, "not wanted");
  const auto end = WaitForEnd(1);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, Outcome::kFailed);
  EXPECT_EQ(end->reason, "not wanted");
}

// That a worker was given up was not committed when it spoke up again: what it reported was
// acknowledged and dropped, so that a control process that started anew would have heard nothing.
TEST_F(NatsChannelTest, WhatAWorkerReportsAfterItWasGivenUpIsKeptUntilTheCommit) {
  Control();
  FakeWorker& worker = Worker("w1");
  const auto other = Other();
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  acknowledge_ = false;
  worker.link.reset();
  ASSERT_TRUE(WaitForEnd(1));
  const std::string sender = SenderOf(*heard_.begin());
  Json report = {{"op", "report"}, {"report", 1}, {"attempt_id", FormatAttemptId(1)}};
  report.update({{"dag_id", "d"}, {"run_id", "r1"}, {"task_id", "t"}, {"try_number", 1}});
  report.update({{"state", "success"}, {"end_date", 1}, {"usage", Json::object()}});
  other->SendFrame(ControlSubject(sender), {{"op", "hello"}, {"attempts", Json::array()}});
  other->SendFrame(ControlSubject(sender), report);
  EXPECT_TRUE(Wait([&] { return EndsOf(1) == 2; }));
  EXPECT_EQ(reports_.front().report.outcome, Outcome::kLost);
}

// An operator who emptied the stream stopped all that waited in it, for good.
TEST_F(NatsChannelTest, WhatIsPurgedFromTheStreamIsSentAgain) {
  Control();
  const auto other = Other();
  executor_->Start(MakeAttempt(1));
  executor_->Start(MakeAttempt(2));
  ASSERT_TRUE(WaitForTickets(*other, 2));
  other->JetStream("STREAM.PURGE.BEEFLOW_ATTEMPTS", Json(), [](const Result<Json>&) {});
  ASSERT_TRUE(Wait([&] { return executor_->repairs() == 2; }));
  ASSERT_TRUE(WaitForTickets(*other, 2));
  // One from the middle.
  executor_->Start(MakeAttempt(3));
  ASSERT_TRUE(WaitForTickets(*other, 3));
  other->JetStream("STREAM.MSG.DELETE.BEEFLOW_ATTEMPTS", {{"seq", 4}}, [](const Result<Json>&) {});
  ASSERT_TRUE(Wait([&] { return executor_->repairs() == 3; }));
  FakeWorker& worker = Worker("w1");
  for (AttemptId id = 1; id <= 3; ++id) {
    ASSERT_TRUE(WaitForStart(worker, id));
    End(worker, id);
    ASSERT_TRUE(WaitForEnd(id));
  }
  EXPECT_EQ(worker.starts.size(), 3U);
  EXPECT_EQ(executor_->repairs(), 3);
}

TEST_F(NatsChannelTest, WhatNoWorkerHasAfterAColdStartIsLostOrStartedAnew) {
  Control(/*is_settled=*/false);
  executor_->Resume(MakeAttempt(1));
  executor_->Start(MakeAttempt(2));
  executor_->Retain({1, 2});
  FakeWorker& worker = Worker("w1");
  EXPECT_EQ(WaitForEnd(1).value().outcome, Outcome::kLost);
  EXPECT_TRUE(WaitForStart(worker, 2));
  EXPECT_EQ(worker.starts.size(), 1U);
}

TEST_F(NatsChannelTest, AWorkerThatFallsSilentIsGivenUpAndRefusedLater) {
  Control();
  FakeWorker& worker = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  workers_["w1"]->link.reset();  // says goodbye, which counts for nothing while it has attempts
  const Time gone = clock_.Now();
  const auto end = WaitForEnd(1);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, Outcome::kLost);
  EXPECT_LT(clock_.Now() - gone, Seconds(5));
  EXPECT_NE(end->reason.find("nothing was heard of it"), std::string::npos);
}

TEST_F(NatsChannelTest, NatsMayLoseAllThatItHolds) {
  Control();
  FakeWorker& worker = Worker("w1", 1);
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  executor_->Start(MakeAttempt(2));  // waits
  ASSERT_TRUE(Wait([&] { return executor_->CountAttempts().waiting == 1; }));
  server_.Wipe();
  ASSERT_TRUE(Wait([&] { return !worker.is_connected && !executor_->is_connected(); }));
  End(worker, 1);
  server_.Start(io_);
  EXPECT_EQ(WaitForEnd(1).value().outcome, Outcome::kSuccess);
  ASSERT_TRUE(WaitForStart(worker, 2));
  End(worker, 2);
  EXPECT_TRUE(WaitForEnd(2));
  EXPECT_EQ(worker.starts.size(), 2U);
  EXPECT_EQ(reports_.size(), 2U);
}

TEST_F(NatsChannelTest, ADrainingWorkerLeavesWhatWaitsToOthers) {
  Control();
  FakeWorker& first = Worker("w1");
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(first, 1));
  EXPECT_TRUE(first.link->Drain());
  EXPECT_FALSE(first.link->may_end());
  executor_->Start(MakeAttempt(2));
  FakeWorker& second = Worker("w2");
  ASSERT_TRUE(WaitForStart(second, 2));
  End(first, 1);
  EXPECT_TRUE(WaitForEnd(1));
  EXPECT_TRUE(Wait([&] { return first.link->may_end(); }));
  EXPECT_EQ(first.starts.size(), 1U);
}

TEST_F(NatsChannelTest, AnAttemptThatWaitsIsCancelledAtOnce) {
  Control();
  executor_->Start(MakeAttempt(1));
  executor_->Cancel(1, "not wanted");
  const auto end = WaitForEnd(1);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, Outcome::kFailed);
  EXPECT_EQ(end->reason, "not wanted");
  FakeWorker& worker = Worker("w1");
  PassAttempt(worker, 2, "default");
  EXPECT_EQ(worker.starts.size(), 1U);
}

// A worker that got a second ticket for an attempt that had ended claimed it, and began it again
// when an answer to its first claim came late.
TEST_F(NatsChannelTest, AStartThatAnswersAnotherClaimBeginsNothing) {
  Control(/*is_settled=*/false);  // leaves claims unanswered
  const auto other = Other();
  executor_->Start(MakeAttempt(1));
  FakeWorker& worker = Worker("w1");
  ASSERT_TRUE(Wait([&] { return claims_ > 0; }));
  Json late = {{"attempt_id", FormatAttemptId(1)}, {"limits", Json::object()}, {"late", true}};
  late["dags"] = {{"version", "v"}, {"folder", temp_ / "dags"}};
  Json start = {{"op", "start"}, {"attempt", std::move(late)}, {"claim", 7}, {"control", epoch_}};
  other->SendFrame(FrameSubject(SenderOf(*heard_.begin())), start);
  const int claims = claims_;
  EXPECT_TRUE(Wait([&] { return claims_ > claims + 1; }));  // it claims on
  executor_->Retain({1});
  ASSERT_TRUE(WaitForStart(worker, 1));
  EXPECT_FALSE(worker.starts.front().contains("late"));
}

TEST_F(NatsChannelTest, TellsOfQueuesAndWorkers) {
  Control();
  FakeWorker& worker = Worker("w1", 1);
  executor_->Start(MakeAttempt(1));
  ASSERT_TRUE(WaitForStart(worker, 1));
  executor_->Start(MakeAttempt(2));
  executor_->Start(MakeAttempt(3, "other"));
  auto queues = executor_->Queues();
  EXPECT_EQ(queues["default"].waiting, 1);
  EXPECT_EQ(queues["default"].running, 1);
  EXPECT_EQ(queues["default"].workers, 1);
  EXPECT_EQ(queues["other"].waiting, 1);
  EXPECT_EQ(queues["other"].workers, 0);
  Json described;
  executor_->Describe([&](const Json& workers) { described = workers; });
  ASSERT_TRUE(
      Wait([&] { return !worker.messages.empty() && worker.messages.back()["op"] == "describe"; }));
  worker.link->Send({{"op", "described"}, {"worker", {{"pid", 1}}}});
  ASSERT_TRUE(Wait([&] { return described.is_array(); }));
  ASSERT_EQ(described.size(), 1U);
  EXPECT_EQ(described[0]["name"], "w1");
}

}  // namespace
}  // namespace beeflow
