// What comes from Redis: each frame is parsed in place, told to the manager, and what was decided goes on at once.

#include <algorithm>

#include "engine_loop.hpp"

namespace am::strategy {

namespace {

constexpr int kFramesAtOnce = 256;
constexpr int kFewFrames = 32;  // so that no answer of a worker waits for long
constexpr std::size_t kMostHints = 1000;
constexpr std::size_t kMostAsked = 8192;

/// Numbers of a publisher that counts from below zero are as good as any.
std::uint64_t number_of(const std::optional<std::int64_t>& value) {
  return static_cast<std::uint64_t>(value.value_or(0));
}

}  // namespace

bool Engine::take_frames() {
  if (kinds_changed_) count_kinds();
  const int most = workers_.empty() ? kFramesAtOnce : kFewFrames;
  for (int i = 0; i < most; ++i) {
    if (is_held_back()) return i > 0;
    const auto frame = stream_.next();
    if (!frame) return i > 0;
    on_frame(*frame);
  }
  return true;
}

/// What comes while sessions are being claimed is for them, too. Where all is rehearsal, one event is over before the next is
/// looked at: answered, booked, told to the strategy. So what comes of a file does not depend on how fast it is published.
bool Engine::is_held_back() const {
  if (reconciling_ && (all_rehearsal_ || sessions_.empty())) return true;
  if (!all_rehearsal_) return false;
  return std::ranges::any_of(sessions_, [&](const auto& each) {
    const HeldSession& session = each.second;
    return session.unanswered > 0 || session.reading || is_worker_busy(session);
  });
}

void Engine::on_frame(const Frame& frame) {
  switch (frame.kind) {
    case Frame::Kind::bar:
      return on_bar(frame);
    case Frame::Kind::trade:
      return on_trade(frame);
    case Frame::Kind::control:
      return on_control(frame);
    case Frame::Kind::connected:
      parts_.log.info("redis: connected", {{"redis", stream_.where()}});
      if (std::exchange(was_connected_, true))
        counts_.gaps += manager_.mark_all_stale(frame.coalesced ? Gap::coalesced : Gap::reconnect);
      connected_ = true;
      look_at_waiting_ = reconcile_now_ = true;
      return;
    case Frame::Kind::disconnected:
      parts_.log.warn("redis: the connection is lost, nothing is sent until what was missed is known",
                      {{"redis", stream_.where()}, {"error", frame.payload.text}});
      connected_ = false;
      counts_.gaps += manager_.mark_all_stale(Gap::reconnect);
      look_at_waiting_ = true;
      return;
  }
}

void Engine::on_bar(const Frame& frame) {
  last_frame_ = std::chrono::steady_clock::now();
  if (frame.coalesced && manager_.mark_stale(frame.symbol, Gap::coalesced) > 0) {
    ++counts_.gaps;
    look_at_waiting_ = true;
  }
  const auto message = parser_.bar(frame.payload, frame.symbol);
  if (!message) {
    ++counts_.bad_messages;
    return;
  }
  const SequenceNumber& number = message->sequence;
  if (number.seq) {
    switch (
        manager_.observe(message->symbol, EventKind::bar, number_of(number.epoch), number_of(number.seq))) {
      case Sequence::repeated:
        ++counts_.repeated;
        return;
      case Sequence::broken:
      case Sequence::restarted:
        ++counts_.gaps;
        look_at_waiting_ = true;
        break;
      case Sequence::first:
      case Sequence::next:
        break;
    }
  }
  if (!workers_.empty()) note_asked(message->symbol, message->bar.start, frame.read_at);
  const Routed routed = manager_.on_bar(message->symbol, message->timeframe, message->bar, now());
  if (routed == Routed::gap) {
    ++counts_.gaps;
    look_at_waiting_ = true;
  }
  if (routed != Routed::evaluated) return;
  evaluated_.add(std::chrono::steady_clock::now() - frame.read_at);
  flush(frame.read_at);
}

void Engine::on_trade(const Frame& frame) {
  last_frame_ = std::chrono::steady_clock::now();
  const auto message = parser_.trade(frame.payload, frame.symbol);
  if (!message) {
    ++counts_.bad_messages;
    return;
  }
  const SequenceNumber& number = message->sequence;
  if (number.seq && manager_.observe(message->symbol, EventKind::trade, number_of(number.epoch),
                                     number_of(number.seq)) == Sequence::repeated) {
    ++counts_.repeated;
    return;
  }
  if (!workers_.empty()) note_asked(message->symbol, message->trade.at, frame.read_at);
  if (manager_.on_trade(message->symbol, message->trade, now()) != Routed::evaluated) return;
  evaluated_.add(std::chrono::steady_clock::now() - frame.read_at);
  flush(frame.read_at);
}

/// A hint: it is time to look at the rows.
void Engine::on_control(const Frame& frame) {
  const auto event = parser_.control(frame.payload);
  if (!event) {
    ++counts_.bad_messages;
    return;
  }
  if (event->type != options_.slot.type) return;
  if (hints_.size() < kMostHints) hints_.push_back(*event);
  reconcile_now_ = true;
}

/// So that the latency of a worker's answer is known.
void Engine::note_asked(std::string_view symbol, Micros event, SteadyTime read_at) {
  for (HeldSession* const session : workers_) {
    if (session->claimed.session.symbol != symbol) continue;
    if (session->asked.size() >= kMostAsked) session->asked.pop_front();
    session->asked.emplace_back(event, read_at);
  }
}

}  // namespace am::strategy
