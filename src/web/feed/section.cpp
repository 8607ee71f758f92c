#include "am/web/feed_section.hpp"
#include "documents.hpp"

namespace am::web {

namespace {

std::vector<Route> feed_routes() {
  const Param limit{"limit", ParamKind::limit, "How many, 1 to 100."};
  const Param id{"id", ParamKind::uuid, "The run."};
  return {{.path = "/feed/runs",
           .name = "list_feed_runs",
           .summary = "Runs over the supplier's inventory, the newest first",
           .params = {limit, {"cursor", ParamKind::uuid, "A run; only those before it."}},
           .schema = "FeedRunList",
           .statuses = {400, 503},
           .ask = ask_feed_runs,
           .make = make_feed_runs},
          {.path = "/feed/runs/{id}",
           .name = "get_feed_run",
           .summary = "One run, with its partitions",
           .params = {id},
           .schema = "FeedRunDetail",
           .statuses = {400, 404, 503},
           .ask = ask_feed_run,
           .make = make_feed_run},
          {.path = kFeedPage,
           .name = "page_feed",
           .summary = "Page: the runs",
           .params = {{"page", ParamKind::sequence, "Which page of the list."}},
           .schema = {},
           .statuses = {400, 503},
           .content_type = kHtmlType,
           .render = page_feed},
          {.path = "/pages/feed/runs/{id}",
           .name = "page_feed_run",
           .summary = "Page: one run",
           .params = {id},
           .schema = {},
           .statuses = {400, 404, 503},
           .content_type = kHtmlType,
           .render = page_feed_run}};
}

}  // namespace

const Section& feed_section() {
  static const Section kSection{
      .name = "feed",
      .about = "A supplier's inventory, fetched in parts, stored as it came, made one table.",
      .routes = feed_routes(),
      .home = kFeedPage,
      .navigation = {{kFeedPage, "Feed"}},
      .terms = feed_terms(),
      .schemas = feed_schemas(),
      .style = feed_style()};
  return kSection;
}

}  // namespace am::web
