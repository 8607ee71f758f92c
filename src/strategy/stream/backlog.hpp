#pragma once
// What does not go into the ring now, because who consumes is too slow: of bars the newest of each key, control events
// and states of the connection all, trades none; in the order of the newest.

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "am/strategy/stream.hpp"
#include "ring.hpp"

namespace am::strategy {

/// Threads: the reader's.
class Backlog {
 public:
  /// most_bytes: beyond it bars and control events go, too, and a frame `connected` says that.
  explicit Backlog(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  bool is_empty() const { return entries_.empty(); }
  void add(const Frame& frame);
  /// Into the ring, in order, as far as it goes.
  void drain(Ring& ring, std::size_t limit);

  std::uint64_t coalesced() const { return coalesced_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Entry {
    Frame frame;  ///< its texts are the members below
    std::string symbol, payload, key;
  };
  using Entries = std::list<Entry>;
  void append(const Frame& frame, std::string key);
  void erase(Entries::iterator entry);
  void drop(const Frame& frame);

  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t coalesced_ = 0, dropped_ = 0;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> bars_;  ///< by symbol and timeframe
  Entries::iterator loss_ = entries_.end();                  ///< the frame that says that something went
};

/// What a bar says of its timeframe, without parsing all of it; empty: nothing.
std::string_view timeframe_in(std::string_view payload);

}  // namespace am::strategy
