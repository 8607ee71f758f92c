#pragma once
// An engine in a thread of the test, with a real Redis and a real database; the gateway answers as the test says, and the
// clock is the test's. What is published is stored first, as ingest does it.

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "am/kernel/http_client.hpp"
#include "am/kernel/ledger.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/desk.hpp"
#include "am/strategy/engine.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/redis.hpp"
#include "am/strategy/routing.hpp"
#include "support/strategy/redis.hpp"
#include "support/strategy_bars.hpp"
#include "support/strategy_rows.hpp"

namespace am::strategy {

inline constexpr std::chrono::seconds kPatience{15};

/// Looks until it is so. False: it did not become so in time.
inline bool becomes(const std::function<bool()>& so) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!so()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// Takes signals, and records that an order exists, as the gateway does.
class TestGateway final : public kernel::Transport {
 public:
  explicit TestGateway(const test::TestDb& home) : db_(home.open()) {}

  /// What is answered to the n-th request (from 0); empty: 201.
  std::function<kernel::HttpResponse(std::size_t n)> answer{};

  kernel::HttpResponse send(const kernel::HttpRequest& request) override {
    const std::lock_guard lock(mutex_);
    bodies_.push_back(nlohmann::json::parse(request.body));
    urls_.insert(request.url);
    for (const auto& [name, value] : request.headers)
      if (name == "Authorization") authorization_ = value;
    const std::string id = bodies_.back()["signalId"];
    const kernel::HttpResponse response =
        answer ? answer(bodies_.size() - 1) : kernel::HttpResponse{.status = 201, .body = "{}"};
    if (response.status == 201)
      db_->query("UPDATE trading.signals SET status = 'ordered' WHERE id = $1::uuid", kernel::sql_values(id));
    return response;
  }
  std::vector<nlohmann::json> bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto& body : bodies()) all.push_back(body["signalId"]);
    return all;
  }
  std::string authorization() const { return authorization_; }

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<kernel::Db> db_;
  std::vector<nlohmann::json> bodies_;
  std::set<std::string> urls_;
  std::string authorization_;
};

/// One engine; ends with the test.
struct RunningEngine {
  kernel::Stop stop;
  std::atomic<bool> run_lost{false};
  std::vector<std::string> told;
  std::mutex mutex;
  std::future<EngineResult> result;

  ~RunningEngine() {
    if (!result.valid()) return;
    stop.request(SIGTERM);
    result.wait();
  }
  EngineResult end() {
    stop.request(SIGTERM);
    return result.get();
  }
  std::vector<std::string> alerts() {
    const std::lock_guard lock(mutex);
    return told;
  }
};

class EngineBed : public testing::Test {
 protected:
  /// 2026-01-26T14:30:00Z: in the middle of a crypto day.
  std::atomic<Micros> clock_{test::kOpen};

  EngineOptions options() const {
    EngineOptions all;
    all.slot = {.type = AssetType::crypto, .day = Date(2026, 1, 26)};
    all.window = *window_of(AssetType::crypto, all.slot.day);
    all.stream = {.url = redis_.url(),
                  .ping_every = std::chrono::milliseconds(300),
                  .ping_answer = std::chrono::milliseconds(300),
                  .first_wait = std::chrono::milliseconds(20),
                  .most_wait = std::chrono::milliseconds(100)};
    all.gateway_url = "http://gateway.test";
    all.gateway_token = "secret";
    all.reconcile_every = std::chrono::milliseconds(500);
    all.backfill_wait = std::chrono::milliseconds(400);
    all.backfill_again = std::chrono::milliseconds(50);
    all.settle = std::chrono::seconds(5);
    return all;
  }

  /// probe: before each call to the database and the gateway.
  std::unique_ptr<RunningEngine> start(const EngineOptions& options,
                                       const std::function<void(std::string_view)>& probe = {}) {
    auto engine = std::make_unique<RunningEngine>();
    kernel::DbOptions db;
    db.url = home_.url();
    db.stop = &engine->stop;
    db.probe = probe;
    engine->result = std::async(std::launch::async, [this, options, db, engine = engine.get()] {
      kernel::DbOptions beat = db;
      beat.stop = nullptr;
      beat.probe = nullptr;
      kernel::Heartbeat heartbeat(beat, log_);
      return run_engine(
          {.db = db,
           .transport = gateway_,
           .log = log_,
           .stop = engine->stop,
           .heartbeat = heartbeat,
           .run_id = run_id_,
           .check_run =
               [engine] {
                 if (engine->run_lost) throw Error(ErrorKind::busy, "run: another process has it");
               },
           .now = [this] { return instant_of(clock_); },
           .tell =
               [engine](kernel::Db&, const std::string& name, const std::string&, const std::string&) {
                 const std::lock_guard lock(engine->mutex);
                 engine->told.push_back(name);
               },
           .probe = db.probe},
          options);
    });
    return engine;
  }
  std::unique_ptr<RunningEngine> start() { return start(options()); }

  Session make(Mode mode, std::string symbol = "BTC/USD", std::string code = "sma_cross",
               std::string params = R"({"period": 5})") {
    return test::make_session(*db_, {.strategy = code + std::to_string(++made_),
                                     .symbol = std::move(symbol),
                                     .mode = mode,
                                     .code = code,
                                     .params = std::move(params)});
  }

  /// Stored, then published; the clock goes on to the bar's end.
  void feed(const std::vector<Bar>& bars, const std::string& symbol = "BTC/USD", bool numbered = true) {
    for (const Bar& bar : bars) {
      store_bars(*db_, {symbol, "1m"}, std::span(&bar, 1));
      clock_ = std::max<Micros>(clock_, bar.start + test::kMinute + 1'000'000);
      publish(bar, symbol, numbered);
    }
  }
  void publish(const Bar& bar, const std::string& symbol = "BTC/USD", bool numbered = true) {
    BarMessage message{.symbol = symbol, .timeframe = "1m", .bar = bar};
    if (numbered) message.sequence = {.seq = ++numbers_[symbol], .epoch = 1};
    std::string text;
    write_message(text, message);
    publish(std::string(kBarChannels) + symbol, text);
  }
  void publish(const std::string& channel, const std::string& text) { writer_->publish(channel, text); }

  std::string value(std::string_view query, const kernel::SqlValues& values = {}) {
    return test::value_of(*db_, query, values);
  }
  /// The last bar that its stored state has seen.
  bool has_seen(const Session& session, const Bar& bar) {
    return value(
               "SELECT coalesce(last_event_at = $2::timestamptz, false)::text FROM trading.sessions WHERE id = $1::uuid",
               kernel::sql_values(session.id, instant_of(bar.start))) == "true";
  }
  bool is_held(const Session& session) {
    return value(
               "SELECT (holder IS NOT NULL AND lease_until > clock_timestamp())::text FROM trading.sessions WHERE id = $1::uuid",
               kernel::sql_values(session.id)) == "true";
  }
  /// Of the rows: whatever their status.
  std::string signal_hash(const Session& session) {
    return value(
        "SELECT coalesce(md5(string_agg(id::text, ',' ORDER BY generated_at, ordinal)), '') FROM trading.signals WHERE session_id = $1::uuid",
        kernel::sql_values(session.id));
  }
  /// What these bars come to without any engine.
  std::vector<std::string> expected(const Session& session, const std::vector<Bar>& bars,
                                    const std::string& code = "sma_cross",
                                    const std::string& params = R"({"period": 5})") {
    StrategyManager manager({.gaps = false});
    manager.start_session({.session_id = session.id,
                           .strategy_id = session.strategy_id,
                           .symbol = session.symbol,
                           .mode = Mode::rehearsal},
                          make_builtin({.name = "", .code = code, .params = params}, session.symbol));
    manager.join(session.id, {}, 0);
    for (const Bar& bar : bars) manager.on_bar(session.symbol, "1m", bar, 0);
    std::vector<std::string> ids;
    for (const Decision& decision : manager.take_decisions())
      if (decision.what == Decision::What::signal) ids.push_back(decision.signal.signal_id);
    return ids;
  }
  std::vector<std::string> stored(const Session& session) {
    std::vector<std::string> ids;
    const kernel::Rows rows = db_->query(
        "SELECT id::text AS id FROM trading.signals WHERE session_id = $1::uuid ORDER BY generated_at, ordinal",
        kernel::sql_values(session.id));
    for (const kernel::Row row : rows) ids.push_back(row.text("id"));
    return ids;
  }
  std::string log_text() const { return out_.str(); }

  test::TestDb home_;
  std::unique_ptr<kernel::Db> db_ = home_.open();
  test::RedisServer redis_;
  std::unique_ptr<Redis> writer_ = std::make_unique<Redis>(parse_redis_url(redis_.url()));
  TestGateway gateway_{home_};
  std::ostringstream out_;
  kernel::Log log_{out_, {}};
  std::string run_id_ = "0198f000-0000-7000-8000-000000000001";
  std::map<std::string, std::int64_t> numbers_;
  int made_ = 0;
};

}  // namespace am::strategy
