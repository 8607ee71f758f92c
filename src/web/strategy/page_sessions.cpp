#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "documents.hpp"
#include "strategy_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

constexpr int kSessionsPerPage = 30;
constexpr int kMostAccounts = 20;

std::string session_row(const SessionLine& session) {
  const bool moves = session.status == "RUNNING";
  const std::string last = session.stale_since     ? "stale since " + time_html(*session.stale_since)
                           : session.last_event_at ? time_html(*session.last_event_at)
                                                   : "";
  return "<tr>" +
         row_head(link_html(session_path(session.id), escape_html(session.strategy)) +
                  "<small class=\"on\">" + escape_html(session.symbol) + ", " +
                  escape_html(session.timeframe) + "</small>") +
         cell(mode_html(session.mode), "t") + earned_cell(session.pnl()) +
         cell(escape_html(state_text(session)), is_troubled(session) ? "t wrap down" : "t wrap") +
         cell(escape_html(trading_text(session)), session.trading == "ACTIVE" ? "t" : "t down") +
         earned_cell(session.pnl()) + cell(session.position ? amount_text(session.position->quantity) : "") +
         cell(std::to_string(session.trades)) +
         cell(time_html(session.started_at) +
                  (session.ended_at ? "<small>to " + time_html(*session.ended_at) + "</small>" : ""),
              "t soft") +
         cell(last, moves && session.stale_since ? "t down" : "t soft") + "</tr>\n";
}

std::string sessions_table(const std::vector<SessionLine>& sessions) {
  std::string rows;
  for (const SessionLine& session : sessions) rows += session_row(session);
  return table_html(
             "Sessions, those that run first",
             {"Strategy", "<Mode", "Earned", "<Status", "<May", "Holds", "Trades", "<Started", "<Last event"},
             rows) +
         "<p class=\"soft\">Earned is what was realised less fees, and what is held at the last price that is known less what "
         "it cost.</p>\n";
}

std::string account_row(const AccountLine& account) {
  const Decimal worth = account.worth();
  return "<tr>" + row_head("<code>" + escape_html(account.user_id) + "</code>") +
         cell(money_text(account.cash)) + cell(money_text(account.reserved)) + cell(money_text(worth)) +
         cell(money_text(account.cash + worth)) + earned_cell(account.realised) +
         cell(money_text(account.fees)) + "</tr>\n";
}

std::string accounts_table(const std::vector<AccountLine>& accounts) {
  if (accounts.empty()) return {};
  std::string rows;
  for (const AccountLine& account : accounts) rows += account_row(account);
  return "<section><h2>Accounts</h2>" +
         table_html("What each user has",
                    {"User", "Cash", "Of it reserved", "Positions", "Together", "Realised", "Fees"}, rows) +
         "</section>\n";
}

}  // namespace

Document page_sessions(const Args& args, const Source& source) {
  const long long page = page_of(args);
  std::vector<kernel::Statement> statements{
      sessions_running_first((page - 1) * kSessionsPerPage, kSessionsPerPage + 1), ask_trading_switch()};
  for (kernel::Statement& each : ask_accounts(std::nullopt, kMostAccounts))
    statements.push_back(std::move(each));
  const std::vector<kernel::Rows> results = source.reader.read(statements);
  std::vector<SessionLine> sessions = session_lines(results.at(0));
  const bool more = cut_to(sessions, kSessionsPerPage);

  PageFrame frame;
  frame.title = page > 1 ? "Strategies, page " + std::to_string(page) : "Strategies";
  frame.description = "The sessions in which strategies trade, and what came of them.";
  frame.here = kSessionsPage;
  frame.within = page > 1;
  frame.head_html = "<h1>Strategies</h1><p class=\"soft\">";
  frame.main_html = switch_notice(trading_switch(results.at(1)));
  if (!sessions.empty()) {
    frame.head_html += "Who trades what, in which mode, and what came of it.</p>";
    frame.main_html += sessions_table(sessions);
  } else if (page > 1) {
    frame.head_html += "No more sessions: " + link_html(kSessionsPage, "the first page") + ".</p>";
  } else {
    frame.head_html += "No session yet.</p>";
    frame.main_html +=
        "<ol class=\"begin\"><li><code>am strategy add</code> keeps a strategy,</li><li><code>am strategy start</code> opens a "
        "session for it,</li><li><code>am strategy run</code> trades it, through <code>am serve-gateway</code>.</li></ol>\n";
  }
  frame.main_html += list_turn({.path = std::string(kSessionsPage), .label = "More sessions"}, page, more);
  if (page == 1) frame.main_html += accounts_table(account_lines(results.at(2), results.at(3)));
  frame.main_html +=
      "<p class=\"soft data\">As data: " + link_html("/strategy/sessions", "the sessions as JSON") + ", " +
      link_html("/strategy/portfolio", "the accounts as JSON") + ".</p>\n";
  frame.notes_html = "<p><a href=\"/pages/glossary\">All words</a>.</p>";
  return page_document(frame, source.router);
}

}  // namespace am::web
