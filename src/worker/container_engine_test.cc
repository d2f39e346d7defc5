#include "worker/container_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace beeflow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ContainerEngine Podman() {
  ContainerEngine engine;
  engine.path = "/usr/bin/podman";
  engine.open_files_hard = 4096;
  return engine;
}

ContainerEngine Runc() {
  ContainerEngine engine;
  engine.kind = ContainerEngine::Kind::kOciRuntime;
  engine.path = "/usr/sbin/runc";
  return engine;
}

ContainerPlan Read(const std::string& config) {
  ContainerPlan plan;
  const Status status = ApplyContainerConfig(ParseJson(config).value(), "the config", &plan);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return plan;
}

std::string ErrorOf(const std::string& config) {
  ContainerPlan plan;
  const Status status = ApplyContainerConfig(ParseJson(config).value(), "the config", &plan);
  return status.ok() ? "" : status.error().message;
}

TEST(ContainerPlan, LaterKeysCountAndMountsAddUp) {
  ContainerPlan plan = Read(R"({"image": "a", "cpus": 2, "mounts": ["/a:/b:ro"],
                                "env": {"A": "1", "B": "2"}})");
  ASSERT_TRUE(ApplyContainerConfig(ParseJson(R"({"image": "b", "mounts": ["data:/c",
      {"type": "tmpfs", "target": "/d"}], "env": {"A": "3", "N": 4}})")
                                       .value(),
                                   "", &plan)
                  .ok());
  EXPECT_EQ(plan.image, "b");
  EXPECT_EQ(plan.cpus, 2);
  EXPECT_EQ(plan.env, (std::map<std::string, std::string>{{"A", "3"}, {"B", "2"}, {"N", "4"}}));
  EXPECT_THAT(plan.mounts, ElementsAre(ContainerMount{"bind", "/a", "/b", true},
                                       ContainerMount{"volume", "data", "/c", false},
                                       ContainerMount{"tmpfs", "", "/d", false}));
}

TEST(ContainerPlan, ErrorsNameTheKey) {
  EXPECT_THAT(ErrorOf(R"({"imag": "a"})"), HasSubstr("the config: imag is unknown"));
  EXPECT_THAT(ErrorOf(R"({"cpus": -1})"), HasSubstr("cpus must be a number"));
  EXPECT_THAT(ErrorOf(R"({"pull": "often"})"), HasSubstr("pull is 'often'"));
  EXPECT_THAT(ErrorOf(R"({"mounts": ["/a"]})"), HasSubstr("the mount '/a' cannot be read"));
  EXPECT_THAT(ErrorOf(R"({"mounts": ["/a:b"]})"), HasSubstr("'b' of a mount is no absolute path"));
  EXPECT_THAT(ErrorOf(R"({"mounts": ["/a,b:/c"]})"), HasSubstr("has a comma"));
  EXPECT_THAT(ErrorOf(R"({"env": {"A=B": "c"}})"), HasSubstr("'A=B' cannot be set"));
  EXPECT_THAT(ErrorOf(R"({"command": ["a"]})"), HasSubstr("command is unknown"));
  EXPECT_EQ(ErrorOf(R"({"timeout_seconds": 3, "cpu_share": 1})"), "");
}

TEST(ContainerEngine, PodmanIsToldAllOfThePlan) {
  ContainerPlan plan = Read(R"({"image": "img:1", "cpus": 1.5, "memory_mb": 64, "env": {"A": "b c"},
      "mounts": ["/a:/b:ro", {"type": "tmpfs", "target": "/t"}], "user": "1000:1000",
      "network": "none", "workdir": "/w", "pull": "never"})");
  plan.private_env = {{"SECRET", "x"}, {"PATH", "/p"}};
  plan.labels = {{"l", "v"}};
  plan.entrypoint = {"/bin/sh"};
  plan.command = {"-c", "echo \"1\""};
  EXPECT_THAT(
      RunArguments(Podman(), plan, {"beeflow-1", "/run/c", 1, "/group.1"}),
      ElementsAre("/usr/bin/podman", "--cgroup-manager=cgroupfs", "run", "--rm", "--name=beeflow-1",
                  "--pidfile=/run/c/pid", "--cgroup-parent=/group.1", "--log-driver=passthrough",
                  "--preserve-fds=1", "--label=l=v", "--ulimit=nofile=1024:4096", "--cpus=1.5",
                  "--memory=67108864b", "--env=A=b c", "--env=PATH=/p", "--env=SECRET",
                  "--mount=type=bind,target=/b,source=/a,readonly", "--mount=type=tmpfs,target=/t",
                  "--user=1000:1000", "--network=none", "--workdir=/w",
                  "--entrypoint=[\"/bin/sh\"]", "--pull=never", "img:1", "-c", "echo \"1\""));
  EXPECT_THAT(EngineEnvironment(Podman(), plan, {"SECRET=old", "HOME=/root"}),
              ElementsAre("HOME=/root", "SECRET=x"));
}

TEST(ContainerEngine, PodmanLaysALayerOverAFolder) {
  ContainerEngine engine = Podman();
  engine.runtime = "/usr/sbin/runc";
  const auto arguments =
      RunArguments(engine, Read(R"({"image": "/images/a"})"), {"n", "/f", 0, ""});
  EXPECT_EQ(arguments[3], "run");
  EXPECT_THAT(arguments, testing::Contains("/images/a:O"));
  EXPECT_EQ(arguments[1], "--runtime");
  EXPECT_THAT(arguments, testing::Not(testing::Contains("--pull=missing")));
  EXPECT_THAT(RemoveArguments(engine, "n"),
              ElementsAre("/usr/bin/podman", "--runtime", "/usr/sbin/runc", "rm", "--force",
                          "--ignore", "--time=0", "n"));
}

TEST(ContainerEngine, ARuntimeGetsItsConfig) {
  if (geteuid() != 0) GTEST_SKIP() << "a runtime alone needs root";
  ContainerPlan plan = Read(R"({"image": "/images/a", "cpus": 0.5, "memory_mb": 64,
      "env": {"HOME": "/h"}, "mounts": ["/a:/b:ro"], "user": "7:8", "network": "none"})");
  plan.command = {"echo", "x"};
  const Json config = OciConfig(Runc(), plan, {"n", "/w/n", 0, "/group.1"}).value();
  EXPECT_EQ(config["root"], (Json{{"path", "/images/a"}, {"readonly", true}}));
  EXPECT_EQ(config["process"]["args"], Json({"echo", "x"}));
  EXPECT_EQ(config["process"]["user"], (Json{{"uid", 7}, {"gid", 8}}));
  EXPECT_EQ(config["process"]["env"][0], "HOME=/h");
  EXPECT_EQ(config["linux"]["cgroupsPath"], "/group.1/n");
  EXPECT_EQ(config["linux"]["resources"]["memory"]["limit"], 64 * 1024 * 1024);
  EXPECT_EQ(config["linux"]["resources"]["cpu"]["quota"], 50'000);
  EXPECT_TRUE(config["linux"]["resources"]["devices"].is_array());
  const Json& namespaces = config["linux"]["namespaces"];
  EXPECT_NE(std::find(namespaces.begin(), namespaces.end(), Json{{"type", "network"}}),
            namespaces.end());
  EXPECT_EQ(config["mounts"].back(), Json::parse(R"({"destination": "/b", "type": "bind",
      "source": "/a", "options": ["rbind", "ro"]})"));
  EXPECT_THAT(RunArguments(Runc(), plan, {"n", "/f", 1, ""}),
              ElementsAre("/usr/sbin/runc", "run", "--bundle", "/f", "--pid-file", "/f/pid",
                          "--preserve-fds", "1", "n"));
}

TEST(ContainerEngine, ARuntimeSaysWhatNeedsPodman) {
  const auto error = [](const std::string& config) {
    ContainerPlan plan = Read(config);
    plan.command = {"true"};
    const auto made = OciConfig(Runc(), plan, {"n", "/w/n", 0, "/group.1"});
    return made.ok() ? "" : made.error().message;
  };
  EXPECT_THAT(error(R"({"image": "name"})"), HasSubstr("cannot fetch the image 'name'"));
  EXPECT_THAT(error(R"({"image": "/a", "network": "bridge"})"), HasSubstr("'bridge'"));
  if (geteuid() != 0) return;
  EXPECT_THAT(error(R"({"image": "/a", "mounts": ["data:/c"]})"), HasSubstr("the volume 'data'"));
  EXPECT_THAT(error(R"({"image": "/a", "user": "bob"})"), HasSubstr("the user 'bob'"));
}

}  // namespace
}  // namespace beeflow
