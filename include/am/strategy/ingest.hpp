#pragma once
// Ingest: the market as Alpaca streams it, into market.bars and Redis; one process and one connection for an account's
// stocks, one for its crypto. What the stream did not say, while it was away or before, is asked for over REST.
//
//   sessions that run, active_subscriptions:* ─▶ symbols ─▶ WebSocket ─▶ market.bars ─▶ market_data:* market_trades:*
//   after each connection, per symbol: bars since the last one that is stored ─▶ market.bars
//
// A bar is stored before it is published, so whoever reads of one finds all before it, or knows of a gap. What can't be stored
// is not published: the connection is given up, and all is asked for again.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "am/base/date.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"
#include "am/strategy/day_slot.hpp"

namespace am::strategy {

struct IngestOptions {
  DaySlot slot{};
  TimeSpan window{};               ///< of the slot
  std::optional<Instant> until{};  ///< ends then, if that is earlier
  std::string stream_url;          ///< alpaca.stream_url
  std::string data_url;            ///< alpaca.data_url
  std::string key, secret;
  std::string redis_url;  ///< may hold a password
  std::string user_agent = "am";
  /// How often it is looked which symbols are wanted: a hint on a channel may be lost, this is not.
  std::chrono::milliseconds look_every{2'000};
  std::chrono::milliseconds answer_timeout{10'000};  ///< for opening, authentication
  /// Nothing at all while the market is open: the connection is made again; each time it takes twice as long.
  std::chrono::milliseconds silence{150'000};
  std::chrono::milliseconds idle{20'000};  ///< not even an answer to a ping
  std::chrono::milliseconds first_wait{500}, most_wait{60'000};
  std::chrono::milliseconds limit_wait{5'000};       ///< another connection has the account's place
  std::chrono::milliseconds backfill_again{30'000};  ///< of a symbol whose bars were not to be had
  std::chrono::hours history{120};                   ///< how far back bars are asked for
  /// How long after the end of a crypto day the next slot's process is waited for.
  std::chrono::milliseconds linger{600'000};
};

struct IngestParts {
  kernel::Db& db;
  kernel::HttpClient& data;  ///< for past bars; with the budget "alpaca_data"
  kernel::Log& log;
  const kernel::Stop& stop;
  /// Throws when the run is no longer this process's.
  std::function<void()> check_run;
  /// Business time; it moves, also under --now.
  std::function<Instant()> now;
  /// Tells people of something that has a name of its own; may be empty.
  std::function<void(const std::string& name, const std::string& problem, const std::string& text)> tell{};
};

struct IngestResult {
  enum class End { day_over, until, stopped } end = End::stopped;
  std::uint64_t bars = 0, revised = 0, trades = 0;  ///< that came by the stream
  std::uint64_t stored = 0;                         ///< rows that are new or changed
  std::uint64_t backfilled = 0;                     ///< of them by REST
  std::uint64_t published = 0, unpublished = 0;     ///< unpublished: Redis was away
  std::uint64_t bad = 0;                            ///< messages that are none, impossible bars
  std::uint64_t connects = 0, refused = 0, silences = 0, lost = 0;  ///< refused: too many connections
  std::uint64_t symbols = 0;                                        ///< the most at once
};

/// Errors:  config: no key, addresses that are none.
void require_ingest(const IngestOptions& options);

/// Returns when the day is over, when `until` says so, or when this process is asked to end.
/// Errors:  as check_run; denied: the vendor does not take the key; config.
IngestResult run_ingest(const IngestParts& parts, const IngestOptions& options);

}  // namespace am::strategy
