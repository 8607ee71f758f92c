#pragma once
// What one thread sleeps on: a socket, and a bell that other threads ring. Who rings pays for a system call only when
// somebody sleeps.

#include <atomic>
#include <cstdint>

#include "am/kernel/stop.hpp"

namespace am::strategy {

/// Threads: one sleeps; any may ring, a signal handler, too. What there is to be woken for has to be said in memory
/// (std::memory_order_seq_cst) before ring(), and looked at between lie_down() and the sleep.
class Doorbell {
 public:
  Doorbell();
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  void ring() noexcept;

  void lie_down() { asleep_.store(true, std::memory_order_seq_cst); }
  /// Until it rings, or the socket is readable, or until then, or for no reason.
  void sleep(kernel::SteadyTime until);
  /// After lie_down(), however the sleep ended.
  void get_up() { asleep_.store(false, std::memory_order_seq_cst); }
  /// Makes the descriptor silent again. What is rung only after it ends the next sleep early.
  void hush();

  /// A socket that ends the sleep when it is readable, until it is closed.
  void watch(int socket);
  /// Readable when the sleep is to end.
  int descriptor() const { return both_; }

 private:
  std::atomic<bool> asleep_{false};
  int bell_, both_;
};

}  // namespace am::strategy
