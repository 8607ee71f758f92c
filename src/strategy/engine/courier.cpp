#include "courier.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "am/base/error.hpp"
#include "am/kernel/retry.hpp"

namespace am::strategy {

namespace {

constexpr std::chrono::milliseconds kFirstWait{200};
constexpr std::chrono::milliseconds kMostWait{2000};
constexpr std::chrono::milliseconds kConnect{2000};
constexpr int kUntilTimeIsOver = 100'000;

std::chrono::milliseconds left(SteadyTime until) {
  return std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
}

}  // namespace

struct Courier::Hand {
  std::deque<Parcel> parcels;
  std::thread thread;
};

struct Courier::Shared {
  kernel::Transport& transport;
  kernel::Log& log;
  const kernel::Stop& stop;
  const Options options;
  const Delivered delivered;
  const std::function<void()> on_attempt;
  mutable std::mutex mutex{};
  std::condition_variable changed{};
  std::vector<Hand> hands{};
  std::size_t waiting = 0;
  bool ending = false;

  void serve(Hand& hand);
  Delivery deliver(const Parcel& parcel) const;
  ExecuteAnswer ask(const Parcel& parcel) const;
};

Courier::Courier(kernel::Transport& transport, kernel::Log& log, const kernel::Stop& stop,
                 const Options& options, Delivered delivered, std::function<void()> on_attempt)
    : shared_(new Shared{.transport = transport,
                         .log = log,
                         .stop = stop,
                         .options = options,
                         .delivered = std::move(delivered),
                         .on_attempt = std::move(on_attempt)}) {
  shared_->hands.resize(static_cast<std::size_t>(options.hands));
  for (Hand& hand : shared_->hands) hand.thread = std::thread([this, &hand] { shared_->serve(hand); });
}

Courier::~Courier() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->ending = true;
  }
  shared_->changed.notify_all();
  for (Hand& hand : shared_->hands) hand.thread.join();
}

void Courier::carry(Parcel parcel) {
  {
    const std::lock_guard lock(shared_->mutex);
    const std::size_t place = std::hash<std::string>{}(parcel.hold->token().id) % shared_->hands.size();
    shared_->hands[place].parcels.push_back(std::move(parcel));
    ++shared_->waiting;
  }
  shared_->changed.notify_all();
}

std::size_t Courier::waiting() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->waiting;
}

void Courier::Shared::serve(Hand& hand) {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return ending || !hand.parcels.empty(); });
    if (ending) return;
    const Parcel parcel = std::move(hand.parcels.front());
    hand.parcels.pop_front();
    lock.unlock();
    delivered(parcel, deliver(parcel));
    lock.lock();
    --waiting;
  }
}

/// One request. Errors: as Transport::send; interrupted, terminated.
ExecuteAnswer Courier::Shared::ask(const Parcel& parcel) const {
  if (on_attempt) on_attempt();
  const auto response = transport.send(
      {.method = "POST",
       .url = options.url + "/internal/execute",
       .headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + options.token}},
       .body = execute_body(parcel.signal),
       .connect_timeout = kConnect,
       .timeout = std::clamp(left(parcel.until), std::chrono::milliseconds(1), options.timeout)});
  return read_answer(response.status, response.body);
}

Delivery Courier::Shared::deliver(const Parcel& parcel) const {
  Delivery delivery;
  const auto attempt = [&](int n) -> kernel::Attempt {
    {
      const std::lock_guard lock(mutex);
      if (ending) return {};
    }
    if (!parcel.hold->held()) return {};
    ExecuteAnswer answer;
    try {
      answer = ask(parcel);
    } catch (const Error& error) {
      stop.check();
      answer.reason = error.message();  // it may have arrived: the id makes it one
    }
    delivery.status = answer.status;
    delivery.reason = answer.reason;
    if (answer.what == ExecuteAnswer::What::again) {
      if (n == 0)
        log.warn("the gateway has not taken a signal, it is sent again until it is too old",
                 {{"session_id", parcel.signal.session_id},
                  {"signal_id", parcel.signal.signal_id},
                  {"status", answer.status},
                  {"error", answer.reason}});
      delivery.what = Delivery::What::expired;
      return {.failed = Error(ErrorKind::unavailable, "the gateway has not taken it"), .again = true};
    }
    delivery.what =
        answer.what == ExecuteAnswer::What::taken ? Delivery::What::taken : Delivery::What::refused;
    return {};
  };
  if (left(parcel.until).count() <= 0)
    return {.what = Delivery::What::expired, .reason = "it was too old before it could be sent"};
  try {
    kernel::retry(
        {.attempts = kUntilTimeIsOver, .base = kFirstWait, .cap = kMostWait, .budget = left(parcel.until)},
        stop, attempt);
  } catch (const Error&) {  // its time is over, or this process is asked to end
    if (stop.requested()) delivery.what = Delivery::What::dropped;
  }
  if (delivery.what == Delivery::What::expired && !parcel.hold->held())
    delivery.what = Delivery::What::dropped;
  return delivery;
}

}  // namespace am::strategy
