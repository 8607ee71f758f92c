#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/strategy/trace.hpp"
#include "cli/table.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kSaysBytes = 160;

struct TraceOptions {
  std::string order;
};

void trace_flags(Flags& f, TraceOptions& o) {
  f.word("ORDER", o.order, "id of an order or a signal, or the order's id at the broker");
}

std::string moment(const std::optional<Instant>& at) { return at ? format_rfc3339(*at) : ""; }
Json moment_json(const std::optional<Instant>& at) { return at ? Json(format_rfc3339(*at)) : Json(); }
Json text_json(const std::string& text) { return text.empty() ? Json() : Json(text); }
Instant instant(strategy::Micros at) { return Instant{std::chrono::microseconds(at)}; }

Json json_of(const strategy::TraceSignal& signal) {
  Json checks = Json::array();
  for (const strategy::TraceCheck& each : signal.checks)
    checks.push_back({{"check", each.check}, {"ok", each.ok}, {"says", each.says}});
  return {{"id", signal.id},
          {"side", signal.side},
          {"price", signal.price},
          {"qty", signal.quantity},
          {"confidence", signal.confidence},
          {"metadata", Json::parse(signal.metadata, nullptr, false)},
          {"event_at", moment_json(signal.event_at)},
          {"generated_at", format_rfc3339(signal.generated_at)},
          {"arrived_at", format_rfc3339(signal.created_at)},
          {"status", signal.status},
          {"reason", text_json(signal.reason)},
          {"checks", std::move(checks)},
          {"answer_status", signal.answer_status ? Json(*signal.answer_status) : Json()},
          {"answer", signal.answer.empty() ? Json() : Json::parse(signal.answer, nullptr, false)}};
}

Json json_of(const strategy::TraceOrder& order) {
  return {{"id", order.id},
          {"client_order_id", order.client_order_id},
          {"broker", order.broker},
          {"broker_order_id", text_json(order.broker_order_id)},
          {"side", order.side},
          {"qty", order.quantity},
          {"signal_price", order.signal_price},
          {"limit_price", order.limit_price},
          {"status", order.status},
          {"vendor_status", text_json(order.vendor_status)},
          {"reason", text_json(order.reason)},
          {"filled_qty", order.filled_quantity},
          {"filled_value", order.filled_value},
          {"fee", order.fee},
          {"fee_qty", order.fee_quantity},
          {"reserved", order.reserved},
          {"created_at", format_rfc3339(order.created_at)},
          {"placed_at", moment_json(order.placed_at)},
          {"cancel_asked_at", moment_json(order.cancel_asked_at)},
          {"closed_at", moment_json(order.closed_at)}};
}

Json json_of(const strategy::Trace& trace) {
  Json trades = Json::array();
  for (const strategy::TraceTrade& each : trace.trades)
    trades.push_back({{"id", each.id},
                      {"qty", each.quantity},
                      {"cumulative_qty", each.cumulative_quantity},
                      {"price", each.price},
                      {"value", each.value},
                      {"fee", each.fee},
                      {"fee_qty", each.fee_quantity},
                      {"cost", each.cost},
                      {"realised", each.realised},
                      {"booked_at", format_rfc3339(each.booked_at)}});
  Json cash = Json::array();
  for (const strategy::TraceCash& each : trace.cash)
    cash.push_back({{"kind", each.kind},
                    {"amount", each.amount},
                    {"balance", each.balance},
                    {"trade", each.trade_id},
                    {"at", format_rfc3339(each.at)}});
  Json bar;
  if (trace.bar)
    bar = {{"start", format_rfc3339(instant(trace.bar->start))},
           {"open", trace.bar->open},
           {"high", trace.bar->high},
           {"low", trace.bar->low},
           {"close", trace.bar->close},
           {"volume", trace.bar->volume}};
  return {{"session", trace.session_id},
          {"strategy", trace.strategy},
          {"symbol", trace.symbol},
          {"timeframe", trace.timeframe},
          {"mode", strategy::name_of(trace.mode)},
          {"bar", std::move(bar)},
          {"signal", trace.signal ? json_of(*trace.signal) : Json()},
          {"order", trace.order ? json_of(*trace.order) : Json()},
          {"trades", std::move(trades)},
          {"cash", std::move(cash)}};
}

/// One line for each thing that happened, in its order.
class TraceTable {
 public:
  explicit TraceTable(const strategy::Trace& trace) : trace_(trace) {}

  std::string text(bool color) {
    table_.add({"session", "",
                fmt::format("{}, {} on {} {}, {}", trace_.session_id, trace_.strategy, trace_.symbol,
                            trace_.timeframe, strategy::name_of(trace_.mode))});
    if (trace_.bar)
      table_.add({"bar", moment(instant(trace_.bar->start)),
                  fmt::format("open {}, high {}, low {}, close {}, volume {}", trace_.bar->open,
                              trace_.bar->high, trace_.bar->low, trace_.bar->close, trace_.bar->volume)});
    if (trace_.signal) add(*trace_.signal);
    if (trace_.order) add(*trace_.order);
    for (const strategy::TraceTrade& each : trace_.trades)
      table_.add({"fill", moment(each.booked_at),
                  fmt::format("{} at {} (of {} so far): value {}, fee {}, cost {}, realised {}",
                              each.quantity, each.price, each.cumulative_quantity, each.value, each.fee,
                              each.cost, each.realised)});
    for (const strategy::TraceCash& each : trace_.cash)
      table_.add(
          {"cash", moment(each.at), fmt::format("{} {}, then {}", each.kind, each.amount, each.balance)});
    return table_.text(color);
  }

 private:
  void add(const strategy::TraceSignal& signal) {
    table_.add({"signal", moment(signal.generated_at),
                fmt::format("{} {} at {}, confidence {}{}", signal.side, signal.quantity, signal.price,
                            signal.confidence,
                            signal.metadata == "{}" ? "" : ", " + one_line(signal.metadata, kSaysBytes))});
    for (const strategy::TraceCheck& each : signal.checks)
      table_.add({{each.ok ? "check" : "refused", each.ok ? Tone::plain : Tone::bad},
                  "",
                  each.check + ": " + one_line(each.says, kSaysBytes)});
    if (signal.answer_status)
      table_.add({"answer", moment(signal.created_at),
                  fmt::format("{} {}", *signal.answer_status, one_line(signal.answer, kSaysBytes))});
  }
  void add(const strategy::TraceOrder& order) {
    table_.add({"order", moment(order.created_at),
                fmt::format("{} at {}: {} {}, limit {}, as {}", order.id, order.broker, order.side,
                            order.quantity, order.limit_price, order.client_order_id)});
    if (order.placed_at) table_.add({"placed", moment(order.placed_at), order.broker_order_id});
    if (order.cancel_asked_at) table_.add({"cancel", moment(order.cancel_asked_at), "asked for"});
    table_.add({"state", moment(order.closed_at),
                fmt::format(
                    "{}{}{}: filled {} for {}, fee {}", order.status,
                    order.vendor_status.empty() ? "" : " (" + one_line(order.vendor_status, kSaysBytes) + ")",
                    order.reason.empty() ? "" : ", " + one_line(order.reason, kSaysBytes),
                    order.filled_quantity, order.filled_value, order.fee)});
  }

  const strategy::Trace& trace_;
  Table table_{{"what", "at", "how"}};
};

Outcome run_trace(const TraceOptions& o, Context& context) {
  const strategy::Trace trace = strategy::trace_order(context.db(), o.order);
  Outcome outcome;
  outcome.data = json_of(trace).dump(-1, ' ', false, Json::error_handler_t::replace);
  outcome.table = TraceTable(trace).text(context.options.color);
  return outcome;
}

}  // namespace

Command strategy_trace() {
  return make_command<TraceOptions>(
      {.path = "strategy trace",
       .summary = "where an order came from and what became of it: bar, signal, checks, answers, fills, cash",
       .details =
           "A signal that was refused has no order: its id shows which check said no, and what it had compared.",
       .examples = {"am strategy trace 0198c0de-0000-7000-8000-000000000001",
                    "am strategy trace am-5f3c… -o json"},
       .exits = {ExitCode::no_input},
       .config = {"database.url"},
       .desk = "strategy"},
      trace_flags, run_trace);
}

}  // namespace am::cli
