#pragma once
// One process in its sandbox: how it is started, what it uses, how it is ended. What is said to it is python_worker's.

#include <chrono>
#include <optional>
#include <string>

#include <sys/types.h>

#include "am/kernel/stop.hpp"
#include "am/strategy/worker.hpp"

namespace am::strategy {

/// Errors:  config, with the remedy: bwrap, Python or Landlock is not there, or Python is outside of /usr.
void require_sandbox(const SandboxOptions& options);

/// Owns the process: gone and reaped when this is. Threads: one, which has to last as long as the process, since the
/// process ends with it.
class SandboxProcess {
 public:
  /// Errors:  unavailable: no process, memory or descriptor is left.
  explicit SandboxProcess(SandboxKind kind, const std::string& python);
  ~SandboxProcess();
  SandboxProcess(const SandboxProcess&) = delete;
  SandboxProcess& operator=(const SandboxProcess&) = delete;

  /// Our end of the socket, which does not wait.
  int socket() const { return socket_; }

  /// Once it has spoken: finds out which process it is, and takes from it what bwrap still needed. False: it can't be.
  bool identify();
  /// As the host numbers it; 0: not identified.
  pid_t worker() const { return worker_; }

  /// Processor time so far. Nothing: not identified, or gone.
  std::optional<std::chrono::nanoseconds> processor_time() const;
  /// How long it has stood in line for a processor, and whether it does now (or runs). Nothing: not known.
  struct Scheduled {
    std::chrono::nanoseconds waited{};
    bool runnable = false;
  };
  std::optional<Scheduled> scheduled() const;

  /// SIGKILL for all of it. It is over only when ended() says so.
  void kill();
  /// Once it is over and reaped: how, in words. Never waits.
  std::optional<std::string> ended();

 private:
  bool read_worker_pid();
  void kill_whom_it_started() const;

  SandboxKind kind_;
  int socket_ = -1, info_ = -1, words_ = -1, worker_fd_ = -1;
  pid_t child_ = 0, worker_ = 0;
  clockid_t clock_ = 0;
  std::optional<kernel::SteadyTime> killed_at_{};
};

}  // namespace am::strategy
