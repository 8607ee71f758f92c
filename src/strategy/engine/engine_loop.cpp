// The engine's life: what it does in which order, its timers, its end.

#include "engine_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "am/base/error.hpp"

namespace am::strategy {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kSecond{1000};
constexpr milliseconds kLongestNap{100};  // who is asked to end sees it by then
constexpr milliseconds kShortNap{20};     // while somebody waits for bars of before
constexpr milliseconds kLastWords{800};   // as Stop::Grace
constexpr milliseconds kRarely{10'000};
constexpr int kMostEvents = 64;

int checked(int descriptor, const char* what) {
  if (descriptor < 0)
    throw Error(ErrorKind::unavailable, std::string(what) + ": " + std::system_category().message(errno));
  return descriptor;
}

LatencyFigures figures_of(const Latency& latency) {
  constexpr double kMedian = 0.5, kP90 = 0.9, kP99 = 0.99, kP999 = 0.999;
  return {.count = latency.count(),
          .p50 = latency.percentile(kMedian).count(),
          .p90 = latency.percentile(kP90).count(),
          .p99 = latency.percentile(kP99).count(),
          .p999 = latency.percentile(kP999).count()};
}

}  // namespace

Bell::Bell() : descriptor_(checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {}
Bell::~Bell() { close(descriptor_); }

void Bell::ring() noexcept {
  const std::uint64_t one = 1;
  (void)!write(descriptor_, &one, sizeof one);
}

void Bell::heard() noexcept {
  std::uint64_t count = 0;
  (void)!read(descriptor_, &count, sizeof count);
}

Engine::Engine(const EngineParts& parts, const EngineOptions& options)
    : parts_(parts),
      options_(options),
      manager_({.signal_ttl = options.signal_ttl}),
      epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      stream_(options.stream),
      herald_(parts.db, parts.log, parts.stop, [] {}),
      clerk_(parts.db, parts.log, parts.stop, [this] { wake(); }),
      courier_(
          parts.transport, parts.log, parts.stop,
          {.url = options.gateway_url, .token = options.gateway_token},
          [this](const Parcel& parcel, const Delivery& delivery) { delivered(parcel, delivery); },
          [this] {
            if (parts_.probe) parts_.probe("vendor call");
          }) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &bell_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, bell_.descriptor(), &event);
  started_ = last_frame_ = steady_clock::now();
}

Engine::~Engine() {
  for (auto& [id, session] : sessions_) session.hold->let_go();
  close(epoll_);
}

void Engine::wake() noexcept {
  stream_.wake();
  bell_.ring();
}

EngineResult Engine::run() {
  try {
    for (;;) {
      if (const auto why = end()) {
        finish(*why != EngineResult::End::stopped);
        return result(*why);
      }
      if (!turn()) sleep();
    }
  } catch (const Error& error) {
    parts_.log.warn("the engine ends, its sessions are let go", {{"error", error.message()}});
    finish(false);
    throw;
  }
}

/// Everything that can be done now. False: nothing came.
bool Engine::turn() {
  clerk_.run_replies();
  const bool came = take_frames();
  pump_workers();
  flush({});
  keep_time();
  return came;
}

void Engine::keep_time() {
  const SteadyTime now = steady_clock::now();
  if (now >= next_second_) {
    next_second_ = now + kSecond;
    look_each_second(now);
  }
  if (std::exchange(sweep_now_, false)) look_at_leases(now);
  if ((now >= next_reconcile_ || reconcile_now_) && !reconciling_) {
    next_reconcile_ = now + options_.reconcile_every;
    reconcile();
  }
  if (now >= next_states_) {
    next_states_ = now + options_.snapshot_every;
    flush_states();
  }
  if (now >= next_positions_) {
    const bool hurry = position_hurry_ && now < *position_hurry_;
    next_positions_ = now + (hurry ? options_.positions_every : std::max(options_.positions_every, kRarely));
    read_positions();
  }
  if (look_at_waiting_ || (any_waits_ && now >= next_waiting_)) {
    next_waiting_ = now + kShortNap;
    note_stale();
    tend_waiting(now);
  }
  if (handing_over_ && !releasing_ && !sessions_.empty()) hand_over();
}

void Engine::look_each_second(SteadyTime now) {
  parts_.check_run();
  look_at_leases(now);
  find_silence();
  if (std::ranges::any_of(sessions_, [](const auto& each) { return each.second.changed; })) flush_states();
  if (options_.slot.type == AssetType::crypto && parts_.now() >= options_.window.to) ask_for_heir();
}

/// A day's engine trades on until that of the next one is there.
void Engine::ask_for_heir() {
  claims_ = false;
  if (asking_for_heir_ || handing_over_) return;
  DaySlot next = options_.slot;
  next.day = next.day + 1;
  asking_for_heir_ = clerk_.submit("next day's engine", [this, slot = next.to_string()](kernel::Db& db) {
    return [this, live = is_run_live(db, slot)] {
      asking_for_heir_ = false;
      handing_over_ = live;
    };
  });
}

void Engine::hand_over() {
  releasing_ = true;
  release({sessions_.begin()->first}, [this] { releasing_ = false; });
}

std::optional<EngineResult::End> Engine::end() const {
  using End = EngineResult::End;
  if (parts_.stop.requested()) return End::stopped;
  const Instant now = parts_.now();
  if (options_.until && now >= *options_.until) return End::until;
  if (now >= options_.window.to) {
    if (options_.slot.type == AssetType::stock || now >= options_.window.to + options_.linger)
      return End::day_over;
    if (!claims_ && !reconciling_ && !releasing_ && sessions_.empty()) return End::day_over;
  }
  if (options_.idle && steady_clock::now() - last_frame_ >= *options_.idle && is_at_rest()) return End::idle;
  return std::nullopt;
}

/// Nothing is under way: no answer of a worker, the gateway or the database.
bool Engine::is_at_rest() const {
  if (clerk_.waiting() > 0 || courier_.waiting() > 0 || manager_.has_decisions()) return false;
  return std::ranges::none_of(sessions_, [&](const auto& each) {
    return each.second.unanswered > 0 || each.second.reading || is_worker_busy(each.second);
  });
}

void Engine::finish(bool in_peace) {
  claims_ = false;
  if (in_peace) {
    const SteadyTime until = steady_clock::now() + options_.settle;
    while (!is_at_rest() && steady_clock::now() < until && !parts_.stop.requested()) {
      clerk_.run_replies();
      pump_workers();
      flush({});
      nap(kShortNap);
    }
  }
  flush({});
  std::vector<std::string> ids;
  for (const auto& [id, session] : sessions_) ids.push_back(id);
  release(ids, {});
  const milliseconds patience = parts_.stop.requested() ? kLastWords : options_.settle;
  if (!clerk_.settle(steady_clock::now() + patience))
    parts_.log.warn("the last snapshots were not stored in time, the sessions' leases have to run out");
}

/// Sleeps on the stream alone where it can: it then reads the socket in its own call.
void Engine::sleep() {
  const SteadyTime now = steady_clock::now();
  SteadyTime until =
      std::min({now + kLongestNap, next_second_, next_reconcile_, next_states_, next_positions_});
  if (any_waits_) until = std::min(until, next_waiting_);
  if (kinds_changed_) count_kinds();
  for (const HeldSession* const session : workers_) until = std::min(until, session->worker->wake_at());
  if (options_.until || options_.idle) until = std::min(until, now + kShortNap);
  if (until <= now) return;
  const bool held_back = is_held_back();
  if (workers_.empty() && !held_back) {
    stream_.wait(until);
    return;
  }
  if (held_back) {
    nap(until - now);
  } else if (stream_.prepare_to_poll()) {
    watch_stream(true);
    nap(until - now);
    watch_stream(false);
    stream_.polled();
  }
}

void Engine::watch_stream(bool watched) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &stream_}};
  if (watched == watching_stream_) return;
  watching_stream_ = watched;
  epoll_ctl(epoll_, watched ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, stream_.descriptor(), &event);
}

/// Until a worker or a reply is there, or the stream where it is watched.
void Engine::nap(SteadyTime::duration longest) {
  std::array<epoll_event, kMostEvents> events{};
  const auto rest = std::chrono::ceil<milliseconds>(longest).count();
  const int count = epoll_wait(epoll_, events.data(), kMostEvents,
                               static_cast<int>(std::clamp<long long>(rest, 0, kRarely.count())));
  for (int i = 0; i < count; ++i) {
    void* const from = events[static_cast<std::size_t>(i)].data.ptr;
    if (from == &bell_)
      bell_.heard();
    else if (from != &stream_)
      static_cast<HeldSession*>(from)->ready = true;
  }
}

EngineResult Engine::result(EngineResult::End end) const {
  EngineResult result = counts_;
  result.end = end;
  const RoutingCounts& routed = manager_.counts();
  result.bars = routed.bars;
  result.trades = routed.trades;
  result.repeated += routed.repeated;
  result.revised = routed.revised;
  result.older = routed.older;
  result.impossible = routed.impossible;
  result.far_future = routed.far_future;
  result.signals = routed.signals;
  result.missed = routed.missed;
  result.rejected = routed.rejected;
  const StreamCounts stream = stream_.counts();
  result.bad_messages += stream.too_large + stream.unknown;
  result.coalesced = stream.coalesced;
  result.dropped = stream.dropped;
  result.connects = stream.connects;
  result.evaluated = figures_of(evaluated_);
  result.queued = figures_of(queued_);
  return result;
}

HeldSession* Engine::held(std::string_view id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

kernel::Fields Engine::about(const HeldSession& session) const {
  return {{"session_id", session.id()},
          {"mode", name_of(session.mode())},
          {"symbol", session.claimed.session.symbol}};
}

void Engine::tell(const std::string& name, const std::string& problem, const std::string& text) {
  if (!parts_.tell) return;
  herald_.submit("alert", [tell = parts_.tell, name, problem, text](kernel::Db& db) -> Clerk::Reply {
    tell(db, name, problem, text);
    return {};
  });
}

void Engine::record(std::string_view kind, const std::string& data_json, const std::string& subject) {
  clerk_.submit(
      kind,
      [kind = std::string(kind), run = parts_.run_id, data_json, subject](kernel::Db& db) -> Clerk::Reply {
        tell_event(db, kind, run, data_json, subject);
        return {};
      });
}

EngineResult run_engine(const EngineParts& parts, const EngineOptions& options) {
  Engine engine(parts, options);
  return engine.run();
}

}  // namespace am::strategy
