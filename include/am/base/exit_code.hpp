#pragma once
// The exit codes that schedulers, units and shell scripts depend on. Frozen: a number is never
// reassigned. What a scheduler should do with each is in docs/exit-codes.md; 2-7 and 200+ are left to
// systemd's own labels, 64-78 are sysexits.

#include <span>
#include <string_view>

namespace am {

enum class ExitCode : int {
  ok = 0,
  failure = 1,
  found = 10,
  busy = 11,
  partial = 12,
  exists = 13,
  usage = 64,
  data = 65,
  no_input = 66,
  unavailable = 69,
  needs_human = 70,
  deferred = 75,
  denied = 77,
  config = 78,
  interrupted = 130,
  terminated = 143,
};

struct ExitCodeInfo {
  ExitCode code;
  std::string_view name;
  std::string_view meaning;
  std::string_view scheduler;  ///< what a scheduler should do with it
};

/// Every exit code, ascending.
std::span<const ExitCodeInfo> exit_codes();

/// The name of a code as `am exit-codes` prints it ("no_input").
std::string_view exit_code_name(ExitCode code);

/// The worse of two results of one run, in the order 70 65 69 12 75 0 (any other code beats those).
ExitCode worse(ExitCode a, ExitCode b);

}  // namespace am
