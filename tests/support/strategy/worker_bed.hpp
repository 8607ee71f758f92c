#pragma once
// A worker with a strategy's text, driven as an engine does: events in, answers out, within a time.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "am/strategy/worker.hpp"

namespace am::test {

/// One bar a minute from 2026-01-26 14:30 UTC on.
strategy::WorkerEvent bar_event(int number, double close, bool muted = false);
strategy::WorkerEvent trade_event(int number, double price);
strategy::WorkerEvent event_of(strategy::EventKind kind);

strategy::WorkerOptions worker_options(std::string code);

class WorkerBed {
 public:
  explicit WorkerBed(const strategy::WorkerOptions& options, strategy::SandboxOptions sandbox = {});
  explicit WorkerBed(const std::string& code, strategy::SandboxKind kind = strategy::SandboxKind::bwrap);

  strategy::Worker& worker() { return *worker_; }
  /// All answers so far.
  const std::vector<strategy::Evaluated>& answers() const { return answers_; }

  /// Goes on until it holds; false: not within the time.
  bool until(const std::function<bool()>& holds, std::chrono::milliseconds most = std::chrono::seconds(15));
  /// Offers it, and waits for its answer; one without anything, if none comes.
  strategy::Evaluated ask(const strategy::WorkerEvent& event);
  bool until_state(strategy::WorkerState state);
  /// One turn of the loop of an engine, at most so long.
  void turn(std::chrono::milliseconds most);

 private:
  std::unique_ptr<strategy::Worker> worker_;
  std::vector<strategy::Evaluated> answers_;
};

/// All processes below this one that are no zombies, by /proc.
std::vector<pid_t> descendants();

/// Runs it in a process of another user (nobody), where this one is root; elsewhere in one of the same. What it returns,
/// or what it died of; empty: well.
std::string as_ordinary_user(const std::function<std::string()>& work);

}  // namespace am::test
