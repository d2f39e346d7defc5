#include "blob/s3_server_for_test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"

namespace beeflow {

S3Server& S3Server::Get() {
  static S3Server server;
  return server;
}

S3Server::S3Server() {
  auto input = MakePipe();
  auto output = MakePipe();
  BEEFLOW_CHECK(input.ok() && output.ok());
  SpawnRequest request;
  // s3rver encrypts continuation tokens with DES.
  request.argv = {"node", "--openssl-legacy-provider", BEEFLOW_S3_SERVER, folder_.path()};
  request.fds = {{input->first.get(), 0}, {output->second.get(), 1}};
  const auto spawned = Spawn(request);
  BEEFLOW_CHECK(spawned.ok());
  pid_ = spawned->pid;
  to_ = std::move(input->second);
  from_ = std::move(output->first);
  output->second = UniqueFd();
  port_ = ReadLine();
  if (port_.empty()) {
    std::fprintf(stderr, "%s did not start; `make packages-test` installs what it needs\n",
                 BEEFLOW_S3_SERVER);
    std::abort();
  }
}

S3Server::~S3Server() {
  to_ = UniqueFd();  // the server ends with its standard input
  waitpid(pid_, nullptr, 0);
}

std::string S3Server::ReadLine() {
  std::string line;
  for (char c = 0; read(from_.get(), &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

std::vector<std::string> S3Server::Arrange(const std::string& faults, int page) {
  const std::string command =
      R"({"faults": )" + faults + R"(, "page": )" + std::to_string(page) + "}\n";
  BEEFLOW_CHECK(write(to_.get(), command.data(), command.size()) ==
                static_cast<ssize_t>(command.size()));
  return Json::parse(ReadLine()).get<std::vector<std::string>>();
}

S3Options S3Server::Options(Pause* pause) const {
  S3Options options;
  options.aws.access_key_id = "AKIATEST";
  options.aws.secret_access_key = "secret/with+signs=";
  options.aws.credentials_source = "AWS_ACCESS_KEY_ID";
  options.aws.region = "us-east-1";
  options.aws.region_source = "AWS_REGION";
  options.aws.endpoint_url = url();
  options.bucket = "lab";
  options.retries.attempts_max = 3;
  options.pause = pause;
  return options;
}

}  // namespace beeflow
