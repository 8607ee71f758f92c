// Which sessions this engine has: the rows say so, what is published about them is a hint to look.

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "am/strategy/redis.hpp"
#include "am/strategy/strategy.hpp"
#include "engine_loop.hpp"

namespace am::strategy {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMostSessions = 10'000;
constexpr std::chrono::seconds kLastCallback{1};
constexpr milliseconds kHintPatience{200};
constexpr std::string_view kPython = "python";

void say_line(void* context, std::string_view line) {
  const auto& to = *static_cast<const LogLine*>(context);
  to.log->info(line, {{"session_id", to.session_id}, {"mode", to.mode}});
}

SessionSpec spec_of(const ClaimedSession& claimed) {
  const Session& session = claimed.session;
  return {.session_id = session.id,
          .strategy_id = session.strategy_id,
          .symbol = session.symbol,
          .timeframe = session.timeframe,
          .epoch = session.epoch,
          .mode = session.mode};
}

}  // namespace

void Engine::reconcile() {
  reconcile_now_ = false;
  std::vector<SessionToken> tokens;
  std::vector<std::string> except(unwanted_.begin(), unwanted_.end());
  for (const auto& [id, session] : sessions_) {
    tokens.push_back(session.hold->token());
    except.push_back(id);
  }
  const auto found = std::make_shared<Reconciled>();
  const auto hints = std::make_shared<const std::vector<ControlEvent>>(std::exchange(hints_, {}));
  DaySlot first = options_.slot;
  first.number = 1;
  reconciling_ = clerk_.submit(
      "sessions",
      [this, found, hints, tokens = std::move(tokens), except = std::move(except), slot = first.to_string(),
       claims = claims_](kernel::Db& db) -> Clerk::Reply {
        if (found->claimed.empty()) {
          found->gone = gone_sessions(db, tokens);
          found->mismatches = compare_hints(db, *hints);
          const std::size_t mine = tokens.size() - found->gone.size();
          const Share share = share_of(db, options_.slot.type, slot);
          const std::size_t fair = std::min(share.each(), kMostSessions);
          found->surplus = claims && mine > fair ? mine - fair : 0;
          if (claims && mine < fair) {
            if (std::exchange(found->tried, true)) forget_claims(db, options_.slot.type, tokens);
            const SteadyTime sent = steady_clock::now();
            found->claimed = claim_sessions(db, {.asset = options_.slot.type,
                                                 .most = fair - mine,
                                                 .lease = options_.session_lease,
                                                 .except = except});
            auto leases = parts_.heartbeat.hold(options_.session_lease, sent, lease_subjects(found->claimed),
                                                session_renewer(found->claimed, options_.session_lease));
            for (std::size_t i = 0; i < leases.size(); ++i)
              found->holds.push_back(std::make_shared<Hold>(found->claimed[i].token(), std::move(leases[i])));
          }
        }
        std::vector<SessionToken> claimed;
        bool python = false;
        for (const ClaimedSession& each : found->claimed) {
          claimed.push_back(each.token());
          python = python || each.spec.language == kPython;
        }
        if (!claimed.empty()) found->pending = pending_signals(db, claimed);
        if (python && !std::exchange(sandbox_tried_, true)) {
          try {
            probe_sandbox(options_.sandbox);
          } catch (const Error& error) {
            no_sandbox_ = error.message() + (error.hint().empty() ? "" : "; " + error.hint());
          }
        }
        found->no_sandbox = no_sandbox_;
        return [this, found] {
          reconciling_ = false;
          counts_.hints_without_session += found->mismatches.without_session;
          counts_.hints_still_running += found->mismatches.still_running;
          if (found->mismatches.without_session + found->mismatches.still_running > 0)
            parts_.log.warn(
                "control events say something else than the sessions' rows, which hold",
                {{"subscribe_without_session", static_cast<std::int64_t>(found->mismatches.without_session)},
                 {"unsubscribe_of_running", static_cast<std::int64_t>(found->mismatches.still_running)}});
          for (const Gone& gone : found->gone) end_gone(gone);
          adopt(*found);
          if (found->surplus == 0) return;
          std::vector<std::string> surplus;
          for (auto it = sessions_.rbegin(); it != sessions_.rend() && surplus.size() < found->surplus; ++it)
            surplus.push_back(it->first);
          parts_.log.info("sessions are handed to another engine",
                          {{"sessions", static_cast<std::int64_t>(surplus.size())}});
          release(surplus, {});
        };
      });
}

void Engine::adopt(Reconciled& found) {
  for (std::size_t i = 0; i < found.claimed.size(); ++i) {
    const std::string id = found.claimed[i].session.id;
    const bool is_python = found.claimed[i].spec.language == kPython;
    HeldSession session;
    session.claimed = std::move(found.claimed[i]);
    session.hold = found.holds[i];
    *session.line = {&parts_.log, id, std::string(name_of(session.mode()))};
    HeldSession& added = sessions_.insert_or_assign(id, std::move(session)).first->second;
    ++counts_.sessions;
    if (is_python && found.no_sandbox) {
      give_back(added, *found.no_sandbox);
    } else {
      begin(added);
    }
  }
  for (const Signal& signal : found.pending) {
    HeldSession* const session = held(signal.session_id);
    if (session == nullptr) continue;
    ++session->unanswered;
    send(session->hold, signal);
  }
  count_kinds();
  if (!found.claimed.empty()) look_at_waiting_ = true;
}

void Engine::begin(HeldSession& session) {
  const std::string id = session.id();
  const StrategySpec& strategy = session.claimed.spec;
  try {
    std::optional<SessionSnapshot> from;
    if (!session.claimed.state.empty()) from = SessionSnapshot::parse(session.claimed.state);
    const SessionSpec spec = spec_of(session.claimed);
    if (strategy.language == kPython) {
      auto worker = make_python_worker({.code = strategy.code,
                                        .symbol = spec.symbol,
                                        .strategy_id = spec.strategy_id,
                                        .session_id = id,
                                        .timeframe = spec.timeframe,
                                        .params = strategy.params,
                                        .snapshot = from ? from->strategy : std::string()},
                                       options_.sandbox);
      session.worker = worker.get();
      worker->position(session.claimed.position);
      manager_.start_session(spec, std::move(worker), from, now());
      register_worker(session, session.worker->fd(), session.worker->wants_write());
    } else {
      manager_.start_session(spec, make_builtin(strategy, spec.symbol, say_line, session.line.get()), from,
                             now());
    }
    manager_.position(id, session.claimed.position);
    if (const auto info = manager_.find(id)) {
      session.saved_seen = info->seen;
      session.saved_trade = info->last_trade;
    }
    kernel::Fields fields = about(session);
    fields.emplace_back("strategy", strategy.name);
    fields.emplace_back("epoch", static_cast<std::int64_t>(spec.epoch));
    parts_.log.info("a session is claimed", fields);
  } catch (const Error& error) {
    session.worker = nullptr;
    fail(id, error.message());
  }
}

/// It can run elsewhere, not here.
void Engine::give_back(HeldSession& session, const std::string& why) {
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): the session goes while it is used
  const std::string id = session.id();
  kernel::Fields fields = about(session);
  fields.emplace_back("error", why);
  parts_.log.error("a session in Python can't run here, it is given back", fields);
  if (unwanted_.empty())
    tell("no-sandbox-" + options_.slot.to_string(), "strategies in Python don't run", why + "\n");
  unwanted_.insert(id);
  const SessionToken token = session.hold->token();
  session.hold->let_go();
  sessions_.erase(id);
  clerk_.submit("give back", [token](kernel::Db& db) -> Clerk::Reply {
    release_sessions(db, std::span(&token, 1));
    return {};
  });
}

/// Nothing more is done for it; its row is left alone.
void Engine::drop(const std::string& id, std::string_view why) {
  HeldSession* const session = held(id);
  if (session == nullptr) return;
  session->hold->let_go();
  kernel::Fields fields = about(*session);
  fields.emplace_back("reason", why);
  parts_.log.info("a session is let go", fields);
  forget_worker(*session);
  manager_.stop_session(id);
  sessions_.erase(id);
  kinds_changed_ = true;
}

void Engine::end_gone(const Gone& gone) {
  HeldSession* const session = held(gone.id);
  if (session == nullptr) return;
  if (!gone.ended) {
    ++counts_.lost;
    return drop(gone.id, gone.reason);
  }
  session->hold->let_go();
  clerk_.submit("ended session",
                [id = gone.id, reason = "the session is " + gone.reason](kernel::Db& db) -> Clerk::Reply {
                  expire_signals(db, id, reason);
                  return {};
                });
  if (session->worker == nullptr) return drop(gone.id, gone.reason);
  // It hears of its end.
  manager_.retire(gone.id);
  session->stops_at = steady_clock::now() + kLastCallback;
  session->stops_for = gone.reason;
}

void Engine::fail(const std::string& id, const std::string& reason) {
  HeldSession* const session = held(id);
  if (session == nullptr) return;
  ++counts_.failed;
  kernel::Fields fields = about(*session);
  fields.emplace_back("error", reason);
  parts_.log.error("a session has failed", fields);
  clerk_.submit(
      "failed session",
      [token = session->hold->token(), reason, time = parts_.now()](kernel::Db& db) -> Clerk::Reply {
        try {
          db.transact([&](kernel::Transaction& tx) {
            fail_session(tx, token, reason, time);
            expire_signals(tx, token.id, "the session is FAILED");
          });
        } catch (const Error& error) {
          if (error.kind() != ErrorKind::busy) throw;  // it is another engine's: that one will see
        }
        return {};
      });
  tell("failed-" + id, "session " + id + " has failed",
       "Strategy " + session->claimed.spec.name + " on " + session->claimed.session.symbol + " (" +
           std::string(name_of(session->mode())) + "): " + reason +
           "\nIts position stays as it is. See am strategy sessions.\n");
  drop(id, reason);
}

void Engine::look_at_leases(SteadyTime now) {
  std::vector<std::pair<std::string, std::string>> over;
  for (const auto& [id, session] : sessions_) {
    if (session.stops_at) {
      if (now >= *session.stops_at || !is_worker_busy(session)) over.emplace_back(id, session.stops_for);
    } else if (!session.hold->held()) {
      ++counts_.lost;
      over.emplace_back(id, "its lease is lost");
    }
  }
  for (const auto& [id, why] : over) drop(id, why);
  if (!over.empty()) reconcile_now_ = true;
}

/// Snapshot, release, hint: whoever claims them goes on where they are.
void Engine::release(const std::vector<std::string>& ids, std::function<void()> then) {
  flush({});
  Flush flush{.release = true};
  std::vector<ControlEvent> hints;
  for (const std::string& id : ids) {
    HeldSession* const session = held(id);
    if (session == nullptr || !session->hold->held()) continue;
    flush.states.push_back(state_of(*session));
    const Session& row = session->claimed.session;
    hints.push_back({.action = ControlEvent::Action::subscribe,
                     .symbol = row.symbol,
                     .type = row.asset,
                     .strategy_id = row.strategy_id,
                     .session_id = id});
  }
  for (const std::string& id : ids) drop(id, "it is handed over");
  clerk_.submit(
      "release",
      [this, flush = std::move(flush), hints = std::move(hints), then](kernel::Db& db) -> Clerk::Reply {
        store_flush(db, flush);
        publish_hints(hints);
        return then;
      });
}

/// On the clerk's thread. What is lost of it costs a while: rows are looked at every now and then.
void Engine::publish_hints(const std::vector<ControlEvent>& hints) {
  if (parts_.stop.requested()) return;
  try {
    Redis redis(parse_redis_url(options_.stream.url), {.connect = kHintPatience, .answer = kHintPatience});
    for (const ControlEvent& hint : hints) {
      std::string text;
      write_message(text, hint);
      redis.publish(kControlChannel, text);
    }
  } catch (const Error& error) {
    parts_.log.warn("nobody is told that sessions are free", {{"error", error.message()}});
  }
}

void Engine::count_kinds() {
  kinds_changed_ = false;
  workers_.clear();
  for (auto& [id, session] : sessions_)
    if (session.worker != nullptr) workers_.push_back(&session);
  all_rehearsal_ = !sessions_.empty() && std::ranges::all_of(sessions_, [](const auto& each) {
    return each.second.mode() == Mode::rehearsal;
  });
}

}  // namespace am::strategy
