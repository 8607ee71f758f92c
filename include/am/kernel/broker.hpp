#pragma once
// A message broker, as plain values: it takes messages and brings them, and knows no rows (amqp_queue.hpp does). The one
// that there is, src/amqp, is a library of its own that is loaded when it is asked for, so that no other command pays for
// it; what crosses its border is only what is declared here, and no exception does.
//
// Design: docs/architecture.md, "Queues".

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace am::kernel {

/// Longer bodies are not ours.
inline constexpr std::size_t kMostMessageBytes = 64 * 1024;

/// Which broker and queue, and as whom.
struct BrokerTarget {
  std::string host{};
  int port = 0;
  bool tls = true;
  std::string user{};      ///< empty: without a login
  std::string password{};  ///< a secret: shown nowhere
  std::string queue{};

  /// "broker.example:5671, queue work-items": for messages; no secret.
  std::string where() const;
};

/// From a connection string of Service Bus ("Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…",
/// UseDevelopmentEmulator=true: without TLS), or amqp(s)://user:password@host:port/queue.
/// Errors:  config, for what is neither, or lacks a part; the text itself is never repeated.
BrokerTarget parse_broker_target(std::string_view connection);

struct BrokerMessage {
  std::string id{};
  std::string body{};   ///< JSON
  std::string queue{};  ///< of ours, in the property am-queue; empty: without properties, as others send
  long long item = 0;   ///< the row, in the property am-item
};

struct BrokerDelivery {
  std::uint64_t number = 0;  ///< for accept and reject
  std::string id{};          ///< as text; may be empty
  std::string body{};        ///< its first kMostMessageBytes + 1 bytes
  std::optional<std::string> queue{};
  std::optional<long long> item{};
};

/// How a call went.
struct [[nodiscard]] BrokerResult {
  enum class Fault {
    none,
    away,     ///< it can't be reached, ended the connection, or refused a message
    silent,   ///< no answer in time
    refused,  ///< the login
    ending,   ///< this process was asked to end
  };
  Fault fault = Fault::none;
  std::string problem{};  ///< in the broker's or the system's words

  bool ok() const { return fault == Fault::none; }
};

/// One connection at a time, made when it is needed. After a fault the next call makes another one; what was delivered over
/// the old one is brought again, and its numbers mean nothing any more.
/// Threads: used from one.
class Broker {
 public:
  virtual ~Broker() = default;

  /// Connects, unless it is connected.
  virtual BrokerResult open() = 0;
  /// Until the broker has taken all of them. After a fault some may have been taken.
  virtual BrokerResult publish(std::span<const BrokerMessage> messages,
                               std::chrono::milliseconds longest) = 0;
  /// Asks for as many as make `most` with what is here or asked for already. Waits until `enough` are here; once one is,
  /// no longer than `gather`; no longer than `longest` in all. Adds at most `most` to `arrived`. Those that come later are
  /// kept for the next call.
  virtual BrokerResult receive(std::size_t most, std::size_t enough, std::chrono::milliseconds longest,
                               std::chrono::milliseconds gather, std::vector<BrokerDelivery>& arrived) = 0;
  /// Doesn't wait. Numbers of an earlier connection are passed over.
  virtual void accept(std::span<const std::uint64_t> numbers) = 0;
  virtual void reject(std::span<const std::uint64_t> numbers) = 0;
  /// Gives back what came and was neither accepted nor rejected. A moment at most.
  virtual void close() = 0;
};

struct BrokerOptions {
  BrokerTarget target;
  std::chrono::milliseconds connect_timeout{5000};
  std::function<bool()> is_ending{};  ///< looked at while it waits; may be empty
};

/// Errors:  config: the library is not installed, or is another version's.
std::unique_ptr<Broker> load_broker(const BrokerOptions& options);

/// What the library offers: its version ("0.1.0"), which has to be the program's, and the broker.
extern "C" {
using AmqpVersion = const char*();
using AmqpBroker = Broker*(const BrokerOptions&);
}

}  // namespace am::kernel
