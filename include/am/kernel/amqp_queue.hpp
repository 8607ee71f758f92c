#pragma once
// A queue over a broker of messages: the broker rings, the row decides. A message says which row is ready, and a worker
// takes the row as any other would, commits, and accepts the message: the broker holds nothing while it works. So what
// the broker loses, brings twice or brings too late does no harm: a row that nobody took is ready again when its lease
// ends, and is sent again.
//
// Over PostgreSQL alone: PgQueue (queue.hpp). Workers of both kinds may drain the same rows.
//
// Errors:  those of Queue, and unavailable: the broker is away or silent for max_wait while items are ready; denied: it
//          refused the login; config: its library is not installed. None holds the password.
// Threads: as Queue; the broker has a thread of its own, from the first call that needs it on.
// Design:  docs/architecture.md, "Queues".

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "am/kernel/broker.hpp"
#include "am/kernel/queue.hpp"
#include "am/kernel/secret_mask.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

struct NamedRow;

struct AmqpOptions {
  BrokerTarget target;
  std::chrono::milliseconds max_wait{90000};  ///< for a broker, while items are ready
  /// How long a claim of several waits for more of them once it has one.
  std::chrono::milliseconds gather{100};
  std::chrono::milliseconds connect_timeout{5000};
  const Stop* stop = nullptr;  ///< ends waiting
  std::function<std::unique_ptr<Broker>(const BrokerOptions&)> make_broker = load_broker;
};

class AmqpQueue final : public Queue {
 public:
  AmqpQueue(Db& db, const QueueSpec& spec, AmqpOptions options);
  ~AmqpQueue() override;

  /// Sends what is to be sent, then takes what messages name. Empty: nothing came, and no item is ready.
  std::vector<Item> claim(std::size_t most) override;
  /// Sends a message for each item that is ready and has none under way: never sent, or so long ago (two leases) that the
  /// message must be lost. In the tick, for items that nobody enqueued just now. How many. Doesn't ask the broker when
  /// there is none.
  std::size_t relay();

  /// What finds the rows that messages are sent for, for EXPLAIN: most, lease in ms.
  std::string relay_sql() const;

 private:
  struct Relayed {
    BrokerResult result;
    std::size_t sent = 0;
  };
  Broker& broker();
  std::size_t count_ready(std::size_t most);
  Relayed relay_some();
  /// Takes the rows that they name and that are ready; accepts them, or rejects what is not ours.
  std::vector<Item> take(const std::vector<BrokerDelivery>& deliveries);
  std::vector<NamedRow> named_rows(const std::vector<BrokerDelivery>& deliveries);
  void tell(const BrokerDelivery& delivery, std::string_view reason);
  void pause(std::chrono::milliseconds time);
  [[noreturn]] void give_up(const BrokerResult& result, std::size_t ready);
  Error error_of(const BrokerResult& result) const;

  AmqpOptions options_;
  SecretMask mask_;
  std::string holder_;
  std::unique_ptr<Broker> broker_;
};

}  // namespace am::kernel
