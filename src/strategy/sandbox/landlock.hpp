#pragma once
// The second way to confine a worker: no namespaces, but a process that may open nothing outside of what Python needs.
// Raw system calls, since the headers of Debian 12 are older than the kernels it may run on.

#include <string>
#include <vector>

namespace am::strategy {

/// 0: this kernel has none, or it is off.
int landlock_version();

/// What is readable, made ready before the fork.
struct LandlockPlan {
  int version = 0;
  std::vector<std::string> trees;  ///< folders and files, read and executed
};
LandlockPlan landlock_plan(const std::string& python);

/// Confines the calling process for good. Async-signal-safe: between fork and exec. False: errno says why.
bool restrict_by_landlock(const LandlockPlan& plan);

}  // namespace am::strategy
