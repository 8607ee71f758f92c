// What a session misses: bars of before it began, or of a gap. Until it has them nothing is evaluated, so nothing is sent.

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "am/kernel/new_york.hpp"
#include "engine_loop.hpp"

namespace am::strategy {

namespace {

using std::chrono::steady_clock;

constexpr Micros kMinute = 60'000'000;
/// What is looked at after a long absence, at most.
constexpr Micros kMostHistory = 100'000;
/// Beyond all bars: in rehearsal they are the clock.
constexpr Micros kEndOfTime = Micros{7'258'118'400} * 1'000'000;  // 2200-01-01
constexpr int kSilentBars = 3;

Micros length_of(const SessionSpec& spec) { return timeframe_length(spec.timeframe).value_or(kMinute); }

const Lane* lane_of(const std::vector<Lane>& lanes, const SessionSpec& spec) {
  const auto found = std::ranges::find_if(lanes, [&](const Lane& lane) {
    return lane.symbol == spec.symbol && lane.timeframe == spec.timeframe &&
           lane.rehearsal == (spec.mode == Mode::rehearsal);
  });
  return found == lanes.end() ? nullptr : &*found;
}

}  // namespace

/// Since when a session misses something; what is told of it is one event a symbol, or one for all.
void Engine::note_stale() {
  std::map<std::pair<std::string, Gap>, int> told;
  for (auto& [id, session] : sessions_) {
    const auto info = manager_.find(id);
    if (info->live || info->gap == Gap::none || session.stale_since) continue;
    session.stale_since = parts_.now();
    session.told = info->gap;
    session.changed = true;
    const bool is_of_all = info->gap == Gap::reconnect || info->gap == Gap::coalesced;
    ++told[{is_of_all ? std::string() : info->spec.symbol, info->gap}];
  }
  for (const auto& [what, sessions] : told) {
    const auto& [symbol, gap] = what;
    // A jump is mostly a minute in which nobody traded: it is told when bars were missing.
    if (gap == Gap::jump) continue;
    parts_.log.warn("bars may be missing, nothing is sent until they are known",
                    {{"gap", name_of(gap)}, {"symbol", symbol}, {"sessions", sessions}});
    record("gap", nlohmann::json{{"gap", name_of(gap)}, {"sessions", sessions}}.dump(),
           symbol.empty() ? "stream" : "symbol " + symbol);
  }
}

void Engine::tend_waiting(SteadyTime now) {
  look_at_waiting_ = false;
  const std::vector<std::string> waiting = manager_.waiting();
  any_waits_ = !waiting.empty();
  if (waiting.empty()) return;
  const std::vector<Lane> lanes = manager_.lanes();
  for (const std::string& id : waiting) {
    HeldSession* const session = held(id);
    if (session == nullptr || session->reading || now < session->read_again || !connected_) continue;
    const auto info = manager_.find(id);
    const Lane* const lane = lane_of(lanes, info->spec);
    // After silence a bar has to come first; who is behind has to catch up first.
    if (info->gap == Gap::silence && lane->last_bar <= info->last_bar) continue;
    if (info->gap == Gap::behind && is_worker_busy(*session)) continue;
    // How many bars of before a program wants is known when it has begun.
    if (session->worker != nullptr && !info->last_bar && !session->worker->warm_up_bars()) continue;
    read_history(*session);
  }
}

void Engine::read_history(HeldSession& session) {
  const SessionInfo info = *manager_.find(session.id());
  const bool rehearsal = session.mode() == Mode::rehearsal;
  if (!session.waits_since) session.waits_since = steady_clock::now();
  const bool is_new = !info.last_bar;
  // Nobody knows the moment of a rehearsal before its first bar.
  if (is_new && (rehearsal || info.warm_up == 0)) return have_history(session.id(), {}, 0);
  const Micros length = length_of(info.spec);
  const Micros time = now();
  const Micros to = rehearsal ? kEndOfTime : time + kMinute;
  const Micros from = is_new ? 0 : std::max(*info.last_bar + 1, std::min(time, to) - kMostHistory * length);
  const auto lanes = manager_.lanes();
  const Lane* const lane = lane_of(lanes, info.spec);
  const bool came = lane->last_bar && lane->last_bar > info.last_bar;
  const Micros target = came ? *lane->last_bar : time - length;
  session.reading = clerk_.submit(
      "bars",
      [this, id = session.id(), key = BarKey{info.spec.symbol, info.spec.timeframe}, is_new, from, to, target,
       time, count = info.warm_up](kernel::Db& db) -> Clerk::Reply {
        auto bars = is_new ? last_bars(db, key, time, count) : read_bars(db, key, from, to);
        return [this, id, target, bars = std::move(bars)] { have_history(id, bars, target); };
      },
      [hold = session.hold] { return hold->held(); });
}

/// target: start of the bar that came after the gap, or of the one that ought to be the last.
void Engine::have_history(const std::string& id, const std::vector<Bar>& bars, Micros target) {
  HeldSession* const session = held(id);
  if (session == nullptr) return;
  session->reading = false;
  const auto info = manager_.find(id);
  if (info->live) return;
  const Micros length = length_of(info->spec);
  int missing = 0;
  if (info->last_bar && session->mode() != Mode::rehearsal) {
    // Whoever stores bars has come as far as the newest of them: what is not there before it, is nowhere.
    const bool is_stored = !bars.empty() && bars.back().start >= target;
    const auto between = std::ranges::count_if(bars, [&](const Bar& bar) { return bar.start < target; });
    const int expected = bars_between(options_.slot.type, *info->last_bar + length, target, length);
    missing = is_stored ? 0 : std::max(expected - static_cast<int>(between), 0);
    if (missing > 0 && steady_clock::now() - *session->waits_since < options_.backfill_wait) {
      session->read_again = steady_clock::now() + options_.backfill_again;
      any_waits_ = true;
      return;
    }
  }
  manager_.join(id, bars, now());
  flush({});
  const auto after = manager_.find(id);
  session->waits_since.reset();
  session->read_again = {};
  kernel::Fields fields = about(*session);
  fields.emplace_back("bars", static_cast<std::int64_t>(bars.size()));
  if (!session->stale_since) {
    if (!after->warm) {
      fields.emplace_back("warm_up", after->warm_up);
      parts_.log.warn("too few bars of before: the strategy is muted until it has seen its warm-up", fields);
    } else {
      parts_.log.info("the session is live", fields);
    }
    return;
  }
  session->stale_since.reset();
  session->changed = true;
  fields.emplace_back("gap", name_of(session->told));
  fields.emplace_back("missing", missing);
  if (session->told != Gap::jump || missing > 0) parts_.log.info("the session goes on after a gap", fields);
  if (missing > 0)
    record(
        "bars_missing",
        nlohmann::json{{"gap", name_of(session->told)}, {"missing", missing}, {"found", bars.size()}}.dump(),
        "session " + id);
}

/// A symbol of which nothing comes while its market is open.
void Engine::find_silence() {
  if (!connected_) return;
  const Instant time = parts_.now();
  if (!is_market_open(options_.slot.type, time)) return;
  for (const Lane& lane : manager_.lanes()) {
    if (lane.rehearsal || lane.sessions == 0 || lane.waiting == lane.sessions) continue;
    const Micros patience = kSilentBars * timeframe_length(lane.timeframe).value_or(kMinute);
    const Micros time_us = micros_of(time);
    if (time_us - lane.last_seen <= patience ||
        !is_market_open(options_.slot.type, instant_of(time_us - patience)))
      continue;
    if (manager_.mark_stale(lane.symbol, Gap::silence) == 0) continue;
    ++counts_.silences;
    look_at_waiting_ = true;
    tell("silent-" + lane.symbol + "-" + format_rfc3339(time).substr(0, sizeof "2026-01-26" - 1),
         lane.symbol + " is silent",
         "No bar of " + lane.symbol + " came for " + std::to_string(kSilentBars) +
             " timeframes while its market is open. Its sessions send nothing until one comes.\n"
             "See am strategy sessions, and whether am strategy ingest runs.\n");
  }
}

}  // namespace am::strategy
