#include "main/browser.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "main/temporary_folder.h"
#include "os/process.h"

namespace beeflow {
namespace {

// A browser that prints nothing for so long hangs.
constexpr int kSilenceMillisecondsMax = 600'000;
constexpr size_t kShownBytesMax = 500;

Result<std::string> FindBrowser(const Variables& variables) {
  const auto chosen = variables.find("BEEFLOW_BROWSER");
  if (chosen != variables.end() && !chosen->second.empty()) {
    std::string path = FindOnPath(chosen->second, "");
    if (path.empty() && access(chosen->second.c_str(), X_OK) == 0) path = chosen->second;
    if (!path.empty()) return path;
    return NotFound("BEEFLOW_BROWSER: there is no program '" + chosen->second + "'");
  }
  for (const char* name :
       {"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}) {
    const std::string path = FindOnPath(name, "");
    if (!path.empty()) return path;
  }
  return NotFound(
      "images need Chromium or Google Chrome, and neither is on PATH; install one (Debian: apt-get "
      "install chromium), or name one in BEEFLOW_BROWSER");
}

std::vector<std::string> Arguments(const std::string& browser, const std::string& profile,
                                   const std::string& url) {
  std::vector<std::string> arguments = {
      browser, "--headless=new", "--disable-gpu", "--no-first-run", "--disable-extensions",
      "--hide-scrollbars", "--user-data-dir=" + profile,
      // The page draws after it has loaded; the browser's own clock stands still while it works.
      "--virtual-time-budget=3600000", "--dump-dom", url};
  // Its sandbox refuses root; the page is our own.
  if (geteuid() == 0) arguments.insert(arguments.begin() + 1, "--no-sandbox");
  return arguments;
}

// All that comes until the end; kUnavailable when nothing comes for too long.
Result<std::string> ReadAll(int fd) {
  std::string text;
  char buffer[65536];
  while (true) {
    pollfd poll_fd{fd, POLLIN, 0};
    const int ready = poll(&poll_fd, 1, kSilenceMillisecondsMax);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return Unavailable("it hangs");
    const ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

// The end of what the browser complained of.
std::string Complaint(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  std::string said = std::move(text).str();
  if (said.size() > kShownBytesMax) said.erase(0, said.size() - kShownBytesMax);
  return said.empty() ? "" : ": " + said;
}

}  // namespace

Result<std::string> PrintPage(const Variables& variables, const std::string& url) {
  BEEFLOW_ASSIGN_OR_RETURN(const std::string browser, FindBrowser(variables));
  const TemporaryFolder folder("beeflow-browser");
  if (folder.path().empty()) return Unavailable("no temporary folder can be made; see TMPDIR");
  const std::string errors = folder.path() + "/errors";
  UniqueFd error_file(open(errors.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  BEEFLOW_ASSIGN_OR_RETURN(auto pipe, MakePipe());
  SpawnRequest request;
  request.argv = Arguments(browser, folder.path() + "/profile", url);
  request.fds = {{pipe.second.get(), STDOUT_FILENO}, {error_file.get(), STDERR_FILENO}};
  BEEFLOW_ASSIGN_OR_RETURN(const SpawnedProcess process, Spawn(request));
  pipe.second.reset();
  Result<std::string> page = ReadAll(pipe.first.get());
  SignalGroup(process.pid, SIGKILL);  // what is left of it; its page is complete, or it hangs
  int status = 0;
  while (waitpid(process.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!page.ok() || page->empty()) {
    return Unavailable(browser + " did not draw the page" +
                       (page.ok() ? "" : "; " + page.error().message) + Complaint(errors));
  }
  return page;
}

}  // namespace beeflow
