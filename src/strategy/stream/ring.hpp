#pragma once
// Frames in order from one thread to another, in memory of a fixed size. Each lies in one piece, with kPadding bytes behind
// it, so that it can be parsed where it is.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include "am/strategy/stream.hpp"

namespace am::strategy {

/// Threads: push, used and written are the writer's, has_next and next the reader's.
class Ring {
 public:
  /// At least so many bytes, as a power of two, and enough for four of the largest messages.
  explicit Ring(std::size_t bytes);

  std::size_t capacity() const { return capacity_; }
  /// Bytes in it.
  std::size_t used() const {
    return tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_acquire);
  }
  /// False, and nothing is done, when more than `limit` bytes would be in it.
  bool push(const Frame& frame, std::size_t limit);

  /// Bytes that were ever put into it.
  std::uint64_t written() const { return tail_.load(std::memory_order_relaxed); }

  bool has_next() const {
    return head_.load(std::memory_order_relaxed) + held_ != tail_.load(std::memory_order_seq_cst);
  }
  /// The next frame; gives back the one before.
  std::optional<Frame> next();

 private:
  struct Header;
  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::byte* at(std::uint64_t position) const { return memory_.get() + (position & (capacity_ - 1)); }

  std::size_t capacity_;
  std::unique_ptr<std::byte[], Free> memory_;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  alignas(64) std::atomic<std::uint64_t> head_{0};
  std::uint64_t held_ = 0;  ///< of the reader: bytes of the frame that it has
};

}  // namespace am::strategy
