#pragma once
// What the market and the sessions' commands say, as it comes from Redis. Whoever consumes reads the socket itself when it
// has nothing else to do; what it has no time for a thread of the stream drains into a ring. Parsing is in place
// (messages.hpp). A consumer that is too slow loses nothing silently: above three quarters of the ring, bars of one key
// replace each other, trades go, and frames say so. Control events stay.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "am/kernel/stop.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/redis.hpp"

namespace am::strategy {

using kernel::SteadyTime;

struct StreamOptions {
  std::string url;  ///< parse_redis_url
  std::size_t ring_bytes = std::size_t{32} << 20;
  std::chrono::milliseconds ping_every{10'000}, ping_answer{5'000}, connect{5'000};
  /// Before a reconnect, at random up to first_wait, which doubles with each failure up to most_wait.
  std::chrono::milliseconds first_wait{100}, most_wait{5'000};
};

/// Owns:    symbol and payload hold until the next call of next().
struct Frame {
  enum class Kind : std::uint8_t {
    connected,     ///< all subscriptions are confirmed; what came before may be lost: a gap of everything
    disconnected,  ///< payload says why
    bar,
    trade,
    control,
  } kind = Kind::connected;
  /// Of a bar: older ones of its key were dropped before it, a gap. Of connected: the connection held, but more was dropped
  /// than could be kept by key.
  bool coalesced = false;
  std::string_view symbol{};  ///< of the channel: "AAPL" of market_data:AAPL
  Padded payload{};
  SteadyTime read_at{};  ///< when the socket was read
};

/// Since the stream began.
struct StreamCounts {
  std::uint64_t bars = 0, trades = 0, controls = 0, bytes = 0;
  std::uint64_t coalesced = 0;               ///< bars that were replaced by newer ones of their key
  std::uint64_t dropped = 0;                 ///< trades, and bars beyond what could be kept by key
  std::uint64_t too_large = 0, unknown = 0;  ///< payloads above kMostMessageBytes; what is nobody's message
  std::uint64_t connects = 0, failed_connects = 0, silences = 0;  ///< silences: no answer to a PING in time
  std::uint64_t peak_bytes = 0;                                   ///< of the ring
  bool is_connected = false;
};

/// Errors:  config of the constructor (the URL). Afterwards nothing is thrown: a connection that is lost or refused is
///          tried again for as long as the stream lives, and problem() says what is wrong.
/// Threads: next, wait, prepare_to_poll and polled are the consumer's, one thread's; the others may be called by any,
///          wake() by a signal handler, too.
class MarketStream {
 public:
  explicit MarketStream(const StreamOptions& options);
  ~MarketStream();
  MarketStream(const MarketStream&) = delete;
  MarketStream& operator=(const MarketStream&) = delete;

  /// The next frame, if there is one now; gives back the one before.
  std::optional<Frame> next();
  /// Sleeps until there is a frame, or wake() was called. False: until is over.
  bool wait(SteadyTime until);

  /// For who has to wait for other things, too: readable once there is a frame or wake() was called. Before sleeping on
  /// it, prepare_to_poll() has to have said true; afterwards polled() has to be called, whatever ended the sleep.
  int descriptor() const;
  bool prepare_to_poll();  ///< false: don't sleep, there is something
  void polled();

  void wake() noexcept;
  StreamCounts counts() const;
  std::string problem() const;  ///< of the connection; empty: there is none
  std::string where() const;    ///< which Redis, without secrets

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace am::strategy
