#include "am/web/strategy_section.hpp"
#include "documents.hpp"

namespace am::web {

namespace {

std::vector<Route> strategy_routes() {
  const Param limit{"limit", ParamKind::limit, "How many, 1 to 100."};
  const Param id{"id", ParamKind::uuid, "The session."};
  const Param page{"page", ParamKind::sequence, "Which page of the list."};
  return {{.path = "/strategy/sessions",
           .name = "list_sessions",
           .summary = "Sessions, the newest first: who trades what, in which mode, and what came of it",
           .params = {limit, {"cursor", ParamKind::uuid, "A session; only those before it."}},
           .schema = "StrategySessionList",
           .statuses = {400, 503},
           .ask = ask_sessions,
           .make = make_sessions},
          {.path = "/strategy/sessions/{id}",
           .name = "get_session",
           .summary = "One session, with its open orders and the signals that nothing was ordered for",
           .params = {id},
           .schema = "StrategySessionDetail",
           .statuses = {400, 404, 503},
           .ask = ask_session,
           .make = make_session},
          {.path = "/strategy/trades",
           .name = "list_trades",
           .summary = "What was booked, the newest first, each with the signal that asked for it",
           .params = {{"session", ParamKind::uuid, "Only those of this session."},
                      limit,
                      {"cursor", ParamKind::sequence, "A trade; only those before it."}},
           .schema = "StrategyTradeList",
           .statuses = {400, 404, 503},
           .ask = ask_trades,
           .make = make_trades},
          {.path = "/strategy/portfolio",
           .name = "list_accounts",
           .summary = "What each user has: cash, positions at the last price, what was realised",
           .params = {limit, {"cursor", ParamKind::uuid, "A user; only those behind it."}},
           .schema = "StrategyPortfolio",
           .statuses = {400, 503},
           .ask = ask_portfolio,
           .make = make_portfolio},
          {.path = kSessionsPage,
           .name = "page_sessions",
           .summary = "Page: the sessions, and what their users have",
           .params = {page},
           .schema = {},
           .statuses = {400, 503},
           .content_type = kHtmlType,
           .render = page_sessions},
          {.path = "/pages/strategy/sessions/{id}",
           .name = "page_session",
           .summary = "Page: one session",
           .params = {id, page},
           .schema = {},
           .statuses = {400, 404, 503},
           .content_type = kHtmlType,
           .render = page_session}};
}

}  // namespace

const Section& strategy_section() {
  static const Section kSection{
      .name = "strategy",
      .about = "Strategies over live bars, in sessions; what they signalled, ordered and booked.",
      .routes = strategy_routes(),
      .home = kSessionsPage,
      .navigation = {{kSessionsPage, "Strategies"}},
      .terms = strategy_terms(),
      .schemas = strategy_schemas(),
      .style = strategy_style()};
  return kSection;
}

}  // namespace am::web
