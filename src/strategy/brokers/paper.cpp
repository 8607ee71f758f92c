#include <mutex>
#include <utility>
#include <vector>

#include "am/base/text.hpp"
#include "am/strategy/brokers.hpp"

namespace am::strategy {

using kernel::sql_values;

namespace {

constexpr std::string_view kPaperColumns = "client_order_id, quantity::text, price::text, fee::text";
constexpr std::size_t kMostReason = 300;

BrokerOrder paper_order(const kernel::Row& row) {
  const std::string& id = row.text("client_order_id");
  return {.client_order_id = id,
          .broker_order_id = "paper:" + id,
          .status = "filled",
          .open = false,
          .filled_quantity = row.decimal("quantity"),
          .average_price = row.decimal("price"),
          .fee = row.decimal("fee")};
}

class PaperBroker final : public Broker {
 public:
  PaperBroker(const PaperOptions& options, kernel::DbOptions db)
      : options_(options), db_options_(std::move(db)) {}

  std::string_view name() const override { return "paper"; }
  bool is_live() const override { return false; }

  Placed place(const OrderRequest& order) override;
  std::optional<BrokerOrder> find(const std::string& client_order_id) override {
    const kernel::Rows rows =
        ask("SELECT " + std::string(kPaperColumns) + " FROM trading.paper_orders WHERE client_order_id = $1",
            sql_values(client_order_id));
    return rows.empty() ? std::nullopt : std::optional(paper_order(rows[0]));
  }
  void cancel(const BrokerOrder& /*order*/) override {}  // filled before anybody could
  std::vector<BrokerOrder> orders_since(Instant since) override;
  std::map<std::string, Decimal> positions() override;
  BrokerAccount account() override {
    return {.active = true, .status = "PAPER", .buying_power = Decimal::of("999999999999.99")};
  }
  AssetRules rules(const std::string& /*symbol*/, AssetType /*asset*/) override {
    return {
        .tradable = true, .fractionable = true, .min_quantity = {}, .quantity_step = {}, .price_step = {}};
  }
  std::vector<PostedFee> posted_fees(Date /*since*/) override { return {}; }

 private:
  kernel::Rows ask(const std::string& sql, const kernel::SqlValues& values = {});
  std::unique_ptr<kernel::Db> take();

  const PaperOptions options_;
  const kernel::DbOptions db_options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<kernel::Db>> idle_;
};

std::unique_ptr<kernel::Db> PaperBroker::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<kernel::Db> db = std::move(idle_.back());
      idle_.pop_back();
      return db;
    }
  }
  return kernel::open_db(db_options_);
}

/// One after which an error was thrown is not used again.
kernel::Rows PaperBroker::ask(const std::string& sql, const kernel::SqlValues& values) {
  std::unique_ptr<kernel::Db> db = take();
  kernel::Rows rows = db->query(sql, values);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(db));
  return rows;
}

Placed PaperBroker::place(const OrderRequest& order) {
  const PaperFill fill = paper_fill(order, options_);
  if (!order.quantity.is_positive() || !fill.price.is_positive())
    return {.what = Placed::What::refused, .reason = "invalid: quantity and price have to be above zero"};
  try {
    kernel::Rows rows = ask(
        "INSERT INTO trading.paper_orders (client_order_id, symbol, side, quantity, price, fee, placed_at) VALUES ($1, $2, $3, "
        "$4::numeric, $5::numeric, $6::numeric, clock_timestamp()) ON CONFLICT (client_order_id) DO NOTHING RETURNING " +
            std::string(kPaperColumns),
        sql_values(order.client_order_id, order.symbol, name_of(order.side), order.quantity, fill.price,
                   fill.fee));
    const std::optional<BrokerOrder> taken =
        rows.empty() ? find(order.client_order_id) : std::optional(paper_order(rows[0]));
    return {.what = Placed::What::accepted, .order = taken};
  } catch (const Error& error) {
    return {.what = Placed::What::unknown, .reason = one_line(error.message(), kMostReason)};
  }
}

std::vector<BrokerOrder> PaperBroker::orders_since(Instant since) {
  const kernel::Rows rows = ask("SELECT " + std::string(kPaperColumns) +
                                    " FROM trading.paper_orders WHERE placed_at >= $1::timestamptz ORDER BY "
                                    "placed_at, client_order_id",
                                sql_values(since));
  std::vector<BrokerOrder> orders;
  for (const kernel::Row row : rows) orders.push_back(paper_order(row));
  return orders;
}

std::map<std::string, Decimal> PaperBroker::positions() {
  const kernel::Rows rows = ask(
      "SELECT symbol, sum(CASE side WHEN 'BUY' THEN quantity ELSE -quantity END)::text AS held FROM trading.paper_orders "
      "GROUP BY symbol HAVING sum(CASE side WHEN 'BUY' THEN quantity ELSE -quantity END) <> 0");
  std::map<std::string, Decimal> held;
  for (const kernel::Row row : rows) held.emplace(row.text("symbol"), row.decimal("held"));
  return held;
}

}  // namespace

PaperFill paper_fill(const OrderRequest& order, const PaperOptions& options) {
  static const Decimal kWhole = 10000;
  const bool buys = order.side == Side::buy;
  const Decimal part = (buys ? kWhole + options.slippage_bps : kWhole - options.slippage_bps) / kWhole;
  Decimal price = (order.signal_price * part).rounded(9);
  if (buys ? price > order.limit_price : price < order.limit_price) price = order.limit_price;
  return {.price = price, .fee = (price * order.quantity * options.fee_bps / kWhole).rounded(2)};
}

std::unique_ptr<Broker> make_paper_broker(const PaperOptions& options, const kernel::DbOptions& db) {
  return std::make_unique<PaperBroker>(options, db);
}

}  // namespace am::strategy
