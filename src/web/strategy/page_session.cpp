#include "page_session.hpp"

#include "am/base/error.hpp"
#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "documents.hpp"
#include "equity_chart.hpp"
#include "strategy_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

constexpr int kTradesPerPage = 50;
constexpr int kMostOrders = 50;
constexpr int kMostUnfilled = 20;
constexpr int kMostNotOrdered = 50;

std::string session_story(const SessionLine& session) {
  std::string out = "<p class=\"soft\">" + escape_html(session.language) + ", " +
                    escape_html(session.asset_type) + ", bars of " + escape_html(session.timeframe) + ": " +
                    escape_html(state_text(session)) + ". Started " + time_html(session.started_at);
  if (session.ended_at) out += ", ended " + time_html(*session.ended_at);
  out += ".";
  if (session.status == "RUNNING" && session.lease_until)
    out += std::string(session.held ? " Held until " : " It was held until ") +
           time_html(*session.lease_until) + ".";
  if (session.last_event_at) out += " Last event " + time_html(*session.last_event_at) + ".";
  return out + "</p>";
}

/// Above all else: what keeps it from trading, and whether there is money in it.
std::string session_notices(const SessionLine& session) {
  std::string out;
  if (session.mode == "live" && session.status == "RUNNING")
    out += notice_html("<strong>LIVE</strong>: this session trades with money.");
  if (session.status == "FAILED")
    out += notice_html("It failed" + (session.reason ? ": " + escape_html(*session.reason) : "") + ".");
  if (session.status == "RUNNING" && !session.held)
    out += notice_html("No engine has it: nothing is evaluated. <code>am strategy run</code> takes it.");
  if (session.status == "RUNNING" && session.stale_since)
    out += notice_html("Stale since " + time_html(*session.stale_since) +
                       ": its bars stopped coming, and nothing is sent.");
  if (session.trading != "ACTIVE") {
    out += notice_html(std::string(session.trading == "HALTED" ? "Halted, nothing is ordered"
                                                               : "Reducing, only sales are ordered") +
                       (session.reason ? ": " + escape_html(*session.reason) : "") + ".");
  }
  return out;
}

std::string position_tiles(const HoldingLine& position) {
  std::string out =
      tile_html("Holds", amount_text(position.quantity),
                "for " + money_text(position.cost) + ", " + amount_text(position.average) + " each");
  if (position.value && position.price) {
    out += tile_html("Worth", money_text(*position.value),
                     "at " + amount_text(*position.price) +
                         (position.price_at ? " of " + time_html(*position.price_at) : ""));
  }
  return out;
}

std::string session_tiles(const SessionLine& session, const std::vector<EquityPoint>& curve) {
  const Decimal pnl = session.pnl();
  std::string out = "<dl>";
  out += tile_html("Earned", signed_money(pnl),
                   signed_money(session.realised) + " realised, less " + money_text(session.fees) + " fees",
                   earned_tone(pnl));
  if (session.position) out += position_tiles(*session.position);
  out += tile_html("Drawdown, at most", money_text(max_drawdown(curve)),
                   curve.empty() ? "nothing was traded" : "below its highest, by the moments that are drawn");
  out += tile_html("Trades", std::to_string(session.trades), "bookings, each with its reason below");
  return out + "</dl>\n";
}

std::string equity_figure(const std::vector<EquityPoint>& curve) {
  const std::string wide = draw_equity("equity", curve, EquitySize::wide);
  if (wide.empty()) return {};
  return "<figure>" + wide + draw_equity("equity", curve, EquitySize::narrow) +
         "<figcaption>Above: what it earned, in dollars since its start, by trades and the closes that are known; triangles "
         "that point up are purchases, down sales. Below: how far that is under its highest until then.</figcaption></figure>\n";
}

}  // namespace

Document page_session(const Args& args, const Source& source) {
  const std::string& id = args.at("id");
  const long long page = page_of(args);
  const std::vector<kernel::Rows> results = source.reader.read(
      {session_by_id(id), ask_trading_switch(), ask_equity_steps(id), ask_equity_marks(id),
       trades_newest_first(id, std::nullopt, (page - 1) * kTradesPerPage, kTradesPerPage + 1),
       open_orders_of(id, kMostOrders), unfilled_orders_of(id, kMostUnfilled),
       signals_not_ordered(id, kMostNotOrdered), signal_counts_of(id)});
  const std::vector<SessionLine> sessions = session_lines(results.at(0));
  if (sessions.empty()) throw Error(ErrorKind::no_input, "session " + id + ": not found");
  const SessionLine& session = sessions.front();
  const std::vector<EquityStep> steps = equity_steps(results.at(2));
  // In a rehearsal the bars are the clock, and its row was made on another one.
  const bool rehearsal = session.mode == "rehearsal";
  const std::vector<EquityPoint> curve =
      equity_curve(rehearsal && !steps.empty() ? steps.front().at : session.started_at, steps,
                   equity_marks(results.at(3)));
  std::vector<TradeLine> trades = trade_lines(results.at(4));
  const bool more = cut_to(trades, kTradesPerPage);

  PageFrame frame;
  frame.title = session.name() + " (" + (session.mode == "live" ? "LIVE" : session.mode) + ")";
  frame.description = "One session of a strategy: what it earned, what it traded, and why.";
  frame.here = kSessionsPage;
  frame.within = true;
  frame.head_html =
      "<h1>" + escape_html(session.name()) + mode_html(session.mode) + "</h1>" + session_story(session);
  frame.main_html = switch_notice(trading_switch(results.at(1))) + session_notices(session);
  if (page == 1) {
    frame.main_html += session_tiles(session, curve) + equity_figure(curve) +
                       orders_html("Open orders", "What is not over yet", order_lines(results.at(5)));
  }
  frame.main_html +=
      trades_html(trades) + list_turn({.path = session_path(id), .label = "More trades"}, page, more);
  if (page == 1) {
    frame.main_html +=
        not_ordered_html(signal_lines(results.at(7)), status_counts(results.at(8))) +
        orders_html("Not filled", "Orders that ended before all of them was", order_lines(results.at(6)));
  }
  frame.main_html +=
      "<p class=\"soft data\">Session <code>" + escape_html(session.id) +
      "</code>. As data: " + link_html("/strategy/sessions/" + session.id, "the session as JSON") + ", " +
      link_html("/strategy/trades?session=" + session.id, "its trades as JSON") + ".</p>\n";
  frame.notes_html = "<p><a href=\"/pages/glossary\">All words</a>.</p>";
  return page_document(frame, source.router);
}

}  // namespace am::web
