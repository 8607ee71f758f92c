// The row logic of a queue over a broker. The order of things is what keeps a row from being forgotten: a row is written
// as sent after the broker has taken the message, a message is accepted after its row was taken and that is committed.
// A crash in between rings twice, which costs a look at the row.

#include "am/kernel/amqp_queue.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "am/base/text.hpp"
#include "am/kernel/ledger.hpp"
#include "amqp_delivery.hpp"
#include "queue_sql.hpp"

namespace am::kernel {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Rows that are locked while the broker is asked to take their messages, and how long that may last.
constexpr std::size_t kSentAtOnce = 200;
constexpr milliseconds kLongestPublish{5000};
/// For a message, before it is looked again for rows that have become ready meanwhile.
constexpr milliseconds kListen{250};
/// When no row is ready: what comes is stale, or not ours.
constexpr milliseconds kListenIdle{50};
constexpr milliseconds kShortestPause{100}, kLongestPause{1000};
constexpr std::size_t kBodyBytes = 1024;  ///< of a message that is not ours, for people

/// The condition of a claim; of these, those without a message under way. {lock}, or nothing.
constexpr std::string_view kToSend = R"(
SELECT i.id, i.key, i.epoch, i.payload FROM generate_series(0, 3) AS p, LATERAL (
  SELECT id, key, epoch, payload::text AS payload FROM {table}
  WHERE priority = p AND status IN ('queued', 'running') AND ready_at <= statement_timestamp()
    AND (sent_at IS NULL OR sent_at <= statement_timestamp() - $2::bigint * interval '2 milliseconds')
  ORDER BY ready_at, id LIMIT $1::bigint {lock}) i LIMIT $1::bigint)";

std::string to_send(std::string_view lock) {
  constexpr std::string_view kPlace = "{lock}";
  std::string text(kToSend);
  return text.replace(text.find(kPlace), kPlace.size(), lock);
}

constexpr std::string_view kSent =
    "UPDATE {table} SET sent_at = clock_timestamp() WHERE id = ANY($1::bigint[])";

constexpr std::string_view kReady = R"(
SELECT count(*) AS n FROM (SELECT FROM generate_series(0, 3) AS p, LATERAL (
  SELECT FROM {table} WHERE priority = p AND status IN ('queued', 'running') AND ready_at <= statement_timestamp()
  LIMIT $1::bigint) i LIMIT $1::bigint) c)";

/// Those that are named. A row that is locked is waited for: whoever is sending it has its message out
/// already, and this is it. In the order of ids, so that two of these never wait for each other.
constexpr std::string_view kNamed = R"(
  SELECT id, priority, ready_at FROM {table}
  WHERE id = ANY($1::bigint[]) AND status IN ('queued', 'running') AND ready_at <= statement_timestamp()
  ORDER BY id FOR UPDATE
)";

constexpr std::string_view kKnown =
    "SELECT id, key FROM {table} WHERE id = ANY($1::bigint[]) OR key = ANY($2::text[])";

constexpr std::string_view kTell = R"(
INSERT INTO ops.events (kind, data) VALUES ('message_rejected', jsonb_strip_nulls(jsonb_build_object('queue', $1::text,
  'message', nullif($2::text, ''), 'reason', $3::text, 'body', $4::text))))";

}  // namespace

AmqpQueue::AmqpQueue(Db& db, const QueueSpec& spec, AmqpOptions options)
    : Queue(db, spec),
      options_(std::move(options)),
      mask_({options_.target.password}),
      holder_(Holder::self().to_json()) {}

AmqpQueue::~AmqpQueue() {
  if (broker_ != nullptr) broker_->close();
}

std::string AmqpQueue::relay_sql() const { return over_table(to_send("FOR UPDATE SKIP LOCKED")); }

Broker& AmqpQueue::broker() {
  if (broker_ == nullptr) {
    const Stop* stop = options_.stop;
    broker_ = options_.make_broker({.target = options_.target,
                                    .connect_timeout = options_.connect_timeout,
                                    .is_ending = [stop] { return stop != nullptr && stop->requested(); }});
  }
  return *broker_;
}

std::size_t AmqpQueue::count_ready(std::size_t most) {
  return static_cast<std::size_t>(db().query(over_table(kReady), sql_values(most)).only().integer("n"));
}

AmqpQueue::Relayed AmqpQueue::relay_some() {
  Relayed relayed;
  const auto tx = db().begin();
  const Rows rows = tx->query(relay_sql(), sql_values(kSentAtOnce, spec().lease.count()));
  if (rows.empty()) return relayed;
  std::vector<BrokerMessage> messages;
  std::vector<SqlValue> ids;
  for (const Row row : rows) {
    messages.push_back({row.text("key") + "#" + row.text("epoch"), row.text("payload"),
                        std::string(spec().name), row.integer("id")});
    ids.push_back(row.at("id"));
  }
  relayed.result = broker().publish(messages, kLongestPublish);
  if (!relayed.result.ok()) return relayed;
  tx->query(over_table(kSent), sql_values(sql_array(ids)));
  tx->commit();
  relayed.sent = messages.size();
  return relayed;
}

std::size_t AmqpQueue::relay() {
  std::size_t sent = 0;
  const std::string anything = over_table(to_send(""));
  while (!db().query(anything, sql_values(1, spec().lease.count())).empty()) {
    BrokerResult result = broker().open();  // before rows are locked
    const Relayed relayed = result.ok() ? relay_some() : Relayed{std::move(result)};
    if (!relayed.result.ok()) throw error_of(relayed.result);
    sent += relayed.sent;
    if (relayed.sent < kSentAtOnce) break;
  }
  return sent;
}

std::vector<Item> AmqpQueue::claim(std::size_t most) {
  if (most == 0) return {};
  auto last_sign = steady_clock::now();
  milliseconds rest = kShortestPause;
  for (;;) {
    if (options_.stop != nullptr) options_.stop->check();
    const std::size_t ready = count_ready(most);
    BrokerResult result = broker().open();
    if (result.ok() && ready > 0) result = relay_some().result;
    std::vector<BrokerDelivery> deliveries;
    if (result.ok()) {
      result = broker().receive(most, std::max<std::size_t>(ready, 1), ready > 0 ? kListen : kListenIdle,
                                options_.gather, deliveries);
    }
    if (!deliveries.empty()) {
      std::vector<Item> items = take(deliveries);
      if (!items.empty()) return items;
      last_sign = steady_clock::now();
      continue;
    }
    using Fault = BrokerResult::Fault;
    if (result.fault == Fault::refused) throw error_of(result);
    if (result.fault == Fault::ending) continue;  // the check above throws
    if (ready == 0) return {};
    if (steady_clock::now() - last_sign >= options_.max_wait) give_up(result, ready);
    if (result.ok()) continue;
    pause(rest);
    rest = std::min(2 * rest, kLongestPause);
  }
}

std::vector<Item> AmqpQueue::take(const std::vector<BrokerDelivery>& deliveries) {
  try {
    std::vector<SqlValue> ids;
    std::vector<std::uint64_t> accepted, rejected;
    const std::vector<NamedRow> rows = named_rows(deliveries);
    for (std::size_t i = 0; i < deliveries.size(); ++i) {
      const NamedRow& row = rows[i];
      if (!row.foreign.empty()) {
        tell(deliveries[i], row.foreign);
        rejected.push_back(deliveries[i].number);
        continue;
      }
      accepted.push_back(deliveries[i].number);
      ids.push_back(sql_value(row.id));
    }
    std::vector<Item> items;
    if (!ids.empty()) {
      const Rows taken = db().query(over_table(taking(kNamed)),
                                    sql_values(sql_array(ids), holder_, spec().lease.count(), spec().name));
      items = taken_of(taken).items;
    }
    broker().accept(accepted);
    broker().reject(rejected);
    return items;
  } catch (...) {  // what was delivered is brought again
    broker().close();
    throw;
  }
}

std::vector<NamedRow> AmqpQueue::named_rows(const std::vector<BrokerDelivery>& deliveries) {
  std::vector<NamedRow> named;
  std::vector<SqlValue> ids, keys;
  for (const BrokerDelivery& delivery : deliveries) {
    const NamedRow& row = named.emplace_back(named_row(spec(), delivery));
    if (row.id > 0) ids.push_back(sql_value(row.id));
    if (!row.key.empty()) keys.push_back(sql_value(row.key));
  }
  if (ids.empty() && keys.empty()) return named;
  const Rows known = db().query(over_table(kKnown), sql_values(sql_array(ids), sql_array(keys)));
  for (NamedRow& row : named) {
    if (!row.foreign.empty()) continue;
    const auto found = std::ranges::find_if(known.begin(), known.end(), [&](const Row& each) {
      return row.id > 0 ? each.integer("id") == row.id : each.text("key") == row.key;
    });
    if (found != known.end()) {
      row.id = (*found).integer("id");
    } else {
      row.foreign = "there is no item " + (row.id > 0 ? std::to_string(row.id) : shown(row.key));
    }
  }
  return named;
}

void AmqpQueue::tell(const BrokerDelivery& delivery, std::string_view reason) {
  db().query(over_table(kTell), sql_values(spec().name, recordable(delivery.id, kBodyBytes), reason,
                                           recordable(delivery.body, kBodyBytes)));
}

void AmqpQueue::pause(milliseconds time) {
  if (options_.stop != nullptr) return options_.stop->sleep(time);
  std::this_thread::sleep_for(time);
}

Error AmqpQueue::error_of(const BrokerResult& result) const {
  const std::string text = "queue " + std::string(spec().name) + ", broker " + options_.target.where() + ": ";
  if (result.fault == BrokerResult::Fault::refused)
    return {ErrorKind::denied, text + "the login was refused: " + mask_(result.problem),
            "check AZURE_SERVICE_BUS_CONNECTION_STRING: its user or key, and what that one may do"};
  return {ErrorKind::unavailable, text + mask_(result.problem),
          "is it running, and does it have the queue? what is ready stays so in the database"};
}

void AmqpQueue::give_up(const BrokerResult& result, std::size_t ready) {
  if (!result.ok()) throw error_of(result);
  throw error_of({BrokerResult::Fault::silent, "no message came within " + seconds_text(options_.max_wait) +
                                                   " though " + std::to_string(ready) +
                                                   " or more items are ready"});
}

}  // namespace am::kernel
