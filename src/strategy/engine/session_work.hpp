#pragma once
// What an engine reads and writes of its sessions: all of it fenced by the session's epoch, or idempotent, since it is
// repeated when nobody knows whether it came through. Private.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/routing.hpp"
#include "am/strategy/sessions.hpp"
#include "courier.hpp"

namespace am::strategy {

/// Snapshots and what was decided up to them.
struct Flush {
  std::vector<SessionState> states{};  ///< of each session once
  std::vector<Decision> decisions{};   ///< of these sessions, in order
  bool release = false;                ///< let go of them in the same transaction
};
struct Flushed {
  std::vector<std::string> lost{};     ///< not held any more: nothing was written for them
  std::vector<std::string> pending{};  ///< signal ids that may be sent
};
/// One transaction. now: business time.
Flushed store_flush(kernel::Db& db, const Flush& flush);

/// Signals of these sessions that nobody has answered yet, the oldest first.
std::vector<Signal> pending_signals(kernel::Sql& sql, std::span<const SessionToken> tokens);

/// What became of a signal, as far as the gateway has not recorded it. False: the session is not held any more, and nothing
/// is written.
bool close_signal(kernel::Db& db, const SessionToken& token, const std::string& signal_id,
                  const Delivery& delivery);
/// Of a session that has ended nothing is sent any more.
void expire_signals(kernel::Sql& sql, const std::string& session_id, std::string_view reason);

/// Those that are no longer held under their epoch, with the reason: "STOPPED", "FAILED", "held by another engine".
struct Gone {
  std::string id, reason;
  bool ended = false;  ///< the row says so: it is nobody's
};
std::vector<Gone> gone_sessions(kernel::Sql& sql, std::span<const SessionToken> tokens);

/// Lets go of what this process has claimed without knowing it: a COMMIT of which nobody knows. kept: what it knows of.
void forget_claims(kernel::Sql& sql, AssetType asset, std::span<const SessionToken> kept);

/// How many sessions of this type run, and among how many engines they are shared.
struct Share {
  std::size_t running = 0, engines = 1;
  std::size_t each() const { return (running + engines - 1) / engines; }
};
/// slot: of the first engine of the day; others are "<slot>#N".
Share share_of(kernel::Sql& sql, AssetType asset, const std::string& slot);

/// Whether a run of this slot is alive.
bool is_run_live(kernel::Sql& sql, const std::string& slot);

/// Hints that say something else than the rows, which nothing follows from.
struct Mismatches {
  std::size_t without_session = 0;  ///< subscribe
  std::size_t still_running = 0;    ///< unsubscribe
};
Mismatches compare_hints(kernel::Sql& sql, std::span<const ControlEvent> events);

void tell_event(kernel::Sql& sql, std::string_view kind, const std::string& run_id,
                const std::string& data_json, const std::string& subject);

}  // namespace am::strategy
