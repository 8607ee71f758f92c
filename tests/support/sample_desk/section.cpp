#include "sample_desk.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

std::vector<kernel::Statement> ask_counts(const Args& /*args*/) {
  return {
      {"SELECT coalesce(json_agg(json_build_object('day', day, 'n', n) ORDER BY day), '[]')::text AS body FROM "
       "sample.counts",
       {}}};
}

Document make_counts(const Args& /*args*/, const std::vector<kernel::Rows>& results) {
  return {.body = results[0].only().text("body")};
}

Document page_counts(const Args& /*args*/, const Source& source) {
  PageFrame frame;
  frame.title = "Notes";
  frame.here = "/pages/sample";
  frame.head_html = "<h1>Notes</h1>";
  return page_document(frame, source.router);
}

}  // namespace

const Section& sample_section() {
  static const Section kSection{.name = "sample",
                                .routes = {{.path = "/sample/counts",
                                            .name = "list_sample_counts",
                                            .summary = "How many notes there were, by day",
                                            .params = {},
                                            .schema = "SampleCounts",
                                            .statuses = {503},
                                            .ask = ask_counts,
                                            .make = make_counts},
                                           {.path = "/pages/sample",
                                            .name = "page_sample",
                                            .summary = "Page: the notes",
                                            .params = {},
                                            .schema = {},
                                            .statuses = {503},
                                            .content_type = kHtmlType,
                                            .render = page_counts}},
                                .home = "/pages/sample",
                                .navigation = {{"/pages/sample", "Notes"}},
                                .schemas = R"({"SampleCounts":{"type":"array","items":{"type":"object"}}})",
                                .status_note = "Notes are counted at 9:00"};
  return kSection;
}

}  // namespace am::web
