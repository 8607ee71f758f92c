#pragma once
// One connection to a broker, from its first byte to its end. Its thread runs Proton's container and alone touches
// Proton's objects; others add work to it and wait for what it says. Private.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <proton/connection.hpp>
#include <proton/container.hpp>
#include <proton/delivery.hpp>
#include <proton/messaging_handler.hpp>
#include <proton/receiver.hpp>
#include <proton/sender.hpp>
#include <proton/tracker.hpp>
#include <proton/work_queue.hpp>

#include "am/kernel/broker.hpp"

namespace am::amqp {

using kernel::BrokerDelivery;
using kernel::BrokerMessage;
using kernel::BrokerOptions;
using kernel::BrokerResult;

/// Threads: as said.
class Session final : public proton::messaging_handler {
 public:
  using Fault = BrokerResult::Fault;
  using Milliseconds = std::chrono::milliseconds;

  /// first_number: of its deliveries.
  Session(const BrokerOptions& options, std::uint64_t first_number);

  /// All that its thread does; returns when the connection is over, or stop() was called.
  void run() noexcept;

  // From the one that uses the broker:
  BrokerResult wait_until_open(Milliseconds longest);
  BrokerResult publish(std::span<const BrokerMessage> messages, Milliseconds longest);
  BrokerResult receive(std::size_t most, std::size_t enough, Milliseconds longest, Milliseconds gather,
                       std::vector<BrokerDelivery>& arrived);
  enum class Outcome { accepted, rejected };
  void settle(std::span<const std::uint64_t> numbers, Outcome outcome);
  /// What ended it; none: it lives.
  BrokerResult fault();
  /// Gives back what is unsettled and closes, as far as the broker goes along within that time.
  void close(Milliseconds longest);
  /// Ends run().
  void stop() noexcept;
  /// Whether run() has returned, within that time.
  bool has_ended(Milliseconds longest);
  std::uint64_t next_number();

 private:
  // On its thread:
  void on_container_start(proton::container& container) override;
  void on_connection_open(proton::connection& connection) override;
  void on_sender_open(proton::sender& sender) override;
  void on_receiver_open(proton::receiver& receiver) override;
  void on_sendable(proton::sender& sender) override;
  void on_message(proton::delivery& delivery, proton::message& message) override;
  void on_tracker_accept(proton::tracker& tracker) override;
  void on_tracker_reject(proton::tracker& tracker) override;
  void on_tracker_release(proton::tracker& tracker) override;
  void on_tracker_settle(proton::tracker& tracker) override;
  void on_transport_error(proton::transport& transport) override;
  void on_transport_close(proton::transport& transport) override;
  void on_connection_error(proton::connection& connection) override;
  void on_connection_close(proton::connection& connection) override;
  void on_session_error(proton::session& session) override;
  void on_sender_error(proton::sender& sender) override;
  void on_sender_close(proton::sender& sender) override;
  void on_receiver_error(proton::receiver& receiver) override;
  void on_receiver_close(proton::receiver& receiver) override;
  void on_error(const proton::error_condition& condition) override;

  void send_what_waits();
  void settled(proton::tracker& tracker, const char* problem);
  void link_opened();
  void failed(const proton::error_condition& condition);
  void fail(Fault fault, const std::string& problem);

  /// Runs it on the thread, which this outlives; under the lock. False: the connection is over.
  bool add(std::function<void()> work);
  /// Waits for it, or for a fault, or to be asked to end.
  template <class Ready>
  BrokerResult wait(std::unique_lock<std::mutex>& lock, Milliseconds longest, Ready ready);

  const BrokerOptions options_;
  proton::container container_;

  // The thread's own.
  proton::connection connection_;
  proton::sender sender_;
  proton::receiver receiver_;
  std::deque<BrokerMessage> to_send_;
  std::uint64_t last_tag_ = 0;
  std::set<std::string> sent_;  ///< tags of what has no outcome yet
  std::map<std::uint64_t, proton::delivery> held_;
  int open_links_ = 0;

  std::mutex mutex_;  ///< of what follows
  std::condition_variable changed_;
  proton::work_queue* work_ = nullptr;  ///< while the connection is open
  bool open_ = false;
  bool closing_ = false;
  bool closed_ = false;  ///< the connection
  bool ended_ = false;   ///< run()
  BrokerResult fault_;
  std::size_t unsettled_ = 0;
  std::string refusal_;  ///< of what was published
  std::size_t credit_ = 0;
  std::deque<BrokerDelivery> arrived_;
  std::uint64_t next_number_;
};

}  // namespace am::amqp
