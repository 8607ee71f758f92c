// /strategy/sessions, /strategy/sessions/{id}.

#include "am/base/error.hpp"
#include "documents.hpp"
#include "session_json.hpp"

namespace am::web {

namespace {

constexpr int kMostOrders = 100;
constexpr int kMostSignals = 100;

void write_session_members(std::string& out, const SessionLine& session) {
  text_member(out, "session_id", session.id);
  text_member(out, "mode", session.mode);
  text_member(out, "status", session.status);
  text_member(out, "trading", session.trading);
  maybe_member(out, "reason", session.reason);
  text_member(out, "user_id", session.user_id);
  text_member(out, "strategy_id", session.strategy_id);
  text_member(out, "strategy", session.strategy);
  text_member(out, "language", session.language);
  text_member(out, "symbol", session.symbol);
  text_member(out, "asset_type", session.asset_type);
  text_member(out, "timeframe", session.timeframe);
  text_member(out, "epoch", session.epoch);
  bool_member(out, "held", session.held);
  moment_member(out, "lease_until", session.lease_until);
  moment_member(out, "last_event_at", session.last_event_at);
  moment_member(out, "stale_since", session.stale_since);
  text_member(out, "started_at", format_rfc3339(session.started_at));
  moment_member(out, "ended_at", session.ended_at);
  text_member(out, "trades", std::to_string(session.trades));
  number_member(out, "realised", session.realised);
  number_member(out, "fees", session.fees);
  key(out, "position");
  if (session.position) {
    out += '{';
    write_holding_members(out, *session.position);
    out += '}';
  } else {
    out += "null";
  }
  number_member(out, "pnl", session.pnl());
  number_member(out, "final_pnl", session.final_pnl);
}

void write_session(std::string& out, const SessionLine& session) {
  out += '{';
  write_session_members(out, session);
  out += '}';
}

void write_order(std::string& out, const OrderLine& order) {
  out += '{';
  text_member(out, "order_id", order.id);
  text_member(out, "client_order_id", order.client_order_id);
  text_member(out, "broker", order.broker);
  text_member(out, "mode", order.mode);
  text_member(out, "action", order.side);
  text_member(out, "status", order.status);
  maybe_member(out, "vendor_status", order.vendor_status);
  maybe_member(out, "reason", order.reason);
  number_member(out, "quantity", order.quantity);
  number_member(out, "signal_price", order.signal_price);
  number_member(out, "limit_price", order.limit_price);
  number_member(out, "filled_quantity", order.filled_quantity);
  number_member(out, "filled_value", order.filled_value);
  number_member(out, "fee", order.fee);
  number_member(out, "reserved", order.reserved);
  text_member(out, "created_at", format_rfc3339(order.created_at));
  moment_member(out, "placed_at", order.placed_at);
  moment_member(out, "cancel_at", order.cancel_at);
  out += '}';
}

void write_signal_counts(std::string& out, const std::vector<StatusCount>& counts) {
  key(out, "signals");
  out += '{';
  for (const std::string_view status : {"pending", "ordered", "refused", "missed", "expired"}) {
    long long count = 0;
    for (const StatusCount& each : counts) count += each.status == status ? each.count : 0;
    text_member(out, status, std::to_string(count));
  }
  out += '}';
}

}  // namespace

std::vector<kernel::Statement> ask_sessions(const Args& args) {
  return {sessions_newest_first(maybe_arg(args, "cursor"), limit_of(args) + 1)};
}

Document make_sessions(const Args& args, const std::vector<kernel::Rows>& results) {
  std::vector<SessionLine> sessions = session_lines(results.at(0));
  std::optional<std::string> next_cursor;
  if (cut_to(sessions, limit_of(args))) next_cursor = sessions.back().id;
  std::string out = "{";
  array_member(out, "sessions", sessions, write_session);
  maybe_member(out, "next_cursor", next_cursor);
  return json_document(std::move(out));
}

std::vector<kernel::Statement> ask_session(const Args& args) {
  const std::string& id = args.at("id");
  return {session_by_id(id), signal_counts_of(id), open_orders_of(id, kMostOrders),
          signals_not_ordered(id, kMostSignals)};
}

Document make_session(const Args& args, const std::vector<kernel::Rows>& results) {
  const std::vector<SessionLine> sessions = session_lines(results.at(0));
  if (sessions.empty()) throw Error(ErrorKind::no_input, "session " + args.at("id") + ": not found");
  std::string out = "{";
  key(out, "session");
  out += '{';
  write_session_members(out, sessions.front());
  write_signal_counts(out, status_counts(results.at(1)));
  array_member(out, "open_orders", order_lines(results.at(2)), write_order);
  array_member(out, "not_ordered", signal_lines(results.at(3)), write_signal);
  out += '}';
  return json_document(std::move(out));
}

}  // namespace am::web
