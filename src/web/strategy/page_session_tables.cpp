#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/text.hpp"
#include "page_session.hpp"
#include "strategy_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

/// What the strategy said, at which bar, how sure it was.
std::string signal_why_html(const SignalLine& signal) {
  std::string out = signal.said.empty() ? "no reason given" : escape_html(signal.said);
  out +=
      "<small>signalled at " + amount_text(signal.price) + ", confidence " + amount_text(signal.confidence);
  if (signal.event_at) out += ", bar of " + time_html(*signal.event_at);
  return out + "</small>";
}

std::string trade_row(const TradeLine& trade) {
  const std::string why =
      trade.signal ? signal_why_html(*trade.signal)
                   : "ordered by a person" +
                         (trade.order_reason ? ": " + escape_html(*trade.order_reason) : std::string());
  const bool sold = trade.side == "SELL";
  const std::string fee = trade.fee.is_zero() ? "" : "<small>fee " + money_text(trade.fee) + "</small>";
  return "<tr>" + row_head(time_html(trade.booked_at)) + cell(escape_html(trade.side), "t") +
         cell(amount_text(trade.quantity)) + cell(amount_text(trade.price)) +
         cell(money_text(trade.value) + fee) + (sold ? earned_cell(trade.realised) : cell("")) +
         cell(why, "t because") + "</tr>\n";
}

std::string order_row(const OrderLine& order) {
  const std::string vendor = order.vendor_status.value_or("");
  const std::string reserved =
      order.reserved.is_zero() ? "" : "<small>" + money_text(order.reserved) + " reserved</small>";
  return "<tr>" + row_head(time_html(order.created_at)) + cell(escape_html(order.side), "t") +
         cell(escape_html(order.status) + "<small>" +
                  escape_html(vendor + (vendor.empty() ? "" : ", ") + order.broker) + "</small>",
              order.status == "unknown" ? "t down" : "t") +
         cell(amount_text(order.quantity) + "<small>" + amount_text(order.filled_quantity) +
              " filled</small>") +
         cell(amount_text(order.limit_price) + reserved) +
         cell(escape_html(order.reason.value_or("")) + "<small>" + escape_html(order.client_order_id) +
                  "</small>",
              "t because") +
         "</tr>\n";
}

}  // namespace

std::string trades_html(const std::vector<TradeLine>& trades) {
  if (trades.empty()) return {};
  std::string rows;
  for (const TradeLine& trade : trades) rows += trade_row(trade);
  return "<section><h2>Trades</h2>" +
         table_html("Booked, the newest first",
                    {"Booked", "<Side", "Quantity", "Price", "Value", "Realised", "<Why"}, rows) +
         "</section>\n";
}

std::string orders_html(const std::string& name, const std::string& caption,
                        const std::vector<OrderLine>& orders) {
  if (orders.empty()) return {};
  std::string rows;
  for (const OrderLine& order : orders) rows += order_row(order);
  return "<section><h2>" + escape_html(name) + "</h2>" +
         table_html(caption,
                    {"Made", "<Side", "<State", "Quantity", "Limit", "<Reason, and its name at the broker"},
                    rows) +
         "</section>\n";
}

std::string not_ordered_html(const std::vector<SignalLine>& signals, const std::vector<StatusCount>& counts) {
  if (signals.empty()) return {};
  std::string rows;
  for (const SignalLine& signal : signals) {
    rows += "<tr>" + row_head(time_html(signal.event_at.value_or(signal.generated_at))) +
            cell(escape_html(signal.side), "t") + cell(amount_text(signal.quantity)) +
            cell(amount_text(signal.price)) +
            cell(escape_html(signal.status + (signal.reason ? ": " + *signal.reason : "")),
                 signal.status == "refused" ? "t because down" : "t because") +
            cell(signal_why_html(signal), "t because") + "</tr>\n";
  }
  std::string all;
  for (const StatusCount& each : counts)
    all += (all.empty() ? "" : ", ") + std::to_string(each.count) + " " + each.status;
  return "<section><h2>Not ordered</h2>" +
         table_html("Signals that nothing was ordered for, the newest first",
                    {"Of", "<Side", "Quantity", "Price", "<What became of it", "<Why"}, rows) +
         "<p class=\"soft\">All signals: " + escape_html(all) + ".</p></section>\n";
}

}  // namespace am::web
