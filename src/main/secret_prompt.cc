#include "main/secret_prompt.h"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace beeflow {
namespace {

// Without echo as long as it lives.
class SilentTerminal {
 public:
  SilentTerminal() {
    tcgetattr(STDIN_FILENO, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
};

}  // namespace

Result<std::string> AskSecret(const std::string& question) {
  if (isatty(STDIN_FILENO) == 0) {
    return Invalid("there is no terminal to ask for a password; give it as an option");
  }
  std::cerr << question << std::flush;
  const SilentTerminal silent;
  std::string line;
  if (!std::getline(std::cin, line)) return Invalid("no password was given");
  return line;
}

}  // namespace beeflow
