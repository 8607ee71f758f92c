// /strategy/trades, /strategy/portfolio.

#include "am/base/error.hpp"
#include "documents.hpp"
#include "session_json.hpp"

namespace am::web {

namespace {

void write_trade(std::string& out, const TradeLine& trade) {
  out += '{';
  text_member(out, "trade_id", trade.id);
  text_member(out, "session_id", trade.session_id);
  text_member(out, "order_id", trade.order_id);
  text_member(out, "mode", trade.mode);
  text_member(out, "strategy", trade.strategy);
  text_member(out, "symbol", trade.symbol);
  text_member(out, "action", trade.side);
  number_member(out, "quantity", trade.quantity);
  number_member(out, "price", trade.price);
  number_member(out, "value", trade.value);
  number_member(out, "fee", trade.fee);
  number_member(out, "fee_quantity", trade.fee_quantity);
  number_member(out, "cost", trade.cost);
  number_member(out, "realised", trade.realised);
  text_member(out, "booked_at", format_rfc3339(trade.booked_at));
  key(out, "signal");
  if (trade.signal)
    write_signal(out, *trade.signal);
  else
    out += "null";
  out += '}';
}

void write_position(std::string& out, const HoldingLine& holding) {
  out += '{';
  text_member(out, "mode", holding.mode);
  text_member(out, "symbol", holding.symbol);
  text_member(out, "asset_type", holding.asset_type);
  write_holding_members(out, holding);
  out += '}';
}

void write_account(std::string& out, const AccountLine& account) {
  out += '{';
  text_member(out, "user_id", account.user_id);
  number_member(out, "cash", account.cash);
  number_member(out, "reserved", account.reserved);
  number_member(out, "positions_value", account.worth());
  number_member(out, "value", account.cash + account.worth());
  number_member(out, "realised", account.realised);
  number_member(out, "fees", account.fees);
  text_member(out, "trades", std::to_string(account.trades));
  array_member(out, "positions", account.positions, write_position);
  out += '}';
}

}  // namespace

std::vector<kernel::Statement> ask_trades(const Args& args) {
  const std::optional<std::string> session = maybe_arg(args, "session");
  std::vector<kernel::Statement> statements{
      trades_newest_first(session, maybe_arg(args, "cursor"), 0, limit_of(args) + 1)};
  if (session) statements.push_back(session_by_id(*session));
  return statements;
}

Document make_trades(const Args& args, const std::vector<kernel::Rows>& results) {
  if (results.size() > 1 && results[1].empty())
    throw Error(ErrorKind::no_input, "session " + args.at("session") + ": not found");
  std::vector<TradeLine> trades = trade_lines(results.at(0));
  std::optional<std::string> next_cursor;
  if (cut_to(trades, limit_of(args))) next_cursor = trades.back().id;
  std::string out = "{";
  array_member(out, "trades", trades, write_trade);
  maybe_member(out, "next_cursor", next_cursor);
  return json_document(std::move(out));
}

std::vector<kernel::Statement> ask_portfolio(const Args& args) {
  return ask_accounts(maybe_arg(args, "cursor"), limit_of(args) + 1);
}

Document make_portfolio(const Args& args, const std::vector<kernel::Rows>& results) {
  std::vector<AccountLine> accounts = account_lines(results.at(0), results.at(1));
  std::optional<std::string> next_cursor;
  if (cut_to(accounts, limit_of(args))) next_cursor = accounts.back().user_id;
  std::string out = "{";
  array_member(out, "accounts", accounts, write_account);
  maybe_member(out, "next_cursor", next_cursor);
  return json_document(std::move(out));
}

}  // namespace am::web
