#pragma once
// Sessions as rows: which strategy trades which symbol, in which mode, for whom. The rows are the truth; what is published
// about them is a hint. An engine claims sessions one by one, each with a lease of its own and an epoch, which every claim
// raises: whoever writes for a session says its epoch, and one that slept past its lease writes nothing.
//
// Locks:   FOR NO KEY UPDATE of a session's row (so that rows which name it go on), before its user's.
// Time:    leases by the database's clock; what is a parameter is business time.
// Errors:  those of Sql::query; what else, is said.

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/decimal.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/heartbeat.hpp"
#include "am/strategy/strategies.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

inline constexpr std::chrono::milliseconds kSessionLease = std::chrono::seconds(60);

struct Session {
  std::string id, user_id, user;      ///< user: the address
  std::string strategy_id, strategy;  ///< strategy: the name
  std::string symbol, timeframe = "1m";
  AssetType asset = AssetType::stock;
  Mode mode = Mode::paper;
  SessionStatus status = SessionStatus::running;
  Trading trading = Trading::active;
  std::string reason{};  ///< why it is not RUNNING and ACTIVE; empty: nobody said
  long long epoch = 0;   ///< of the last claim
  std::string holder{};  ///< JSON, as Holder::to_json; empty: nobody has claimed it
  std::optional<Instant> lease_until{};
  bool lease_live = false;                 ///< as the database's clock says
  std::optional<Instant> last_event_at{};  ///< of the market, that its strategy has seen
  std::optional<Instant> stale_since{};    ///< since then something of the market is missing
  Instant started_at{};
  std::optional<Instant> ended_at{};
  std::optional<Decimal> final_pnl{};  ///< of one that has ended: realised less fees

  bool is_running() const { return status == SessionStatus::running; }
};

/// "AAPL" is a stock, "BTC/USD" is not.
AssetType asset_of_symbol(std::string_view symbol);
/// Upper case. Errors: usage: it can be no such symbol.
std::string tradable_symbol(std::string_view symbol, AssetType asset);

// ---- Start, stop, look.

struct NewSession {
  std::string user = std::string(kDefaultUser);
  std::string strategy;              ///< by name
  std::string symbol{};              ///< empty: the strategy's
  std::optional<AssetType> asset{};  ///< nothing: as the symbol looks
  std::string timeframe = "1m";
  Mode mode = Mode::paper;
  Instant now{};
};
struct StartedSession {
  Session session;
  bool is_new = false;  ///< false: the same strategy runs on this symbol, timeframe and mode already
};
/// Makes the row, with the event session_started. Whether `live` may be is the caller's question.
/// Errors:  no_input: no such strategy; usage: a symbol or timeframe that can't be, or a live session beside others of its
///          user.
StartedSession start_session(kernel::Transaction& tx, const NewSession& request);

/// Ends it, STOPPED or FAILED, with its event; its engine writes nothing more and lets go. Its position stays.
/// False: it had ended. Errors: no_input.
bool end_session(kernel::Transaction& tx, const std::string& id, SessionStatus as, std::string_view reason,
                 Instant now);
/// Sets what it may do, with the event session_trading. False: it was so. Errors: no_input.
bool set_trading(kernel::Transaction& tx, const std::string& id, Trading trading, std::string_view reason);
/// Writes what an ended session came to; of a running one nothing. To be called in the transaction that books a fill.
void settle_pnl(kernel::Sql& sql, const std::string& id);

struct SessionFilter {
  std::optional<AssetType> asset{};
  std::optional<Mode> mode{};
  std::optional<SessionStatus> status{};
  std::string strategy{}, symbol{}, user{};  ///< empty: all
  int limit = 1000;
};
/// The newest first.
std::vector<Session> list_sessions(kernel::Sql& sql, const SessionFilter& filter = {});
std::optional<Session> find_session(kernel::Sql& sql, const std::string& id);
/// Locks its row until the transaction ends. Errors: no_input.
Session lock_session(kernel::Transaction& tx, const std::string& id);
/// As a person names it: its id, or the name of a strategy of which one session runs (or of none that runs, the newest).
/// Errors:  no_input: there is none; usage: several run.
Session load_session(kernel::Sql& sql, std::string_view name);
/// Symbols of sessions that run, sorted: what the set active_subscriptions:<type> ought to hold, what is ingested.
std::vector<std::string> running_symbols(kernel::Sql& sql, AssetType asset);
/// Whether a session on it runs.
bool is_traded(kernel::Sql& sql, AssetType asset, const std::string& symbol);
/// What it holds, as it was booked last; sessions that hold nothing are left out.
std::map<std::string, Position> positions_of(kernel::Sql& sql, std::span<const std::string> session_ids);

/// What became of what it ordered.
struct SessionFigures {
  Decimal quantity, cost;  ///< of what it holds
  Decimal pnl;             ///< realised less fees
  int open_orders = 0, trades = 0;
};
/// One for each id, in their order.
std::vector<SessionFigures> figures_of(kernel::Sql& sql, std::span<const std::string> session_ids);

/// Ids of sessions, running or not, with a position; the oldest first.
std::vector<std::string> sessions_that_hold(kernel::Sql& sql);
/// Whether a gateway looks after orders now, by its lease.
bool is_gateway_alive(kernel::Sql& sql);

// ---- Claims.

/// What an engine holds a session by.
struct SessionToken {
  std::string id;
  long long epoch = 0;
  friend auto operator<=>(const SessionToken&, const SessionToken&) = default;
};

struct ClaimedSession {
  Session session;
  StrategySpec spec;
  std::string state{};  ///< the last snapshot; empty: it never had one
  Position position{};  ///< as it was booked last

  SessionToken token() const { return {session.id, session.epoch}; }
};

struct SessionClaim {
  AssetType asset = AssetType::stock;
  std::size_t most = 1;
  std::chrono::milliseconds lease = kSessionLease;
  std::vector<std::string> except{};  ///< ids that are not wanted
};
/// Takes RUNNING sessions of this type that nobody has: never claimed, let go, past their lease, or of a process that is
/// certainly gone. The oldest first; what another claim is about to take is passed over. In one transaction of its own.
std::vector<ClaimedSession> claim_sessions(kernel::Db& db, const SessionClaim& claim);

/// Keeps the leases of sessions that were claimed together: for Heartbeat::hold, a subject each ("session ID").
kernel::Heartbeat::Renew session_renewer(std::span<const ClaimedSession> claimed,
                                         std::chrono::milliseconds lease = kSessionLease);
std::vector<std::string> lease_subjects(std::span<const ClaimedSession> claimed);

/// Throws busy unless it is RUNNING and held under this epoch; locks its row until the transaction ends.
void fence(kernel::Sql& sql, const SessionToken& token);

/// What an engine writes of a session it holds.
struct SessionState {
  SessionToken token;
  std::string state;                       ///< the snapshot
  std::optional<Instant> last_event_at{};  ///< nothing: as it was
  std::optional<Instant> stale_since{};    ///< nothing: it is not stale
};
/// Writes what is held, and locks those rows; what is not held any more is left alone. Returns the ids of those: nothing
/// that came of them may be written by this transaction.
std::vector<std::string> store_states(kernel::Sql& sql, std::span<const SessionState> states);
/// One. Errors: busy, as fence.
void store_state(kernel::Sql& sql, const SessionState& state);

/// Lets go, in the transaction of its last snapshot: another engine may claim it at once. What is not held is left alone.
void release_sessions(kernel::Sql& sql, std::span<const SessionToken> tokens);

/// A session that its engine has to give up: FAILED, with the event session_failed. Errors: busy, as fence.
void fail_session(kernel::Transaction& tx, const SessionToken& token, std::string_view reason, Instant now);

}  // namespace am::strategy
