// Attempts that need Python, and parsing, with real environments.
#include <fcntl.h>
#include <sys/stat.h>

#include "worker/worker_fixture_for_test.h"

namespace beeflow {
namespace {

constexpr const char* kDagFile = R"python(
import os, signal, subprocess, time
from airflow import DAG
from airflow.exceptions import AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

def act(action):
    if action == "pid":
        print("printed")
        return os.getpid()
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "raise":
        raise ValueError("no luck")
    if action == "sleep":
        time.sleep(1000)
    if action.startswith("escape"):
        subprocess.run(["bash", "-c", "(setsid bash -c 'trap \"\" TERM HUP; echo $BASHPID > "
                        "escaped.new; mv escaped.new escaped; sleep 1000; sleep 1000' &)"],
                       cwd=os.path.dirname(__file__), stdout=subprocess.DEVNULL)
        while not os.path.exists(os.path.join(os.path.dirname(__file__), "escaped")):
            time.sleep(0.01)
        if action == "escape and die":
            os.kill(os.getpid(), signal.SIGKILL)
        if action == "escape and sleep":
            time.sleep(1000)
    if action == "memory":
        return len(b"x" * (300 << 20))
    if action == "leave":
        return subprocess.Popen(["sleep", "1000"]).pid
    return action

with DAG("dag", schedule=None):
    for action in ("pid", "kill", "raise", "sleep", "leave", "other", "memory",
                   "escape", "escape and die", "escape and sleep"):
        PythonOperator(task_id=action.replace(" ", "_"), python_callable=act, op_args=[action])
    BashOperator(task_id="template", bash_command="echo {{ run_id }}")
    push = "echo {{ ti.xcom_push('k', 5) }}; exit {{ dag_run.conf.code }}"
    BashOperator(task_id="push", bash_command=push)
    BashOperator(task_id="broken", bash_command="echo {{ undefined_thing.x }}")
    PythonOperator(task_id="pull", python_callable=lambda ti: ti.xcom_pull("pid"))
)python";

class WorkerEnvironmentTest : public WorkerFixture {
 protected:
  void SetUp() override { temp_.Write("dag.py", kDagFile); }

  Json RunPython(const std::string& id, const std::string& task,
                 const Json& more = Json::object()) {
    return Run(id, {{"kind", "python"}}, Task(task, more));
  }
  Json Task(const std::string& task, Json more = Json::object()) const {
    more["task_id"] = task;
    return more;
  }
  Json Parse(int id, const std::string& file, double timeout = 30) {
    Send({{"op", "parse"}, {"id", id}, {"file", file}, {"timeout", timeout}});
    return WaitFor([id](const Json& message) {
      return message["op"] == "parsed" && message["id"] == id;
    })["result"];
  }
};

TEST_F(WorkerEnvironmentTest, RunsPythonAndReusesTheWarmEnvironment) {
  StartBoth();
  const Json first = RunPython("a1", "pid");
  EXPECT_EQ(first["state"], "success") << first;
  EXPECT_EQ(WaitFor("report")["pid"], first["xcoms"]["return_value"]);
  EXPECT_NE(PlainLog("a1").find("printed\n"), std::string::npos) << Log("a1");
  const Json second = RunPython("a2", "pid");
  EXPECT_EQ(second["xcoms"], first["xcoms"]);
  // How they started is told afterwards.
  EXPECT_EQ(first["usage"]["start_type"], "cold");
  EXPECT_EQ(second["usage"]["start_type"], "warm");
  EXPECT_EQ(second["usage"]["environment"], first["usage"]["environment"]);
  EXPECT_NE(first["usage"]["environment"].get<std::string>().find("/e"), std::string::npos);
  EXPECT_GT(first["usage"]["start_seconds"], 0);
  EXPECT_GT(first["usage"]["memory_bytes"], 1 << 20);
  EXPECT_TRUE(first["usage"]["cpu_seconds"].is_number());
}

TEST_F(WorkerEnvironmentTest, TheMemoryLimitIsThatOfTheTask) {
  StartBoth();
  EXPECT_EQ(RunPython("a1", "memory")["state"], "success");
  const Json small = {{"executor_config", {{"memory_mb", 200}}}};
  const Json end = RunPython("a2", "memory", small);
  EXPECT_EQ(end["state"], "failed");
  const auto reason = end["reason"].get<std::string>();
  EXPECT_NE(reason.find("limit of 200 MB, memory_mb; raise it by"), std::string::npos) << reason;
  EXPECT_EQ(end["usage"]["start_type"], "cold");  // an environment has one limit
}

TEST_F(WorkerEnvironmentTest, WhatLeftTheTasksProcessGroupDoesNotOutliveIt) {
  StartBoth({"stop_grace_ms=300"});
  const auto escaped = [this] {
    EXPECT_TRUE(Wait([this] { return std::filesystem::exists(temp_ / "escaped"); }));
    const pid_t pid = std::stoi(temp_.Read("escaped"));
    std::filesystem::remove(temp_ / "escaped");
    return pid;
  };
  EXPECT_EQ(RunPython("a1", "escape")["state"], "success");
  EXPECT_TRUE(WaitUntilGone(escaped()));
  EXPECT_EQ(RunPython("a2", "escape_and_die")["usage"]["exit_signal"], SIGKILL);
  EXPECT_TRUE(WaitUntilGone(escaped()));
  Start("a3", {{"kind", "python"}}, Task("escape_and_sleep"));
  const pid_t third = escaped();
  Send({{"op", "cancel"}, {"attempt_id", "a3"}, {"reason", "enough"}});
  EXPECT_EQ(WaitForEnd("a3")["reason"], "enough");
  EXPECT_TRUE(WaitUntilGone(third));
}

TEST_F(WorkerEnvironmentTest, AChangedFileGetsAFreshEnvironment) {
  StartBoth();
  const Json first = RunPython("a1", "pid");
  temp_.Write("dag.py", std::string(kDagFile) + "\n# changed\n");
  const Json second = RunPython("a2", "pid");
  EXPECT_EQ(second["state"], "success");
  EXPECT_NE(second["xcoms"], first["xcoms"]);
}

TEST_F(WorkerEnvironmentTest, AnExceptionFailsTheAttemptAndIsInTheLog) {
  StartBoth();
  const Json end = RunPython("a1", "raise");
  EXPECT_EQ(end["state"], "failed");
  EXPECT_NE(end["reason"].get<std::string>().find("no luck"), std::string::npos);
  EXPECT_NE(Log("a1").find("Traceback"), std::string::npos);
}

TEST_F(WorkerEnvironmentTest, TheDeathOfAnEnvironmentIsNamed) {
  StartBoth();
  const Json end = RunPython("a1", "kill");
  EXPECT_EQ(end["state"], "failed");
  EXPECT_EQ(end["reason"],
            "The task ended without an answer: its process ended with signal 9 (Killed).");
  EXPECT_EQ(RunPython("a2", "pid")["state"], "success");
}

TEST_F(WorkerEnvironmentTest, CancelsAndTimesOut) {
  StartBoth({"stop_grace_ms=20000"});  // nothing here needs it: tasks end by themselves
  const Json late = RunPython("a1", "sleep", {{"execution_timeout", 0.5}});
  EXPECT_EQ(late["state"], "failed");
  EXPECT_EQ(late["reason"],  // its own words: it ends itself, unless it does not manage to
            "AirflowTaskTimeout: the task ran longer than its execution_timeout of 0.5 s");
  Start("a2", {{"kind", "python"}}, Task("sleep"));
  WaitForRunning("a2");
  Send({{"op", "cancel"}, {"attempt_id", "a2"}, {"reason", "enough"}});
  EXPECT_EQ(WaitForEnd("a2")["reason"], "enough");
}

TEST_F(WorkerEnvironmentTest, WhatATaskLeavesBehindIsKilled) {
  StartBoth();
  const Json end = RunPython("a1", "leave");
  ASSERT_EQ(end["state"], "success") << end;
  EXPECT_TRUE(WaitUntilGone(end["xcoms"]["return_value"].get<pid_t>()));
}

TEST_F(WorkerEnvironmentTest, RendersTemplatesAndSpawnsTheResult) {
  StartBoth();
  constexpr int kCount = 10;
  for (int i = 0; i < kCount; ++i) {
    Json more = Task("template");
    more["run_id"] = "run" + std::to_string(i);
    Start("a" + std::to_string(i), {{"kind", "bash_template"}}, more);
  }
  for (int i = 0; i < kCount; ++i) {
    const Json end = WaitForEnd("a" + std::to_string(i));
    EXPECT_EQ(end["state"], "success") << end;
    EXPECT_EQ(end["xcoms"]["return_value"], "run" + std::to_string(i));
  }
  const Json broken = Run("b1", {{"kind", "bash_template"}}, Task("broken"));
  EXPECT_EQ(broken["state"], "failed");
  EXPECT_NE(broken["reason"], "");
  EXPECT_NE(temp_.Read("logs/b1/attempt=1.log").find("Traceback"), std::string::npos);
}

TEST_F(WorkerEnvironmentTest, WhatATemplatePushesIsStoredHoweverTheCommandEnds) {
  StartBoth();
  const Json good = Run("a1", {{"kind", "bash_template"}}, Task("push", {{"conf", {{"code", 0}}}}));
  EXPECT_EQ(good["xcoms"], Json({{"k", 5}, {"return_value", "None"}})) << good;
  const Json bad = Run("a2", {{"kind", "bash_template"}}, Task("push", {{"conf", {{"code", 1}}}}));
  EXPECT_EQ(bad["state"], "failed");
  EXPECT_EQ(bad["xcoms"], Json({{"k", 5}})) << bad;
}

TEST_F(WorkerEnvironmentTest, PassesRequestsOfTasksToControl) {
  StartBoth();
  Start("a1", {{"kind", "python"}}, Task("pull"));
  const Json request = WaitFor("request");
  EXPECT_EQ(request["attempt_id"], "a1");
  EXPECT_EQ(request["method"], "xcom_get");
  EXPECT_EQ(request["params"]["task_id"], "pid");
  // A control that starts anew is asked again.
  CloseControl();
  messages_.clear();
  Listen();
  const Json again = WaitFor("request");
  EXPECT_EQ(again, request);
  Send({{"op", "response"}, {"id", again["id"]}, {"result", 42}});
  EXPECT_EQ(WaitForEnd("a1")["xcoms"]["return_value"], 42);
}

TEST_F(WorkerEnvironmentTest, ParsesFiles) {
  StartBoth();
  const Json result = Parse(1, temp_ / "dag.py");
  EXPECT_EQ(result["error"], Json()) << result;
  ASSERT_EQ(result["dags"].size(), 1u);
  EXPECT_EQ(result["dags"][0]["dag_id"], "dag");
  temp_.Write("bad.py", "import nothing_of_that_name  # DAG of airflow\n");
  const Json bad = Parse(2, temp_ / "bad.py");
  EXPECT_NE(bad["error"]["message"].get<std::string>().find("nothing_of_that_name"),
            std::string::npos);
}

// Files that were fine had an import error ("its process ended with exit code 0") now and then: the
// zygote's word of the end was read before the rest of the result.
TEST_F(WorkerEnvironmentTest, AResultIsReadToItsEndThoughTheEnvironmentHasEnded) {
  StartBoth();
  ASSERT_EQ(mkfifo((temp_ / "gate").c_str(), 0600), 0);
  // More than one read takes, less than the socket holds.
  temp_.Write("large.py",
              "import os\n"
              "from airflow import DAG\n"
              "from airflow.operators.empty import EmptyOperator\n"
              "open('" +
                  (temp_ / "pid.part") +
                  "', 'w').write(str(os.getpid()))\n"
                  "os.rename('" +
                  (temp_ / "pid.part") + "', '" + (temp_ / "pid") +
                  "')\n"
                  "open('" +
                  (temp_ / "gate") +
                  "').close()\n"
                  "with DAG('large', schedule=None):\n"
                  "    for i in range(400):\n"
                  "        EmptyOperator(task_id=f'task_{i}_' + 'x' * 200)\n");
  Send({{"op", "parse"}, {"id", 1}, {"file", temp_ / "large.py"}, {"timeout", 30}});
  ASSERT_TRUE(Wait([this] { return std::filesystem::exists(temp_ / "pid"); }));
  const pid_t worker = hello_["pid"].get<pid_t>();
  kill(worker, SIGSTOP);
  const UniqueFd gate(open((temp_ / "gate").c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_TRUE(WaitUntilGone(std::stoi(temp_.Read("pid"))));
  kill(worker, SIGCONT);
  const Json result = WaitFor("parsed")["result"];
  EXPECT_EQ(result["error"], Json()) << result["error"];
  ASSERT_EQ(result["dags"].size(), 1u);
  EXPECT_EQ(result["dags"][0]["tasks"].size(), 400u);
}

TEST_F(WorkerEnvironmentTest, AFileThatHangsOrDiesIsAnImportError) {
  StartBoth();
  temp_.Write("die.py", "import os  # DAG of airflow\nos.kill(os.getpid(), 9)\n");
  EXPECT_EQ(
      Parse(1, temp_ / "die.py")["error"]["message"],
      "importing " + (temp_ / "die.py") + " failed: its process ended with signal 9 (Killed)");
  temp_.Write("hang.py",
              "import signal  # DAG of airflow\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
              "while True:\n    pass\n");
  EXPECT_EQ(Parse(2, temp_ / "hang.py", 0.1)["error"]["message"],
            "importing " + (temp_ / "hang.py") + " took longer than 0.1 s");
}

TEST_F(WorkerEnvironmentTest, TheDeathOfTheZygoteFailsItsAttemptsAndANewOneStarts) {
  StartBoth();
  Start("a1", {{"kind", "python"}}, Task("sleep"));
  const pid_t environment = WaitForRunning("a1")["pid"].get<pid_t>();
  std::ifstream stat("/proc/" + std::to_string(environment) + "/stat");
  std::string word;
  pid_t zygote = 0;
  stat >> word >> word >> word >> zygote;
  kill(zygote, SIGKILL);
  const Json end = WaitForEnd("a1");
  EXPECT_EQ(end["state"], "failed");
  EXPECT_EQ(end["reason"],
            "The task ended without an answer: the Python zygote ended with signal 9 (Killed).");
  EXPECT_TRUE(WaitUntilGone(environment));
  EXPECT_EQ(RunPython("a2", "pid")["state"], "success");
}

TEST_F(WorkerEnvironmentTest, AZygoteThatCannotStartFailsTheAttemptsWithItsWords) {
  temp_.Write("bad_zygote.sh", "echo no module of that name >&2\nexit 1\n");
  StartBoth({"zygote=/bin/sh " + (temp_ / "bad_zygote.sh")});
  const Json end = RunPython("a1", "pid");
  EXPECT_EQ(end["state"], "failed");
  EXPECT_EQ(end["reason"],
            "The task ended without an answer: the Python zygote (/bin/sh) cannot be started: it "
            "ended with exit code 1; it wrote: no module of that name.");
}

TEST_F(WorkerEnvironmentTest, AMissingInterpreterIsNamed) {
  StartBoth({"zygote=/nonexistent/python3"});
  EXPECT_NE(RunPython("a1", "pid")["reason"].get<std::string>().find(
                "cannot run /nonexistent/python3: No such file or directory"),
            std::string::npos);
  EXPECT_NE(Parse(1, temp_ / "dag.py")["error"]["message"].get<std::string>().find(
                "/nonexistent/python3"),
            std::string::npos);
}

TEST_F(WorkerEnvironmentTest, EnvironmentsZygoteAndWorkerEndAfterTheKeepAliveTime) {
  StartBoth({"keep_alive_ms=50"});
  const pid_t environment = RunPython("a1", "pid")["xcoms"]["return_value"].get<pid_t>();
  ASSERT_TRUE(WaitFor("idle").is_object());
  EXPECT_TRUE(WaitUntilGone(environment));
  Send({{"op", "exit"}});
  EXPECT_TRUE(Wait([this] { return exit_status_.has_value(); }));
}

TEST_F(WorkerEnvironmentTest, AKilledWorkerLeavesNoEnvironment) {
  StartBoth();
  Start("a1", {{"kind", "python"}}, Task("sleep"));
  const pid_t environment = WaitForRunning("a1")["pid"].get<pid_t>();
  kill(hello_["pid"].get<pid_t>(), SIGKILL);
  ASSERT_TRUE(Wait([this] { return exit_status_.has_value(); }));
  EXPECT_NE(kill(environment, 0), 0);
}

}  // namespace
}  // namespace beeflow
