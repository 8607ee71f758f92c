#pragma once
// The fork: what the new process is, and which descriptors it has.

#include <string>

#include <sys/types.h>

#include "am/strategy/worker.hpp"

namespace am::strategy {

inline constexpr const char* kBwrap = "/usr/bin/bwrap";

/// Ours; they close on exec.
struct Started {
  pid_t child = 0;
  int socket = -1;  ///< does not wait
  int info = -1;    ///< where bwrap says which process it started; not with Landlock
  int words = -1;   ///< what it writes to its standard error, as far as that fits into a pipe
};

/// Errors:  unavailable: no process, memory or descriptor is left.
Started start_in_sandbox(SandboxKind kind, const std::string& python);

}  // namespace am::strategy
