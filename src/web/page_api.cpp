// What programs can read here, for the people who write them: made from the routes, as /openapi.json is.

#include "am/base/html.hpp"
#include "page_layout.hpp"
#include "service.hpp"

namespace am::web {

namespace {

std::string kind_of(const Route& route) {
  return std::string(route.content_type.substr(0, route.content_type.find(';')));
}

bool for_programs(const Route& route) {
  return !route.is_page() && route.content_type != kCssType && route.content_type != kSvgType;
}

std::string parameters_html(const Route& route) {
  std::string out;
  for (const Param& param : route.params) {
    out += (out.empty() ? "" : "<br>") + std::string("<code>") + escape_html(param.name) + "</code> " +
           escape_html(param.about);
  }
  return out.empty() ? "none" : out;
}

/// A path with a parameter in it has no one address.
std::string path_html(const Route& route) {
  const std::string code = "<code>" + escape_html(route.path) + "</code>";
  return route.path.find('{') == std::string_view::npos ? link_html(route.path, code) : code;
}

}  // namespace

Document page_api(const Args& /*args*/, const Source& source) {
  std::string rows;
  for (const Route& route : source.router.routes()) {
    if (!for_programs(route)) continue;
    rows += "<tr>" + row_head(path_html(route)) + cell(escape_html(route.summary), "t wrap") +
            cell(parameters_html(route), "t wrap") + cell(escape_html(kind_of(route)), "t") + "</tr>";
  }
  PageFrame frame;
  frame.title = "The API";
  frame.description = "What programs can read here: every path, its parameters and what it answers.";
  frame.here = kApiPage;
  frame.head_html =
      "<h1>The API</h1><p class=\"soft\">What programs can read here. Nothing can be written.</p>";
  frame.main_html =
      "<section aria-labelledby=\"paths\"><h2 id=\"paths\">Paths</h2>" +
      table_html("Every path for programs", {"Path", "<What it answers", "<Parameters", "<Type"}, rows) +
      "<p class=\"soft\">The same as data, with every field: " + link_html("/openapi.json", "/openapi.json") +
      ", OpenAPI 3.1.</p></section>\n"
      "<section aria-labelledby=\"reading\"><h2 id=\"reading\">How to read it</h2><ul class=\"plain\">"
      "<li>Numbers are strings with the digits as stored, returns in percent: <code>&quot;1&quot;</code> is 1 %. Dates are "
      "<code>YYYY-MM-DD</code>.</li>"
      "<li>A list goes on with <code>cursor</code> set to the <code>next_cursor</code> of the page before; it is "
      "null on the last one.</li>"
      "<li>An answer is at most a second old. While the database is away the last one is served for a minute, with its "
      "<code>Age</code> in seconds.</li>"
      "<li>Ask again with <code>If-None-Match</code> and the <code>ETag</code>: what has not changed is a 304 without a "
      "body.</li>"
      "<li>An error is <code>{&quot;error&quot;:{&quot;code&quot;:…,&quot;message&quot;:…}}</code> with the status that fits; go by the code. "
      "429 and 503 say when to come again.</li></ul></section>\n";
  return page_document(frame, source.router);
}

}  // namespace am::web
