// beeflow_sim --seeds N [--first S] [--verbose]: runs N simulations, each from its own seed, and
// ends with status 1 at the first that goes wrong, saying what happened and how to replay it.
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "sim/world.h"

namespace beeflow {
namespace {

struct SimArguments {
  uint64_t seeds = 200;
  uint64_t first = 1;
  bool verbose = false;
};

bool ReadNumber(const char* text, uint64_t* out) {
  const char* end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, *out);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

bool ReadArguments(int argc, char** argv, SimArguments* out) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--verbose") {
      out->verbose = true;
    } else if ((name == "--seeds" || name == "--first") && i + 1 < argc) {
      if (!ReadNumber(argv[++i], name == "--seeds" ? &out->seeds : &out->first)) return false;
    } else {
      return false;
    }
  }
  return true;
}

uint64_t running_seed = 0;

void SayHowToReplay() {
  std::printf("replay it with: beeflow_sim --first %llu --seeds 1 --verbose\n",
              static_cast<unsigned long long>(running_seed));
  std::fflush(stdout);
}

// A broken invariant aborts; the seed must be known even so. Nothing but printing happens after.
void OnAbort(int) {
  SayHowToReplay();
  std::signal(SIGABRT, SIG_DFL);
}

int Main(int argc, char** argv) {
  SimArguments arguments;
  if (!ReadArguments(argc, argv, &arguments)) {
    std::fprintf(stderr, "usage: beeflow_sim [--seeds N] [--first S] [--verbose]\n");
    return 2;
  }
  std::signal(SIGABRT, OnAbort);
  WorldResult sum;
  uint64_t scaled_out = 0;
  for (uint64_t i = 0; i < arguments.seeds; ++i) {
    const uint64_t seed = running_seed = arguments.first + i;
    WorldOptions options;
    options.seed = seed;
    options.verbose = arguments.verbose;
    const WorldResult result = Simulate(options);
    sum.turns += result.turns;
    sum.crashes += result.crashes;
    sum.attempts += result.attempts;
    sum.finished_tasks += result.finished_tasks;
    sum.take_overs += result.take_overs;
    scaled_out += result.is_scaled_out ? 1 : 0;
    if (result.violations.empty()) continue;
    std::printf("seed %llu went wrong:\n", static_cast<unsigned long long>(seed));
    for (const std::string& what : result.violations) std::printf("  %s\n", what.c_str());
    SayHowToReplay();
    return 1;
  }
  const auto number = [](uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf(
      "%llu seeds fine, %llu of them across hosts: %llu turns, %llu crashes, %llu take-overs, "
      "%llu attempts, %llu task instances\n",
      number(arguments.seeds), number(scaled_out), number(sum.turns), number(sum.crashes),
      number(sum.take_overs), number(sum.attempts), number(sum.finished_tasks));
  return 0;
}

}  // namespace
}  // namespace beeflow

int main(int argc, char** argv) { return beeflow::Main(argc, argv); }
