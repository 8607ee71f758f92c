#pragma once
// Which strategies see an event, and what becomes of what they ask for: the registry of sessions by symbol, in the engine
// and in replay alike. Pure and synchronous: no I/O, no clock, no thread. Whoever calls it reads bars, writes signals, waits.
//
// The life of a session here:
//
//   start_session ─▶ waiting ─ join(history) ─▶ live ─▶ … ─▶ stop_session
//                       ▲                        │
//                       └──── a gap: stale ◀─────┘   nothing is evaluated until join(what was missed)
//
// Bars that come while a session waits are kept, and joined by time: none is seen twice, none is left out.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/strategy/signal.hpp"
#include "am/strategy/strategy.hpp"
#include "am/strategy/types.hpp"
#include "am/strategy/worker.hpp"

namespace am::strategy {

struct SessionSpec {
  std::string session_id, strategy_id, symbol, timeframe = "1m";
  std::int64_t epoch = 0;
  Mode mode = Mode::paper;  ///< rehearsal: its bars are the clock
  /// Bars to have seen before what it asks for counts: the larger of this and what the strategy itself says.
  int warm_up = 0;
};

/// What a session goes on from: its last event and its strategy's state, exact to the bit.
struct SessionSnapshot {
  std::optional<Micros> last_bar{};    ///< start of the last one evaluated
  std::optional<Micros> last_trade{};  ///< moment of the last one
  std::uint32_t asked_at_trade = 0;    ///< how much was asked for at that moment: the next ordinal
  std::uint64_t seen = 0;              ///< bars evaluated
  std::optional<Micros> muted_to{};    ///< start of the last bar of the warm-up
  std::string strategy{};              ///< Strategy::snapshot, or Worker::snapshot

  std::string to_text() const;  ///< JSON, versioned
  /// Errors:  data: another version, or no snapshot.
  static SessionSnapshot parse(std::string_view text);
  friend bool operator==(const SessionSnapshot&, const SessionSnapshot&) = default;
};

/// What became of one thing that a strategy asked for.
struct Decision {
  enum class What {
    signal,    ///< to be sent
    missed,    ///< it would have been, had its event not come too late: to be recorded
    rejected,  ///< it can't be a signal, for `reason`: price, quantity and ids are not set
    muted,     ///< asked for in the warm-up: counts for nothing
  } what = What::signal;
  Signal signal{};
  EventKind kind = EventKind::bar;
  Micros event = 0;           ///< a bar's start, a trade's moment
  std::uint32_t ordinal = 0;  ///< of the event
  std::string reason{};
};

/// What a worker said beside its intents.
struct WorkerWord {
  std::string session_id;
  Micros event = 0;
  bool is_error = false;
  std::string text;
};

/// What a bar or a trade came to.
enum class Routed {
  evaluated,   ///< at least one session has it, or keeps it for when it joins
  unrouted,    ///< no session is for it
  repeated,    ///< as the last one
  revised,     ///< the last one with other values: not evaluated again
  older,       ///< before the last one
  impossible,  ///< it can't be a bar or trade
  far_future,  ///< it ends after now, by more than Settings::future_slack
  gap,         ///< bars are missing before it: kept, its sessions are stale
};

/// Why a session is stale.
enum class Gap { none, sequence, jump, reconnect, coalesced, silence, behind };
std::string_view name_of(Gap gap);  ///< "none", "sequence", …

/// How numbered messages of one channel follow each other.
enum class Sequence {
  first,
  next,
  repeated,  ///< the same number again, or a smaller one: to be dropped
  broken,    ///< numbers were left out
  restarted  ///< another epoch: what was lost in between nobody knows
};

/// How one symbol and timeframe stands; for timers, metrics and who reads market.bars.
struct Lane {
  std::string symbol, timeframe;
  bool rehearsal = false;
  std::optional<Micros> last_bar{};  ///< start of the newest that came
  Micros last_seen = 0;              ///< `now` when it came; of one without bars when it began
  std::size_t sessions = 0, waiting = 0, kept = 0;
};

/// How one session stands.
struct SessionInfo {
  SessionSpec spec{};
  bool live = false;
  Gap gap = Gap::none;  ///< why it is stale; none: it is live, or new
  std::optional<Micros> last_bar{}, last_trade{};
  std::uint64_t seen = 0;
  int warm_up = 0;
  bool warm = false;  ///< it has seen its warm-up
  bool has_worker = false;
};

/// Since the manager was made.
struct RoutingCounts {
  std::uint64_t bars = 0, trades = 0, callbacks = 0;
  std::uint64_t unrouted = 0, repeated = 0, revised = 0, older = 0, impossible = 0, far_future = 0, gaps = 0;
  std::uint64_t kept_lost = 0;      ///< kept bars that were dropped because there were too many
  std::uint64_t trades_passed = 0;  ///< not seen by a session that was not live
  std::uint64_t signals = 0, missed = 0, rejected = 0, muted = 0;
};

/// Threads: one. Time: `now` is passed in; a session in rehearsal takes its bars' own.
class StrategyManager {
 public:
  struct Settings {
    Micros signal_ttl = 30'000'000;    ///< strategy.signal_ttl_s: after its bar's end a signal is missed
    Micros future_slack = 30'000'000;  ///< how far a bar may end, or a trade be, after now
    bool gaps = true;                  ///< a jump of the bar clock is a gap; replay takes bars as they are
    std::size_t most_kept = 4096;      ///< bars kept for sessions that wait, by lane
    bool ids = true;  ///< false: decisions without signal_id and client_order_id (name_signal)
  };

  StrategyManager();
  explicit StrategyManager(const Settings& settings);
  ~StrategyManager();
  StrategyManager(const StrategyManager&) = delete;
  StrategyManager& operator=(const StrategyManager&) = delete;

  /// Registers a session that waits for join. from: what it goes on from. Calls on_start, or offers the event.
  /// A worker is made by the caller with from->strategy.
  /// Errors:  usage: no timeframe; bug: the session is there already; data: a snapshot that is not the strategy's.
  void start_session(const SessionSpec& spec, std::unique_ptr<Strategy> strategy,
                     const std::optional<SessionSnapshot>& from = std::nullopt, Micros now = 0);
  void start_session(const SessionSpec& spec, std::unique_ptr<Worker> worker,
                     const std::optional<SessionSnapshot>& from = std::nullopt, Micros now = 0);
  /// A worker's session is offered no more events but the stop, behind those it was offered: to be called some time before
  /// stop_session, which kills. A native one: nothing happens.
  void retire(std::string_view session_id);
  /// Calls on_stop and forgets the session, with its worker. False: there is none.
  bool stop_session(std::string_view session_id);

  /// Evaluates what a session that waits has not seen of history and of what was kept since, in order, and makes it live.
  /// history: in order; bars that it has seen are passed over. Of a new session it is the warm-up, and muted; of one
  /// that goes on, what ended longer ago than the ttl is missed. A session that is live: nothing happens.
  /// Errors:  bug: there is no such session.
  void join(std::string_view session_id, std::span<const Bar> history, Micros now);

  /// A bar as it came, to the sessions of this symbol and timeframe.
  Routed on_bar(std::string_view symbol, std::string_view timeframe, const Bar& bar, Micros now);
  /// A trade as it came, to all sessions of the symbol. Several may be of one moment.
  Routed on_trade(std::string_view symbol, const Trade& trade, Micros now);
  /// The number of a message, before on_bar or on_trade has it. Bars: where it is broken or restarted, the symbol's sessions
  /// are stale. Of trades nothing can be made good: they are told only.
  Sequence observe(std::string_view symbol, EventKind kind, std::uint64_t epoch, std::uint64_t seq);

  /// Nothing is evaluated until they join again. A session that is not live stays as it is. Returns how many were live.
  std::size_t mark_stale(std::string_view symbol, Gap gap);
  std::size_t mark_all_stale(Gap gap);
  bool mark_session_stale(std::string_view session_id, Gap gap);

  /// What it holds, as it was booked.
  void position(std::string_view session_id, const Position& position);

  /// Null: there is none, or it is native. It is pumped by the caller, who hands over what it answered.
  Worker* worker(std::string_view session_id);
  /// Answers of a session's worker. Then it is offered what had no room before.
  void evaluated(std::string_view session_id, std::span<const Evaluated> answers, Micros now);

  /// What was decided since the last call, in order. Of one event of many native sessions: in the order of their start.
  std::vector<Decision> take_decisions();
  void take_decisions(std::vector<Decision>& into);  ///< the same, in a vector whose memory is used again
  bool has_decisions() const;
  std::vector<WorkerWord> take_words();

  /// As of its last evaluated event; of a worker's the last answered one.
  /// Errors:  bug: there is no such session.
  SessionSnapshot snapshot(std::string_view session_id) const;
  std::optional<SessionInfo> find(std::string_view session_id) const;
  std::vector<std::string> sessions() const;  ///< ids, in order
  /// Those that wait for join: new ones and stale ones, but not whose worker has not caught up with what it was offered.
  std::vector<std::string> waiting() const;
  std::vector<Lane> lanes() const;
  const RoutingCounts& counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What Settings::ids left out.
void name_signal(Decision& decision, std::string_view timeframe);

}  // namespace am::strategy
