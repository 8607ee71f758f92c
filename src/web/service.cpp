#include "service.hpp"

#include "am/kernel/metrics.hpp"

namespace am::web {

namespace {

std::vector<Route> service_routes() {
  const Param limit{"limit", ParamKind::limit, "How many, 1 to 100."};
  return {{.path = "/health",
           .name = "get_health",
           .summary = "Whether the database answers",
           .params = {},
           .schema = "Health",
           .statuses = {503},
           .keep = Keep::never,
           .render = api_health,
           .health = true},
          {.path = "/events",
           .name = "list_events",
           .summary = "What the run ledger recorded, newest first",
           .params = {{"batch_id", ParamKind::uuid, "Only what concerns this batch."},
                      limit,
                      {"cursor", ParamKind::sequence, "An event's id; only events before it."}},
           .schema = "EventList",
           .statuses = {400, 503},
           .ask = ask_events,
           .make = make_events},
          {.path = "/metrics",
           .name = "get_metrics",
           .summary = "Metrics in Prometheus' text format; answers without the database, too",
           .params = {},
           .schema = {},
           .statuses = {503},
           .keep = Keep::never,
           .content_type = kernel::kMetricsType,
           .render = api_metrics},
          {.path = "/openapi.json",
           .name = "get_openapi",
           .summary = "This description",
           .params = {},
           .schema = "OpenApi",
           .statuses = {},
           .keep = Keep::forever,
           .render = api_openapi},
          {.path = "/livez",
           .name = "get_livez",
           .summary = "Whether the process serves; does not ask the database",
           .params = {},
           .schema = "Live",
           .statuses = {},
           .keep = Keep::forever,
           .render = api_livez},
          {.path = "/readyz",
           .name = "get_readyz",
           .summary = "Whether the database answers and its schema is this program's",
           .params = {},
           .schema = "Ready",
           .statuses = {503},
           .keep = Keep::never,
           .render = api_readyz,
           .health = true},
          {.path = "/pages/status",
           .name = "page_status",
           .summary = "Page: jobs, schedule and request budgets",
           .params = {},
           .schema = {},
           .statuses = {503},
           .content_type = kHtmlType,
           .render = page_status},
          {.path = "/style.css",
           .name = "get_style_sheet",
           .summary = "The pages' style sheet",
           .params = {},
           .schema = {},
           .statuses = {},
           .keep = Keep::forever,
           .content_type = kCssType,
           .render = style_sheet}};
}

}  // namespace

const Section& service_section() {
  static const Section kSection{.name = "service",
                                .routes = service_routes(),
                                .home = "/pages/status",
                                .navigation = {{"/pages/status", "Status"}},
                                .schemas = service_schemas()};
  return kSection;
}

}  // namespace am::web
