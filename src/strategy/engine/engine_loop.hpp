#pragma once
// The engine's parts and state; each of engine_*.cpp has one side of it. All of it belongs to the strategy thread, but for
// what Clerk and Courier say of theirs. Private.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "am/strategy/engine.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/routing.hpp"
#include "clerk.hpp"
#include "courier.hpp"
#include "hold.hpp"
#include "latency.hpp"
#include "session_work.hpp"

namespace am::strategy {

/// A strategy's own words go to the log with its session.
struct LogLine {
  kernel::Log* log = nullptr;
  std::string session_id, mode;
};

/// A session that this engine holds.
struct HeldSession {
  ClaimedSession claimed{};
  HoldPtr hold{};
  std::unique_ptr<LogLine> line = std::make_unique<LogLine>();
  // What its last snapshot said.
  std::uint64_t saved_seen = 0;
  std::optional<Micros> saved_trade{};
  bool changed = true;  ///< whatever the snapshot says: it has to be stored
  std::optional<Instant> stale_since{};
  Gap told = Gap::none;  ///< the gap that stale_since is of
  // What it misses is being read.
  bool reading = false;
  std::optional<SteadyTime> waits_since{};  ///< for bars of before
  SteadyTime read_again{};
  int unanswered = 0;                    ///< signals
  std::optional<SteadyTime> stops_at{};  ///< it has ended: its worker may still say something
  std::string stops_for{};
  // Of a worker's session.
  int registered = -1;  ///< its descriptor, as epoll knows it
  bool for_writing = false;
  bool ready = false;
  Worker* worker = nullptr;
  std::deque<std::pair<Micros, SteadyTime>>
      asked{};  ///< which bars it has not answered, and when they were read

  const std::string& id() const { return claimed.session.id; }
  Mode mode() const { return claimed.session.mode; }
};

/// What the clerk has claimed so far: a second attempt goes on from it.
struct Reconciled {
  bool tried = false;  ///< to claim: whether it came through may be unknown
  std::vector<Gone> gone{};
  Mismatches mismatches{};
  std::vector<ClaimedSession> claimed{};
  std::vector<HoldPtr> holds{};
  std::vector<Signal> pending{};
  std::size_t surplus = 0;
  std::optional<std::string> no_sandbox{};
};

/// Wakes the engine out of epoll. Threads: ring from any.
class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  void ring() noexcept;
  void heard() noexcept;
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

class Engine {
 public:
  Engine(const EngineParts& parts, const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  EngineResult run();

 private:
  using Sessions = std::map<std::string, HeldSession, std::less<>>;

  // engine_loop.cpp: life
  bool turn();
  void sleep();
  void nap(SteadyTime::duration longest);
  void watch_stream(bool watched);
  void wake() noexcept;
  void keep_time();
  void look_each_second(SteadyTime now);
  std::optional<EngineResult::End> end() const;
  bool is_at_rest() const;
  void ask_for_heir();
  void hand_over();
  void finish(bool in_peace);
  EngineResult result(EngineResult::End end) const;
  Micros now() const { return micros_of(parts_.now()); }
  kernel::Fields about(const HeldSession& session) const;

  // engine_frames.cpp: what comes
  bool take_frames();
  void on_frame(const Frame& frame);
  void on_bar(const Frame& frame);
  void on_trade(const Frame& frame);
  void on_control(const Frame& frame);
  bool is_held_back() const;
  void note_asked(std::string_view symbol, Micros event, SteadyTime read_at);

  // engine_sessions.cpp: which sessions
  void reconcile();
  void adopt(Reconciled& found);
  void begin(HeldSession& session);
  void drop(const std::string& id, std::string_view why);
  void fail(const std::string& id, const std::string& reason);
  void end_gone(const Gone& gone);
  void look_at_leases(SteadyTime now);
  void give_back(HeldSession& session, const std::string& why);
  void release(const std::vector<std::string>& ids, std::function<void()> then);
  void publish_hints(const std::vector<ControlEvent>& hints);
  void count_kinds();

  // engine_history.cpp: what is missing
  void note_stale();
  void tend_waiting(SteadyTime now);
  void read_history(HeldSession& session);
  void have_history(const std::string& id, const std::vector<Bar>& bars, Micros target);
  void find_silence();

  // engine_flush.cpp: what is decided
  void flush(std::optional<SteadyTime> read_at);
  void flush_states();
  SessionState state_of(HeldSession& session);
  void submit_flush(Flush flush);
  void send(const HoldPtr& hold, const Signal& signal);
  void delivered(const Parcel& parcel, const Delivery& delivery);
  void answered(const std::string& id, const Delivery& delivery, const std::optional<Position>& position);
  void read_positions();
  void say_words();

  // engine_workers.cpp: sessions with a process of their own
  void pump_workers();
  void register_worker(HeldSession& session, int fd, bool for_writing);
  void forget_worker(HeldSession& session);
  bool is_worker_busy(const HeldSession& session) const;

  HeldSession* held(std::string_view id);
  void tell(const std::string& name, const std::string& problem, const std::string& text);
  void record(std::string_view kind, const std::string& data_json, const std::string& subject);

  const EngineParts parts_;
  const EngineOptions options_;
  StrategyManager manager_;
  MessageParser parser_{};
  Sessions sessions_{};
  std::set<std::string> unwanted_{};         ///< ids that can't run here
  std::optional<std::string> no_sandbox_{};  ///< of the clerk's thread, and the next
  bool sandbox_tried_ = false;
  EngineResult counts_{};
  Latency evaluated_{}, queued_{};
  std::vector<ControlEvent> hints_{};

  bool connected_ = false, was_connected_ = false;
  bool sweep_now_ = false;  ///< a hold was let go
  bool look_at_waiting_ = false, any_waits_ = false;
  bool watching_stream_ = false;
  bool reconciling_ = false, reconcile_now_ = true;
  bool reading_positions_ = false;
  bool asking_for_heir_ = false, handing_over_ = false, releasing_ = false;
  bool claims_ = true;
  std::vector<HeldSession*> workers_{};  ///< sessions with a process of their own
  bool all_rehearsal_ = false, kinds_changed_ = false;
  Bell bell_{};
  int epoll_ = -1;
  SteadyTime last_frame_{}, started_{};
  SteadyTime next_second_{}, next_reconcile_{}, next_states_{}, next_positions_{}, next_waiting_{};
  std::optional<SteadyTime> position_hurry_{};

  MarketStream stream_;
  Clerk herald_;
  Clerk clerk_;
  Courier courier_;  // the last: its threads use the clerk
};

}  // namespace am::strategy
