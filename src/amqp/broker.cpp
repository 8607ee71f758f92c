// The broker over Proton, and what the library shows of itself: nothing else of it is visible.

#include <new>
#include <thread>
#include <utility>

#include "session.hpp"

namespace am::amqp {

namespace {

using std::chrono::milliseconds;

/// For a broker that goes along; the second, when the process is asked to end.
constexpr milliseconds kClosing{1000}, kClosingSoon{300};
/// For the thread to see that it is over: only looking up a name takes longer.
constexpr milliseconds kEnding{2000};

class ProtonBroker final : public kernel::Broker {
 public:
  explicit ProtonBroker(const BrokerOptions& options) : options_(options) {}
  ~ProtonBroker() override { close(); }
  ProtonBroker(const ProtonBroker&) = delete;
  ProtonBroker& operator=(const ProtonBroker&) = delete;

  BrokerResult open() override {
    return guarded([&] {
      if (session_ != nullptr && !session_->fault().ok()) drop();
      if (session_ != nullptr) return BrokerResult{};
      session_ = std::make_shared<Session>(options_, next_number_);
      thread_ = std::thread([session = session_] { session->run(); });
      return kept(session_->wait_until_open(options_.connect_timeout));
    });
  }

  BrokerResult publish(std::span<const BrokerMessage> messages, milliseconds longest) override {
    return guarded([&] {
      const BrokerResult opened = open();
      return opened.ok() ? kept(session_->publish(messages, longest)) : opened;
    });
  }

  BrokerResult receive(std::size_t most, std::size_t enough, milliseconds longest, milliseconds gather,
                       std::vector<BrokerDelivery>& arrived) override {
    return guarded([&] {
      const BrokerResult opened = open();
      return opened.ok() ? kept(session_->receive(most, enough, longest, gather, arrived)) : opened;
    });
  }

  void accept(std::span<const std::uint64_t> numbers) override {
    settle(numbers, Session::Outcome::accepted);
  }
  void reject(std::span<const std::uint64_t> numbers) override {
    settle(numbers, Session::Outcome::rejected);
  }

  void close() override {
    if (session_ == nullptr) return;
    try {
      session_->close(options_.is_ending && options_.is_ending() ? kClosingSoon : kClosing);
    } catch (const std::exception&) {  // then the broker sees the connection break off
    }
    drop();
  }

 private:
  template <class Call>
  BrokerResult guarded(Call call) {
    try {
      return call();
    } catch (const std::exception& error) {  // no thread, no memory
      drop();
      return {BrokerResult::Fault::away, error.what()};
    }
  }

  /// A connection on which something went wrong is not used again.
  BrokerResult kept(BrokerResult result) {
    if (!result.ok()) drop();
    return result;
  }

  void settle(std::span<const std::uint64_t> numbers, Session::Outcome outcome) {
    if (session_ == nullptr || numbers.empty()) return;
    try {
      session_->settle(numbers, outcome);
    } catch (const std::exception&) {  // they come again
    }
  }

  void drop() {
    if (session_ == nullptr) return;
    session_->stop();
    if (thread_.joinable()) {
      if (session_->has_ended(kEnding)) {
        thread_.join();
      } else {
        thread_.detach();  // it owns the session, and nothing of it is heard any more
      }
    }
    next_number_ = session_->next_number();
    session_.reset();
  }

  const BrokerOptions options_;
  std::shared_ptr<Session> session_;
  std::thread thread_;
  std::uint64_t next_number_ = 1;
};

}  // namespace

}  // namespace am::amqp

extern "C" {
[[gnu::visibility("default")]] const char* am_amqp_version();
[[gnu::visibility("default")]] am::kernel::Broker* am_amqp_broker(const am::kernel::BrokerOptions& options);

const char* am_amqp_version() { return AM_VERSION; }

am::kernel::Broker* am_amqp_broker(const am::kernel::BrokerOptions& options) {
  try {
    return new am::amqp::ProtonBroker(options);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
}
