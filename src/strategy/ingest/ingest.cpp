#include "am/strategy/ingest.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "alpaca_market.hpp"
#include "am/base/text.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/websocket.hpp"
#include "am/market/symbol.hpp"
#include "am/strategy/desk.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/redis.hpp"
#include "am/strategy/sessions.hpp"
#include "market_writer.hpp"
#include "past_bars.hpp"

namespace am::strategy {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr Micros kMinute = 60'000'000;
constexpr milliseconds kTurn{250};
constexpr std::size_t kMostWanted = 500;
constexpr std::size_t kMostWaiting = 20'000;  ///< frames that came while bars were asked for
constexpr std::uint64_t kRefusedOften = 6;
constexpr milliseconds kLongestSilence = std::chrono::minutes(20);

// What a stream's errors mean.
constexpr int kAuthFailed = 402;
constexpr int kTooManySymbols = 405;
constexpr int kTooManyConnections = 406;
constexpr int kNoSubscription = 409;

class Ingest {
 public:
  Ingest(const IngestParts& parts, const IngestOptions& options)
      : parts_(parts),
        options_(options),
        redis_(parse_redis_url(options.redis_url)),
        writer_(parts.db, redis_, parts.log, micros_of(kernel::Clock::wall()), result_),
        silence_(options.silence),
        wait_(options.first_wait) {}
  IngestResult run();

 private:
  using Symbols = std::set<std::string>;

  bool is_over();
  bool is_next_live();
  /// Errors:  as check_run: it ends here, whatever its kind.
  void require_run();
  /// What ends the run is thrown again; after anything else the connection is made anew, later.
  void recover(const Error& error);
  void pause(milliseconds duration);
  void look();
  void follow();
  void open(kernel::WebSocket& socket);
  void await(kernel::WebSocket& socket, StreamNotice::Kind kind);
  void subscribe(kernel::WebSocket& socket);
  void backfill(kernel::WebSocket& socket, const Symbols& symbols);
  void backfill_one(const std::string& symbol);
  /// Keeps what comes, so that the vendor does not find us slow.
  void keep_reading(kernel::WebSocket& socket);
  void take(const std::string& text);
  void take_error(const StreamNotice& error);
  void watch_silence();
  void tell(const std::string& name, const std::string& problem, const std::string& text) {
    parts_.log.error(problem + ": " + text);
    if (parts_.tell) parts_.tell(name, problem, text);
  }
  Micros now() const { return micros_of(parts_.now()); }

  const IngestParts& parts_;
  const IngestOptions& options_;
  IngestResult result_;
  Redis redis_;
  MarketWriter writer_;
  std::optional<IngestResult::End> end_;
  Symbols wanted_, subscribed_;
  std::map<std::string, kernel::SteadyTime> missing_;  ///< symbols whose bars are to be asked for again, when
  std::vector<std::string> waiting_;                   ///< frames that came meanwhile
  kernel::SteadyTime look_at_{}, heard_at_{}, next_live_at_{};
  milliseconds silence_;
  milliseconds wait_;
  std::uint64_t refused_in_a_row_ = 0;
  bool is_refused_ = false;
  bool is_run_lost_ = false;
};

void Ingest::require_run() {
  is_run_lost_ = true;
  parts_.check_run();
  is_run_lost_ = false;
}

bool Ingest::is_next_live() {
  const auto at = steady_clock::now();
  if (at < next_live_at_) return false;
  next_live_at_ = at + options_.look_every;
  DaySlot next = options_.slot;
  next.day = next.day + 1;
  try {
    const kernel::Rows rows = parts_.db.query(
        "SELECT EXISTS (SELECT FROM ops.runs WHERE job = $1 AND slot = $2 AND status = 'running' AND lease_until > "
        "statement_timestamp()) AS live",
        kernel::sql_values(kIngestJob, next.to_string()));
    return rows.only().boolean("live");
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    return false;
  }
}

bool Ingest::is_over() {
  using End = IngestResult::End;
  if (end_) return true;
  const Instant at = parts_.now();
  if (parts_.stop.requested())
    end_ = End::stopped;
  else if (options_.until && at >= *options_.until)
    end_ = End::until;
  else if (at >= options_.window.to && (options_.slot.type == AssetType::stock ||
                                        at >= options_.window.to + options_.linger || is_next_live()))
    end_ = End::day_over;
  return end_.has_value();
}

IngestResult Ingest::run() {
  while (true) {
    try {
      if (is_over()) break;
      require_run();
      look();
      if (wanted_.empty())
        pause(options_.look_every);
      else
        follow();
    } catch (const Error& error) {
      recover(error);
    }
  }
  result_.end = *end_;
  return result_;
}

void Ingest::recover(const Error& error) {
  if (is_run_lost_) throw error;  // NOLINT(cert-err60-cpp): as it came
  switch (error.kind()) {
    case ErrorKind::interrupted:
    case ErrorKind::terminated:
      end_ = IngestResult::End::stopped;
      return;
    case ErrorKind::unavailable:
    case ErrorKind::deferred:
    case ErrorKind::data:
      break;
    default:
      throw error;  // NOLINT(cert-err60-cpp): as it came
  }
  ++result_.lost;
  const milliseconds wait = is_refused_ ? options_.limit_wait : wait_;
  if (!is_refused_) wait_ = std::min(wait_ * 2, options_.most_wait);
  is_refused_ = false;
  parts_.log.warn("the market's stream is made anew",
                  {{"error", error.message()}, {"wait_ms", wait.count()}});
  try {
    pause(wait);
  } catch (const Error& ended) {
    if (ended.kind() != ErrorKind::interrupted && ended.kind() != ErrorKind::terminated) throw;
    end_ = IngestResult::End::stopped;
  }
}

void Ingest::pause(milliseconds duration) {
  for (const auto end = steady_clock::now() + duration; steady_clock::now() < end && !is_over();) {
    require_run();
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    parts_.stop.sleep(std::clamp(left, milliseconds(0), kTurn));
  }
}

/// The rows are the truth; the set is what others, who have no rows, ask for.
void Ingest::look() {
  look_at_ = steady_clock::now() + options_.look_every;
  const AssetType type = options_.slot.type;
  Symbols wanted;
  for (std::string& symbol : running_symbols(parts_.db, type)) wanted.insert(std::move(symbol));
  try {
    for (std::string& symbol : redis_.members(subscription_set(type))) {
      if (market::is_symbol(symbol) && asset_of_symbol(symbol) == type && wanted.size() < kMostWanted)
        wanted.insert(std::move(symbol));
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    for (const std::string& symbol : wanted_) wanted.insert(symbol);  // nothing is known of the set
  }
  wanted_ = std::move(wanted);
  result_.symbols = std::max<std::uint64_t>(result_.symbols, wanted_.size());
}

void Ingest::follow() {
  subscribed_.clear();
  missing_.clear();
  waiting_.clear();
  kernel::WebSocketOptions to;
  to.url = options_.stream_url + std::string(stream_path(options_.slot.type));
  to.headers = {{"Content-Type", "application/json"}};
  to.user_agent = options_.user_agent;
  to.connect_timeout = options_.answer_timeout;
  to.idle_timeout = options_.idle;
  kernel::WebSocket socket(to, parts_.stop);
  open(socket);
  if (++result_.connects > 1) writer_.break_sequence();
  parts_.log.info("the market's stream is open", {{"symbols", static_cast<std::int64_t>(wanted_.size())}});
  heard_at_ = steady_clock::now();
  while (!is_over() && !wanted_.empty()) {
    require_run();
    subscribe(socket);
    for (const std::string& text : std::exchange(waiting_, {})) take(text);
    if (const auto text = socket.receive(kTurn)) take(*text);
    watch_silence();
    if (steady_clock::now() >= look_at_) look();
  }
}

/// Greeting, key, answer.
void Ingest::open(kernel::WebSocket& socket) {
  await(socket, StreamNotice::Kind::connected);
  socket.send(auth_message(options_.key, options_.secret));
  await(socket, StreamNotice::Kind::authenticated);
  refused_in_a_row_ = 0;
}

void Ingest::await(kernel::WebSocket& socket, StreamNotice::Kind kind) {
  for (const auto end = steady_clock::now() + options_.answer_timeout; steady_clock::now() < end;) {
    require_run();
    const auto text = socket.receive(kTurn);
    if (!text) continue;
    for (const StreamNotice& notice : parse_stream(*text).notices) {
      if (notice.kind == StreamNotice::Kind::error) take_error(notice);
      if (notice.kind == kind) return;
    }
  }
  throw Error(ErrorKind::unavailable, "alpaca: the stream is open and says nothing");
}

void Ingest::take_error(const StreamNotice& error) {
  const std::string problem =
      "alpaca: the stream answered " + std::to_string(error.code) + ": " + error.words;
  switch (error.code) {
    case kAuthFailed:
    case kNoSubscription:
      throw Error(ErrorKind::denied, problem,
                  "check ALPACA_API_KEY and ALPACA_SECRET_KEY, and the account's plan");
    case kTooManyConnections:
      ++result_.refused;
      is_refused_ = true;
      if (++refused_in_a_row_ == kRefusedOften)
        tell("connections", "another process has the account's market stream",
             "one connection is all that the account may have: end the other program that uses its key");
      throw Error(ErrorKind::unavailable, problem);
    case kTooManySymbols:
      tell("symbols", "not all symbols are streamed",
           "the account's plan allows fewer symbols than sessions trade (" + std::to_string(wanted_.size()) +
               ")");
      return;
    case 400:
    case 410:
      parts_.log.error(problem);
      ++result_.bad;
      return;
    default:  // a slow client, trouble of its own, what is not known
      throw Error(ErrorKind::unavailable, problem);
  }
}

/// First the stream, then what was before: nothing falls in between.
void Ingest::subscribe(kernel::WebSocket& socket) {
  const auto send = [&](std::string_view action, const Symbols& symbols) {
    const std::vector<std::string> list(symbols.begin(), symbols.end());
    if (!list.empty()) socket.send(subscription_message(action, list));
  };
  Symbols more, fewer;
  std::ranges::set_difference(wanted_, subscribed_, std::inserter(more, more.end()));
  std::ranges::set_difference(subscribed_, wanted_, std::inserter(fewer, fewer.end()));
  send("unsubscribe", fewer);
  send("subscribe", more);
  for (const std::string& symbol : fewer) missing_.erase(symbol);
  subscribed_ = wanted_;
  for (const auto& [symbol, at] : missing_) {
    if (steady_clock::now() >= at) more.insert(symbol);
  }
  if (!more.empty()) backfill(socket, more);
}

void Ingest::backfill(kernel::WebSocket& socket, const Symbols& symbols) {
  for (const std::string& symbol : symbols) {
    if (is_over()) return;
    require_run();
    keep_reading(socket);
    missing_.erase(symbol);
    try {
      backfill_one(symbol);
    } catch (const Error& error) {
      const bool passes = error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::deferred ||
                          error.kind() == ErrorKind::data;
      if (!passes) throw;
      parts_.log.warn("past bars are not to be had", {{"symbol", symbol}, {"error", error.message()}});
      missing_[symbol] = steady_clock::now() + options_.backfill_again;
    }
  }
}

/// From the last one that is stored, which may have been revised; the minute that lasts is left out.
void Ingest::backfill_one(const std::string& symbol) {
  const Micros at = now();
  const Micros back = at - std::chrono::microseconds(options_.history).count();
  const kernel::Rows rows = parts_.db.query(
      "SELECT (extract(epoch FROM max(ts)) * 1000000)::bigint AS last FROM market.bars WHERE symbol = $1 AND timeframe = '1m' "
      "AND ts BETWEEN $2::timestamptz AND $3::timestamptz",
      kernel::sql_values(symbol, instant_of(back), instant_of(at)));
  const auto last = rows.only().maybe_micros("last");
  const PastBarsOptions from{.url = options_.data_url, .key = options_.key, .secret = options_.secret};
  result_.bad +=
      read_past_bars(parts_.data, from, options_.slot.type, symbol, last ? micros_of(*last) : back, at,
                     [&](std::vector<Bar> bars) {
                       std::erase_if(bars, [&](const Bar& bar) { return bar.start + kMinute > at; });
                       writer_.store(symbol, std::move(bars));
                       require_run();
                     });
}

void Ingest::keep_reading(kernel::WebSocket& socket) {
  while (auto text = socket.receive(milliseconds(1))) {
    if (waiting_.size() == kMostWaiting)
      throw Error(ErrorKind::unavailable, "alpaca: more comes than can be stored");
    waiting_.push_back(std::move(*text));
  }
}

void Ingest::take(const std::string& text) {
  const StreamBatch batch = parse_stream(text);
  for (const StreamNotice& notice : batch.notices) {
    if (notice.kind == StreamNotice::Kind::error) take_error(notice);
  }
  writer_.take(batch, now());
  if (batch.bars.empty() && batch.trades.empty()) return;
  heard_at_ = steady_clock::now();
  silence_ = options_.silence;
  wait_ = options_.first_wait;
}

void Ingest::watch_silence() {
  const auto at = steady_clock::now();
  if (!is_market_open(options_.slot.type, parts_.now())) heard_at_ = at;
  if (at - heard_at_ < silence_) return;
  ++result_.silences;
  const std::string problem = "alpaca: the stream is open and has said nothing for " + seconds_text(silence_);
  silence_ = std::min(silence_ * 2, std::max(kLongestSilence, options_.silence));
  throw Error(ErrorKind::unavailable, problem);
}

}  // namespace

void require_ingest(const IngestOptions& options) {
  if (options.key.empty() || options.secret.empty())
    throw Error(ErrorKind::config, "alpaca: no key (expected alpaca.api_key and alpaca.secret_key)",
                "set ALPACA_API_KEY and ALPACA_SECRET_KEY");
  kernel::websocket_host(options.stream_url);
  parse_redis_url(options.redis_url);
}

IngestResult run_ingest(const IngestParts& parts, const IngestOptions& options) {
  require_ingest(options);
  return Ingest(parts, options).run();
}

}  // namespace am::strategy
