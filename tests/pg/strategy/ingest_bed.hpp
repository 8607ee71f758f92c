#pragma once
// Ingest in a thread, between a mock Alpaca, a real Redis and a real PostgreSQL.

#include <chrono>
#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "am/kernel/clock.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/ingest.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/redis.hpp"
#include "am/strategy/stream.hpp"
#include "support/pg.hpp"
#include "support/strategy/alpaca.hpp"
#include "support/strategy/redis.hpp"

namespace am::test {

inline constexpr const char* kCoin = "BTC/USD";
inline constexpr const char* kCryptoStream = "/v1beta3/crypto/us";

struct IngestBed {
  explicit IngestBed(const std::vector<std::string>& switches = {}) : mock(switches) {
    using std::chrono::milliseconds;
    const Instant now = kernel::Clock::wall();
    const Date day(std::chrono::floor<std::chrono::days>(now));
    options.slot = {.type = strategy::AssetType::crypto, .day = day};
    options.window = {.from = now - std::chrono::hours(24), .to = now + std::chrono::hours(24)};
    options.stream_url = mock.stream_url();
    options.data_url = mock.url();
    options.key = AlpacaMock::kKey;
    options.secret = AlpacaMock::kSecret;
    options.redis_url = redis.url();
    options.look_every = milliseconds(30);
    options.first_wait = milliseconds(20);
    options.most_wait = milliseconds(200);
    options.limit_wait = milliseconds(20);
    options.backfill_again = milliseconds(50);
    want(kCoin);
  }
  ~IngestBed() { end(); }
  IngestBed(const IngestBed&) = delete;
  IngestBed& operator=(const IngestBed&) = delete;

  void start() {
    thread = std::thread([this] {
      try {
        result = strategy::run_ingest({.db = *own,
                                       .data = http,
                                       .log = log,
                                       .stop = stop,
                                       .check_run = [] {},
                                       .now = [] { return kernel::Clock::wall(); }},
                                      options);
      } catch (const Error& error) {
        problem = error;
      }
    });
  }
  strategy::IngestResult end() {
    stop.request(SIGTERM);
    return wait();
  }
  strategy::IngestResult wait() {
    if (thread.joinable()) thread.join();
    return result;
  }

  void want(const std::string& symbol) { commands.add("active_subscriptions:crypto", symbol); }
  bool follows(const std::string& symbol = kCoin) const {
    return AlpacaMock::wait([&] {
      const auto list = mock.subscribed(kCryptoStream, "bars");
      return std::find(list.begin(), list.end(), symbol) != list.end();
    });
  }
  /// The start of the minute so many before the one that lasts.
  static Instant minute(int before) {
    return std::chrono::floor<std::chrono::minutes>(kernel::Clock::wall()) - std::chrono::minutes(before);
  }
  static std::string bar_json(Instant start, double close, const std::string& more = {}) {
    return R"({"S": "BTC/USD", "t": ")" + format_rfc3339(start) + R"(", "o": 100, "h": 200, "l": 50, "c": )" +
           std::to_string(close) + R"(, "v": 1.5)" + more + "}";
  }
  void say(Instant start, double close, const std::string& more = {}) const {
    mock.control(R"({"bars": [)" + bar_json(start, close, more) + "]}");
  }
  /// "100.5 101.5": the closes that are stored, in order.
  std::string closes() {
    return value_of(
        *db, "SELECT coalesce(string_agg(c::text, ' ' ORDER BY ts), '') FROM market.bars WHERE symbol = $1",
        kernel::sql_values(kCoin));
  }
  bool stores(const std::string& wanted) {
    return AlpacaMock::wait([&] { return closes() == wanted; });
  }

  AlpacaMock mock;
  RedisServer redis;
  TestDb home;
  std::unique_ptr<kernel::Db> db = home.open();
  std::unique_ptr<kernel::Db> own = home.open();
  strategy::Redis commands{strategy::parse_redis_url(redis.url())};
  std::ostringstream out;
  kernel::Log log{out, {}};
  kernel::Stop stop;
  std::unique_ptr<kernel::Transport> transport = kernel::make_curl_transport("am-test/1", &stop);
  kernel::HttpClient http{
      *transport,
      nullptr,
      log,
      stop,
      {.vendor = "alpaca", .retry = {.attempts = 2, .base = std::chrono::milliseconds(1)}}};
  strategy::IngestOptions options;
  strategy::IngestResult result;
  std::optional<Error> problem;
  std::thread thread;
};

}  // namespace am::test
