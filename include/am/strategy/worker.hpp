#pragma once
// A strategy outside of this process: a sandboxed worker for each session, which the engine never waits for.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/stop.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

/// What a worker is asked to look at.
struct WorkerEvent {
  EventKind kind = EventKind::bar;
  bool muted = false;  ///< what it asks for does not count (warm-up, a gap that is made good)
  Bar bar{};
  Trade trade{};
};

/// What came of one event; events are answered in order, each once.
struct Evaluated {
  EventKind kind = EventKind::bar;
  Micros at = 0;  ///< of the event
  bool muted = false;
  std::vector<Intent> intents{};
  std::vector<std::string> output{};  ///< what it printed, cut to a bound
  std::string error{};                ///< "line 12: ZeroDivisionError: …"; the event counts as seen
};

enum class WorkerState {
  starting,
  live,
  waiting,  ///< it was killed, and starts again after its back-off
  failed,   ///< three times in ten minutes, or it can't be started: why is reason()
};

/// Threads: one, which has to last as long as the worker: its process ends with the thread that made it. Nothing here waits
/// but the destructor, which kills and reaps.
class Worker {
 public:
  virtual ~Worker() = default;

  /// Takes an event. False: its queue is full, nothing is taken.
  virtual bool offer(const WorkerEvent& event) = 0;
  /// What it holds, told before the next event.
  virtual void position(const Position& position) = 0;
  /// Readable or writable when pump has something to do; -1: no process now. It changes after a restart.
  virtual int fd() const = 0;
  virtual bool wants_write() const = 0;
  /// Reads, writes, watches, restarts: to be called when fd is ready and at wake_at, at the latest.
  virtual void pump(std::vector<Evaluated>& out) = 0;
  virtual kernel::SteadyTime wake_at() const = 0;
  virtual WorkerState state() const = 0;
  virtual const std::string& reason() const = 0;
  /// Events taken and not answered.
  virtual std::size_t pending() const = 0;
  /// How many bars the strategy wants to have seen before what it asks for counts. Nothing: it is not loaded yet.
  virtual std::optional<int> warm_up_bars() const = 0;
  /// `state` as of the last answered event, JSON text: what a worker starts with after a crash or hand-over.
  virtual const std::string& snapshot() const = 0;
};

struct WorkerOptions {
  std::string code;  ///< of the strategy
  std::string symbol, strategy_id, session_id, timeframe = "1m";
  std::string params = "{}";  ///< a JSON object
  std::string snapshot{};     ///< state to start with; empty: none
  int batch = 1;              ///< bars in a frame: 1 live, 100 in replay, which stops at a bar that signals
  std::size_t most_pending = 1024;
};

enum class SandboxKind { bwrap, landlock };
struct SandboxOptions {
  SandboxKind kind = SandboxKind::bwrap;
  std::string python = "/usr/bin/python3";
  std::chrono::milliseconds cpu_limit{50};  ///< the worker's processor time in one callback
  std::chrono::milliseconds wall_limit{1000}, start_limit{5000};
};

/// Errors:  config, with the remedy: the sandbox can't be made here (probe_sandbox).
std::unique_ptr<Worker> make_python_worker(const WorkerOptions& options, const SandboxOptions& sandbox);

/// Starts a worker that tries what it must not be able to do. Errors: config, with the remedy: no sandbox can be made
/// here, or one that does not hold.
void probe_sandbox(const SandboxOptions& sandbox);

}  // namespace am::strategy
