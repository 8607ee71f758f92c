#include "session.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <proton/connection_options.hpp>
#include <proton/error_condition.hpp>
#include <proton/message.hpp>
#include <proton/receiver_options.hpp>
#include <proton/sasl.hpp>
#include <proton/sender_options.hpp>
#include <proton/session.hpp>
#include <proton/source_options.hpp>
#include <proton/ssl.hpp>
#include <proton/target_options.hpp>
#include <proton/transport.hpp>

#include "message.hpp"

namespace am::amqp {

namespace {

using std::chrono::steady_clock;

/// A peer that says nothing for so long is gone; both sides send empty frames in between.
constexpr unsigned kIdleMs = 10'000;
/// How soon a wait sees that the process is asked to end.
constexpr std::chrono::milliseconds kTick{50};

/// RabbitMQ has a scheme of addresses, and keeps a queue over its restart only when both ends ask for that.
bool is_rabbitmq(const proton::connection& connection) {
  for (const auto& [name, value] : connection.properties())
    if (name == proton::symbol("product")) return proton::to_string(value) == "RabbitMQ";
  return false;
}

std::string url_of(const kernel::BrokerTarget& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  return std::string(target.tls ? "amqps" : "amqp") + "://" +
         (is_v6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

}  // namespace

Session::Session(const BrokerOptions& options, std::uint64_t first_number)
    : options_(options), container_(*this), next_number_(first_number) {}

void Session::run() noexcept {
  try {
    container_.run();
  } catch (const std::exception& error) {
    fail(Fault::away, error.what());
  } catch (...) {
    fail(Fault::away, "the connection broke off");
  }
  const std::lock_guard lock(mutex_);
  work_ = nullptr;
  closed_ = ended_ = true;
  changed_.notify_all();
}

void Session::on_container_start(proton::container& container) {
  const kernel::BrokerTarget& target = options_.target;
  proton::connection_options options;
  options.idle_timeout(proton::duration(kIdleMs)).sasl_enabled(true).sasl_allow_insecure_mechs(true);
  if (target.user.empty()) {
    options.sasl_allowed_mechs("ANONYMOUS");
  } else {
    options.sasl_allowed_mechs("PLAIN").user(target.user).password(target.password);
  }
  if (target.tls)
    options.ssl_client_options(proton::ssl_client_options());  // the system's authorities; the name, too
  container.connect(url_of(target), options);
}

void Session::on_connection_open(proton::connection& connection) {
  connection_ = connection;
  proton::source_options source;
  proton::target_options goal;
  std::string address = options_.target.queue;
  if (is_rabbitmq(connection)) {
    address = "/queue/" + address;
    source.durability_mode(proton::source::CONFIGURATION);
    goal.durability_mode(proton::target::CONFIGURATION);
  }
  // Neither a window of credit nor an outcome of its own accord.
  sender_ = connection.open_sender(address, proton::sender_options().target(goal.address(address)));
  receiver_ = connection.open_receiver(
      address,
      proton::receiver_options().auto_accept(false).credit_window(0).source(source.address(address)));
  const std::lock_guard lock(mutex_);
  work_ = &connection.work_queue();
}

void Session::on_sender_open(proton::sender& /*sender*/) { link_opened(); }

void Session::on_receiver_open(proton::receiver& /*receiver*/) { link_opened(); }

void Session::link_opened() {
  if (++open_links_ < 2) return;
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Session::on_sendable(proton::sender& /*sender*/) { send_what_waits(); }

void Session::send_what_waits() {
  while (!to_send_.empty() && sender_.active() && sender_.credit() > 0) {
    std::string tag = std::to_string(++last_tag_);
    sender_.send(to_proton(to_send_.front()), proton::binary(tag));
    sent_.insert(std::move(tag));
    to_send_.pop_front();
  }
}

void Session::on_message(proton::delivery& delivery, proton::message& message) {
  BrokerDelivery arrival = from_proton(message);
  const std::lock_guard lock(mutex_);
  arrival.number = next_number_++;
  held_.emplace(arrival.number, delivery);
  arrived_.push_back(std::move(arrival));
  if (credit_ > 0) --credit_;
  changed_.notify_all();
}

void Session::on_tracker_accept(proton::tracker& tracker) { settled(tracker, nullptr); }

void Session::on_tracker_reject(proton::tracker& tracker) { settled(tracker, "a message was rejected"); }

void Session::on_tracker_release(proton::tracker& tracker) {
  settled(tracker, "a message was not taken: is its queue gone?");
}

/// After each of the above; alone, it says nothing of what became of the message.
void Session::on_tracker_settle(proton::tracker& tracker) {
  settled(tracker, "a message was settled without an outcome");
}

void Session::settled(proton::tracker& tracker, const char* problem) {
  const proton::binary tag = tracker.tag();
  if (sent_.erase(std::string(tag.begin(), tag.end())) == 0) return;
  const std::lock_guard lock(mutex_);
  --unsettled_;
  if (problem != nullptr && refusal_.empty()) refusal_ = problem;
  changed_.notify_all();
}

void Session::on_transport_error(proton::transport& transport) { failed(transport.error()); }
void Session::on_connection_error(proton::connection& connection) { failed(connection.error()); }
void Session::on_session_error(proton::session& session) { failed(session.error()); }
void Session::on_sender_error(proton::sender& sender) { failed(sender.error()); }
void Session::on_receiver_error(proton::receiver& receiver) { failed(receiver.error()); }
void Session::on_error(const proton::error_condition& condition) { failed(condition); }

// After an error these come, too; what was said first counts.
void Session::on_connection_close(proton::connection& /*connection*/) {
  fail(Fault::away, "it closed the connection");
}
void Session::on_sender_close(proton::sender& /*sender*/) { fail(Fault::away, "it closed the queue to us"); }
void Session::on_receiver_close(proton::receiver& /*receiver*/) {
  fail(Fault::away, "it closed the queue to us");
}
void Session::on_transport_close(proton::transport& /*transport*/) {
  fail(Fault::away, "the connection was lost");
  container_.stop();
  const std::lock_guard lock(mutex_);
  work_ = nullptr;
  closed_ = true;
  changed_.notify_all();
}

void Session::failed(const proton::error_condition& condition) {
  const bool is_login = condition.name() == "amqp:unauthorized-access";
  fail(is_login ? Fault::refused : Fault::away,
       condition.description().empty() ? condition.name() : condition.description());
}

void Session::fail(Fault fault, const std::string& problem) {
  const std::lock_guard lock(mutex_);
  if (!closing_ && fault_.ok()) fault_ = {fault, problem};
  changed_.notify_all();
}

bool Session::add(std::function<void()> work) { return work_ != nullptr && work_->add(std::move(work)); }

template <class Ready>
BrokerResult Session::wait(std::unique_lock<std::mutex>& lock, Milliseconds longest, Ready ready) {
  const auto end = steady_clock::now() + longest;
  for (;;) {
    if (ready()) return {};
    if (!fault_.ok()) return fault_;
    if (options_.is_ending && options_.is_ending()) return {Fault::ending, "asked to end"};
    const auto now = steady_clock::now();
    if (now >= end) return {Fault::silent, "no answer within " + std::to_string(longest.count()) + " ms"};
    changed_.wait_until(lock, std::min(end, now + kTick));
  }
}

BrokerResult Session::wait_until_open(Milliseconds longest) {
  std::unique_lock lock(mutex_);
  return wait(lock, longest, [this] { return open_ && fault_.ok(); });
}

BrokerResult Session::publish(std::span<const BrokerMessage> messages, Milliseconds longest) {
  std::unique_lock lock(mutex_);
  unsettled_ += messages.size();
  refusal_.clear();
  const auto work = [this, all = std::vector(messages.begin(), messages.end())] {
    to_send_.insert(to_send_.end(), all.begin(), all.end());
    send_what_waits();
  };
  if (!add(work)) return fault_.ok() ? BrokerResult{Fault::away, "the connection was lost"} : fault_;
  BrokerResult result = wait(lock, longest, [this] { return unsettled_ == 0; });
  if (result.ok() && !refusal_.empty()) result = {Fault::away, refusal_};
  return result;
}

BrokerResult Session::receive(std::size_t most, std::size_t enough, Milliseconds longest, Milliseconds gather,
                              std::vector<BrokerDelivery>& arrived) {
  std::unique_lock lock(mutex_);
  if (const std::size_t known = arrived_.size() + credit_; known < most) {
    const std::size_t more = most - known;
    const auto work = [this, more] {
      if (receiver_.active()) receiver_.add_credit(static_cast<std::uint32_t>(more));
    };
    if (add(work)) credit_ += more;
  }
  const auto begun = steady_clock::now();
  BrokerResult result = wait(lock, longest, [this] { return !arrived_.empty(); });
  if (result.ok() && arrived_.size() < enough) {
    const auto left = longest - std::chrono::duration_cast<Milliseconds>(steady_clock::now() - begun);
    result = wait(lock, std::min(gather, left), [&] { return arrived_.size() >= enough; });
  }
  if (result.fault == Fault::silent) result = {};  // nothing, or no more, came: that is an answer
  if (!result.ok()) return result;
  while (!arrived_.empty() && most-- > 0) {
    arrived.push_back(std::move(arrived_.front()));
    arrived_.pop_front();
  }
  return result;
}

void Session::settle(std::span<const std::uint64_t> numbers, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  add([this, all = std::vector(numbers.begin(), numbers.end()), outcome] {
    for (const std::uint64_t number : all) {
      const auto held = held_.find(number);
      if (held == held_.end()) continue;
      if (outcome == Outcome::accepted) {
        held->second.accept();
      } else {
        held->second.reject();
      }
      held_.erase(held);
    }
  });
}

BrokerResult Session::fault() {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void Session::close(Milliseconds longest) {
  std::unique_lock lock(mutex_);
  closing_ = true;
  const bool added = add([this] {
    for (auto& [number, delivery] : held_) delivery.release();
    held_.clear();
    connection_.close();
  });
  if (added) changed_.wait_for(lock, longest, [this] { return closed_; });
}

void Session::stop() noexcept {
  try {
    container_.stop();
  } catch (const std::exception&) {  // it has no thread any more
  }
}

bool Session::has_ended(Milliseconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [this] { return ended_; });
}

std::uint64_t Session::next_number() {
  const std::lock_guard lock(mutex_);
  return next_number_;
}

}  // namespace am::amqp
