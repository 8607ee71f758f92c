#pragma once
// The engine's side of a sandboxed strategy: a queue of events, the process that looks at them, what it answers, and what
// becomes of it when it takes too long, answers what it was not asked for, or dies. Nothing in here waits.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strategy/sandbox/frames.hpp"
#include "strategy/sandbox/process.hpp"

namespace am::strategy {

class PythonWorker final : public Worker {
 public:
  PythonWorker(WorkerOptions options, SandboxOptions sandbox);

  bool offer(const WorkerEvent& event) override;
  void position(const Position& position) override;
  int fd() const override;
  bool wants_write() const override;
  void pump(std::vector<Evaluated>& out) override;
  kernel::SteadyTime wake_at() const override;
  WorkerState state() const override { return state_; }
  const std::string& reason() const override { return reason_; }
  std::size_t pending() const override { return events_.size(); }
  std::optional<int> warm_up_bars() const override { return warm_up_; }
  const std::string& snapshot() const override { return snapshot_; }
  /// Of its process so far. Nothing: there is none.
  std::optional<std::chrono::nanoseconds> processor_time() const;

 private:
  using Time = kernel::SteadyTime;
  struct Frame {
    long long id;
    std::size_t count;
  };
  /// What the process is asked to do now, and how much it may take.
  struct Watch {
    Time since{}, look_at{};
    std::chrono::nanoseconds used_before{}, processor{}, wall{};
    std::optional<std::chrono::nanoseconds> waited_before{};
  };

  void start(Time now);
  void stop_process(std::string why);
  void reap(Time now);
  void failed_once(Time now, std::string why);
  void give_up(std::string why);
  void read_answers(std::vector<Evaluated>& out, Time now);
  bool take_frame(std::vector<Evaluated>& out, Time now);
  void take_answer(WorkerAnswer answer, std::vector<Evaluated>& out, Time now);
  void take_results(WorkerAnswer& answer, std::vector<Evaluated>& out, Time now);
  void watch_from(Time now, std::size_t callbacks);
  void watch_idle(Time now);
  void watch(Time now);
  std::string for_what() const;
  void send_frames(Time now);
  bool next_frame(Time now);
  void write_out();

  const WorkerOptions options_;
  const SandboxOptions sandbox_;
  std::unique_ptr<SandboxProcess> process_{};
  WorkerState state_ = WorkerState::waiting;
  std::string reason_{}, snapshot_;
  std::deque<Time> failures_{};
  Time restart_at_{};

  std::deque<WorkerEvent>
      events_{};  ///< not answered, in order; the first sent_ of them are with the process
  std::size_t sent_ = 0;
  std::deque<Frame> frames_{};
  long long last_id_ = 0;
  int generation_ = 0;
  std::size_t window_ = 1;  ///< events in a frame, at most options_.batch
  bool held_ = false;       ///< something was asked for: what is held is told before the next event is sent
  Position position_{};
  bool position_told_ = false, started_ = false;
  std::optional<int> warm_up_{};
  std::vector<std::string> loading_output_{};

  std::string in_{}, out_{};
  bool asked_ = false;                ///< it has something to do
  bool greeted_ = false;              ///< it has said hello
  std::optional<std::string> why_{};  ///< it is being ended, and for this; empty: it went by itself
  std::optional<Time> kill_at_{};     ///< when one that closed its socket is killed
  Watch watch_{};
};

/// make_python_worker, for who looks closer.
std::unique_ptr<PythonWorker> make_watched_worker(const WorkerOptions& options,
                                                  const SandboxOptions& sandbox);

}  // namespace am::strategy
