#include "am/web/picks_section.hpp"
#include "documents.hpp"

namespace am::web {

namespace {

std::vector<Route> picks_routes() {
  const Param limit{"limit", ParamKind::limit, "How many, 1 to 100."};
  const Param id{"id", ParamKind::uuid, "The batch's id."};
  return {{.path = "/latest",
           .name = "get_latest",
           .summary = "The newest batch, its picks and its latest checkpoint",
           .params = {},
           .schema = "Latest",
           .statuses = {503},
           .ask = ask_latest,
           .make = make_latest},
          {.path = "/batches",
           .name = "list_batches",
           .summary = "Batches, newest first",
           .params = {limit, {"cursor", ParamKind::date_cursor, "A run date; only batches before it."}},
           .schema = "BatchList",
           .statuses = {400, 503},
           .ask = ask_batches,
           .make = make_batches},
          {.path = "/batches/{id}",
           .name = "get_batch",
           .summary = "One batch with its picks and all its checkpoints",
           .params = {id},
           .schema = "BatchDetail",
           .statuses = {400, 404, 503},
           .ask = ask_batch,
           .make = make_batch},
          {.path = kLatestPage,
           .name = "page_latest",
           .summary = "Page: the newest batch",
           .params = {},
           .schema = {},
           .statuses = {503},
           .content_type = kHtmlType,
           .render = page_latest},
          {.path = kBatchesPage,
           .name = "page_batches",
           .summary = "Page: batches, newest first",
           .params = {{"cursor", ParamKind::date, "A run date; only batches before it."},
                      {"to", ParamKind::date, "A day; only batches up to it."}},
           .schema = {},
           .statuses = {400, 503},
           .content_type = kHtmlType,
           .render = page_batches},
          {.path = "/pages/batches/{run_date}",
           .name = "page_batch",
           .summary = "Page: one batch",
           .params = {{"run_date", ParamKind::date, "The batch's run date."}},
           .schema = {},
           .statuses = {400, 404, 503},
           .content_type = kHtmlType,
           .render = page_batch},
          {.path = kReportPage,
           .name = "page_report",
           .summary = "Page: how the picks did against the benchmark",
           .params = {},
           .schema = {},
           .statuses = {503},
           .content_type = kHtmlType,
           .render = page_report},
          {.path = kGuidePage,
           .name = "page_guide",
           .summary = "Page: how to read the report",
           .params = {},
           .schema = {},
           .statuses = {},
           .keep = Keep::forever,
           .content_type = kHtmlType,
           .render = page_guide},
          {.path = kCsvPath,
           .name = "get_batches_csv",
           .summary = "A row per pick as CSV, as am report writes it; the newest 520 batches at most",
           .params = {{"from", ParamKind::date, "A day; only batches from it on."},
                      {"to", ParamKind::date, "A day; only batches up to it."}},
           .schema = {},
           .statuses = {400, 503},
           .content_type = kCsvType,
           .render = batches_csv},
          {.path = kFeedPath,
           .name = "get_batches_atom",
           .summary = "The newest 20 batches as an Atom feed",
           .params = {},
           .schema = {},
           .statuses = {503},
           .content_type = kAtomType,
           .render = batches_atom}};
}

}  // namespace

const Section& picks_section() {
  static const Section kSection{
      .name = "picks",
      .about = "Three stock picks every Monday, measured for 14 days against the benchmark.",
      .routes = picks_routes(),
      .home = kLatestPage,
      .navigation = {{kLatestPage, "Latest"}, {kBatchesPage, "Batches"}, {kReportPage, "Report"}},
      .config = {"picks.universe", "openai.prices", "openai.model"},
      .feeds = {{kFeedPath, "Feed of the batches"}},
      .terms = picks_terms(),
      .schemas = picks_schemas(),
      .style = picks_style(),
      .status_note = "The weekly job is due on Mondays at 9:00, a day of a batch at 9:00 the day after"};
  return kSection;
}

}  // namespace am::web
