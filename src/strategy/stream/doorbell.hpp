#pragma once
// How one thread sleeps until another has something for it: on a futex, or on a descriptor among others. Who rings pays
// for a system call only when somebody sleeps.

#include <atomic>
#include <cstdint>

#include "am/kernel/stop.hpp"

namespace am::strategy {

/// Threads: one sleeps; any may ring, a signal handler, too. What is there to be woken for has to be said in memory
/// (std::memory_order_seq_cst) before ring(), and looked at between lie_down() and sleep().
class Doorbell {
 public:
  Doorbell();
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  void ring() noexcept;

  enum class Bed : std::uint32_t { none, futex, descriptor };
  void lie_down(Bed bed) { bed_.store(static_cast<std::uint32_t>(bed), std::memory_order_seq_cst); }
  /// On the futex: until it rings, or until then, or for no reason.
  void sleep(kernel::SteadyTime until);
  /// After lie_down(), however the sleep ended.
  void get_up() { lie_down(Bed::none); }
  /// Likewise, when it was on the descriptor: it is silent again.
  void get_up_from_descriptor();
  int descriptor() const { return descriptor_; }

 private:
  std::atomic<std::uint32_t> bed_{0};
  int descriptor_;
};

}  // namespace am::strategy
