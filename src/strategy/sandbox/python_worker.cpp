#include "strategy/sandbox/python_worker.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "am/base/error.hpp"

namespace am::strategy {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMostFailures = 3;
constexpr std::chrono::minutes kFailuresWithin{10};
constexpr milliseconds kFirstBackOff{250};
/// How long one that closed its socket has to end by itself, so that it can be said how it did.
constexpr milliseconds kFarewell{100};
constexpr milliseconds kReapEvery{2};
constexpr milliseconds kFirstLook{50};
/// One that has nothing to do is looked after, too: it may burn a processor instead.
constexpr std::chrono::seconds kIdleLook{2};
/// So much is read in one go: another session has its turn then.
constexpr std::size_t kMostAtOnce = 2 * kMostAnswer;
/// Frames under way at a time, where several bars are in one: one is made while the other is looked at.
constexpr std::size_t kFramesUnderWay = 2;
constexpr std::size_t kFirstWindow = 16;
constexpr kernel::SteadyTime kNever = kernel::SteadyTime::max();

}  // namespace

PythonWorker::PythonWorker(WorkerOptions options, SandboxOptions sandbox)
    : options_(std::move(options)), sandbox_(std::move(sandbox)), snapshot_(options_.snapshot) {
  start(steady_clock::now());
}

bool PythonWorker::offer(const WorkerEvent& event) {
  if (events_.size() >= options_.most_pending) return false;
  events_.push_back(event);
  return true;
}

void PythonWorker::position(const Position& position) {
  if (position == position_) return;
  position_ = position;
  position_told_ = false;
}

int PythonWorker::fd() const { return process_ && !why_ ? process_->socket() : -1; }

bool PythonWorker::wants_write() const {
  if (fd() < 0) return false;
  const std::size_t most = options_.batch > 1 ? kFramesUnderWay : 1;
  return !out_.empty() || (state_ == WorkerState::live && frames_.size() < most && sent_ < events_.size());
}

kernel::SteadyTime PythonWorker::wake_at() const {
  if (why_) return steady_clock::now() + kReapEvery;
  if (process_) return watch_.look_at;
  return state_ == WorkerState::waiting ? restart_at_ : kNever;
}

void PythonWorker::pump(std::vector<Evaluated>& out) {
  const Time now = steady_clock::now();
  held_ = false;
  if (why_) reap(now);
  if (!process_ && state_ == WorkerState::waiting && now >= restart_at_) start(now);
  if (!process_ || why_) return;
  read_answers(out, now);
  if (!why_) watch(now);
  if (!why_ && !held_) send_frames(now);
}

// Its life.

void PythonWorker::start(Time now) {
  in_.clear();
  out_.clear();
  frames_.clear();
  sent_ = 0;
  generation_ = 0;
  window_ = kFirstWindow;
  position_told_ = greeted_ = false;
  why_.reset();
  kill_at_.reset();
  try {
    process_ = std::make_unique<SandboxProcess>(sandbox_.kind, sandbox_.python);
  } catch (const Error& error) {
    return failed_once(now, error.message());
  }
  state_ = WorkerState::starting;
  asked_ = true;
  watch_ = {now, now + kFirstLook, nanoseconds{0}, sandbox_.start_limit, sandbox_.start_limit};
}

void PythonWorker::stop_process(std::string why) {
  process_->kill();
  why_ = std::move(why);
  if (state_ != WorkerState::failed) state_ = WorkerState::waiting;
  restart_at_ = kNever;
}

void PythonWorker::reap(Time now) {
  const auto how = process_->ended();
  if (!how) {
    if (kill_at_ && now >= *kill_at_) {
      why_ = "it closed its socket";
      process_->kill();
    }
    return;
  }
  process_.reset();
  std::string why = std::exchange(why_, std::nullopt).value();
  if (why.empty()) why = *how;
  if (state_ != WorkerState::failed) failed_once(now, std::move(why));
}

void PythonWorker::failed_once(Time now, std::string why) {
  failures_.push_back(now);
  while (now - failures_.front() > kFailuresWithin) failures_.pop_front();
  reason_ = std::move(why);
  if (failures_.size() >= kMostFailures) {
    state_ = WorkerState::failed;
    return;
  }
  state_ = WorkerState::waiting;
  restart_at_ = now + kFirstBackOff * (1 << (2 * (failures_.size() - 1)));
}

void PythonWorker::give_up(std::string why) {
  state_ = WorkerState::failed;
  reason_ = why;
  stop_process(std::move(why));
}

// What it says.

void PythonWorker::read_answers(std::vector<Evaluated>& out, Time now) {
  char bytes[64 * 1024];
  for (std::size_t all = 0; all < kMostAtOnce && !why_;) {
    const ssize_t got = recv(process_->socket(), bytes, sizeof bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) {
      why_ = "";
      kill_at_ = now + kFarewell;
      state_ = WorkerState::waiting;
      restart_at_ = kNever;
      return;
    }
    all += static_cast<std::size_t>(got);
    in_.append(bytes, static_cast<std::size_t>(got));
    while (!why_ && take_frame(out, now)) {
    }
  }
}

bool PythonWorker::take_frame(std::vector<Evaluated>& out, Time now) {
  const auto length = frame_length(in_);
  if (!length) return false;
  if (!asked_ || *length > kMostAnswer) {
    stop_process(asked_ ? "it sent an answer that is too long" : "it sent what it was not asked for");
    return false;
  }
  if (in_.size() < 4 + *length) return false;
  auto answer = parse_worker_answer(std::string_view(in_).substr(4, *length));
  in_.erase(0, 4 + *length);
  if (answer)
    take_answer(std::move(*answer), out, now);
  else
    stop_process("it sent " + answer.error().reason);
  return true;
}

void PythonWorker::take_answer(WorkerAnswer answer, std::vector<Evaluated>& out, Time now) {
  using What = WorkerAnswer::What;
  const bool starting = state_ == WorkerState::starting;
  if (starting && !greeted_ && answer.what == What::hello) {
    greeted_ = true;
    if (!process_->identify()) return stop_process("what it runs as can't be found out");
    out_ += load_frame(options_, snapshot_, started_);
  } else if (starting && greeted_ && answer.what == What::refused) {
    give_up(std::move(answer.error));
  } else if (starting && greeted_ && answer.what == What::ready) {
    state_ = WorkerState::live;
    watch_idle(now);
    warm_up_ = answer.warm_up;
    if (!started_) loading_output_ = std::move(answer.output);
  } else if (!frames_.empty() && answer.what == What::results) {
    take_results(answer, out, now);
  } else {
    stop_process("it sent what it was not asked for");
  }
}

void PythonWorker::take_results(WorkerAnswer& answer, std::vector<Evaluated>& out, Time now) {
  const Frame frame = frames_.front();
  if (answer.id != frame.id || answer.done > frame.count || (answer.done < frame.count && !answer.stopped))
    return stop_process("it answered something else than it was asked");
  const bool muted = events_.front().muted;
  for (const EventAnswer& each : answer.results)
    if (!muted && !each.intents.empty() && each.index + 1 != answer.done)
      return stop_process("it went on after a signal");
  auto result = answer.results.begin();
  for (std::size_t i = 0; i < answer.done; ++i) {
    const WorkerEvent& event = events_.front();
    Evaluated evaluated{event.kind, event.kind == EventKind::trade ? event.trade.at : event.bar.start,
                        event.muted};
    evaluated.output = std::exchange(loading_output_, {});
    if (result != answer.results.end() && result->index == i) {
      evaluated.intents = std::move(result->intents);
      evaluated.error = std::move(result->error);
      evaluated.output.insert(evaluated.output.end(), result->output.begin(), result->output.end());
      ++result;
    }
    if (i + 1 == answer.done && evaluated.error.empty()) evaluated.error = std::move(answer.state_problem);
    held_ = held_ || (!event.muted && !evaluated.intents.empty());
    started_ = started_ || event.kind == EventKind::start;
    out.push_back(std::move(evaluated));
    events_.pop_front();
  }
  if (answer.state) snapshot_ = std::move(*answer.state);
  frames_.pop_front();
  if (answer.stopped) {  // the frames behind it are not answered, but sent again
    frames_.clear();
    sent_ = 0;
    position_told_ = false;
    ++generation_;
    window_ = kFirstWindow;  // where signals are frequent, little is sent in vain
  } else {
    sent_ -= answer.done;
    window_ = std::min(2 * window_, static_cast<std::size_t>(options_.batch));
  }
  if (frames_.empty())
    watch_idle(now);
  else
    watch_from(now, frames_.front().count);
}

// How long it takes.

void PythonWorker::watch_from(Time now, std::size_t callbacks) {
  asked_ = true;
  const auto processor = sandbox_.cpu_limit * callbacks;
  watch_ = {now, now + processor, process_->processor_time().value_or(nanoseconds{0}), processor,
            std::max<nanoseconds>(sandbox_.wall_limit, 2 * processor)};
}

void PythonWorker::watch_idle(Time now) {
  asked_ = false;
  watch_ = {now, now + kIdleLook, process_->processor_time().value_or(nanoseconds{0}), sandbox_.cpu_limit};
}

std::optional<nanoseconds> PythonWorker::processor_time() const {
  return process_ ? process_->processor_time() : std::nullopt;
}

std::string PythonWorker::for_what() const {
  if (frames_.empty()) return "before it was ready";
  const std::size_t count = frames_.front().count;
  return count == 1 ? "in one callback" : "in " + std::to_string(count) + " callbacks";
}

/// Processor time counts, and time in which it could have run and did not want to; not the time in which others did.
void PythonWorker::watch(Time now) {
  if (now < watch_.look_at) return;
  const auto limit_text = [](nanoseconds limit) {
    return std::to_string(std::chrono::duration_cast<milliseconds>(limit).count()) + " ms";
  };
  const nanoseconds used = process_->processor_time().value_or(watch_.used_before) - watch_.used_before;
  if (!asked_)
    return used < watch_.processor ? watch_idle(now)
                                   : stop_process("it used a processor without being asked");
  if (used >= watch_.processor)
    return stop_process("it used more than " + limit_text(watch_.processor) + " of a processor " +
                        for_what());
  const auto scheduled = process_->scheduled();
  if (scheduled && !watch_.waited_before) watch_.waited_before = scheduled->waited;
  const nanoseconds elapsed = now - watch_.since;
  const nanoseconds waited = scheduled ? scheduled->waited - *watch_.waited_before : nanoseconds{0};
  if (elapsed - waited >= watch_.wall && !(scheduled && scheduled->runnable))
    return stop_process("it did not answer within " + limit_text(watch_.wall) + " " + for_what());
  const nanoseconds left =
      std::min(watch_.processor - used, std::max(watch_.wall - (elapsed - waited), nanoseconds{0}));
  watch_.look_at = now + std::max<nanoseconds>(left, milliseconds(5));
}

// What it is asked.

void PythonWorker::send_frames(Time now) {
  const std::size_t most = options_.batch > 1 ? kFramesUnderWay : 1;
  while (state_ == WorkerState::live && frames_.size() < most && next_frame(now)) {
  }
  if (!out_.empty()) write_out();
}

/// Events of one kind, as many as a frame takes.
bool PythonWorker::next_frame(Time now) {
  std::vector<const WorkerEvent*> taken;
  const std::size_t most = std::min(window_, static_cast<std::size_t>(options_.batch));
  for (std::size_t i = sent_; i < events_.size() && taken.size() < most; ++i) {
    const WorkerEvent& event = events_[i];
    if (!taken.empty() && (event.kind != taken.front()->kind || event.muted != taken.front()->muted)) break;
    taken.push_back(&event);
    if (event.kind == EventKind::start || event.kind == EventKind::stop) break;
  }
  if (taken.empty()) return false;
  out_ += events_frame(++last_id_, generation_, taken, position_told_ ? nullptr : &position_);
  position_told_ = true;
  frames_.push_back({last_id_, taken.size()});
  sent_ += taken.size();
  if (frames_.size() == 1) watch_from(now, taken.size());
  return true;
}

void PythonWorker::write_out() {
  while (!out_.empty()) {
    const ssize_t put = send(process_->socket(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return;  // full: later; gone: reading finds that out
    out_.erase(0, static_cast<std::size_t>(put));
  }
}

std::unique_ptr<PythonWorker> make_watched_worker(const WorkerOptions& options,
                                                  const SandboxOptions& sandbox) {
  const auto params = nlohmann::json::parse(options.params, nullptr, false);
  if (!params.is_object()) throw Error(ErrorKind::usage, "params of the strategy: no JSON object");
  if (!options.snapshot.empty() && !is_state(options.snapshot))
    throw Error(ErrorKind::data, "state of the strategy: no JSON object, or one that is too large");
  if (options.batch < 1) throw Error(ErrorKind::bug, "a batch of no bars");
  require_sandbox(sandbox);
  return std::make_unique<PythonWorker>(options, sandbox);
}

std::unique_ptr<Worker> make_python_worker(const WorkerOptions& options, const SandboxOptions& sandbox) {
  return make_watched_worker(options, sandbox);
}

}  // namespace am::strategy
