// The words that the pages use, from the sections: docs/glossary.md has the same, and a test holds them together.

#include <algorithm>

#include "am/base/html.hpp"
#include "page_layout.hpp"
#include "service.hpp"

namespace am::web {

std::vector<Term> service_terms() {
  return {{"deferred",
           "not possible yet: data not published, or the budget is spent; exit code 75 with `not_before`"},
          {"event", "a line of history for people, in `ops.events`"},
          {"overdue",
           "due for more than two hours and not done: the schedules that come with `am` start within them"},
          {"run", "one (job, slot) in the ledger"},
          {"slot", "what a run is for: a run date, a batch's day, a price source"}};
}

namespace {

/// "one `code` two": escaped, with what is between backquotes as code.
std::string meaning_html(std::string_view text) {
  std::string html;
  bool code = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('`'), text.size());
    html += escape_html(text.substr(0, end));
    text.remove_prefix(end);
    if (text.empty()) break;
    html += code ? "</code>" : "<code>";
    code = !code;
    text.remove_prefix(1);
  }
  return html;
}

/// "benchmark-same-side": what a link to the word ends in.
std::string anchor_of(std::string_view word) {
  std::string out;
  for (const char c : word) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else if (!out.ends_with('-')) {
      out += '-';
    }
  }
  return out;
}

}  // namespace

Document page_glossary(const Args& /*args*/, const Source& source) {
  std::vector<Term> terms;
  for (const Section* section : source.router.sections())
    terms.insert(terms.end(), section->terms.begin(), section->terms.end());
  std::ranges::stable_sort(terms, {}, &Term::word);
  PageFrame frame;
  frame.title = "Glossary";
  frame.description = "What the words on these pages mean.";
  frame.here = kGlossaryPage;
  frame.head_html =
      "<h1>Glossary</h1><p class=\"soft\">What the words on these pages mean, each the same everywhere.</p>";
  frame.main_html = "<dl class=\"words\">";
  for (const Term& term : terms) {
    frame.main_html += "<div><dt id=\"" + anchor_of(term.word) + "\">" + escape_html(term.word) +
                       "</dt><dd>" + meaning_html(term.meaning) + "</dd></div>\n";
  }
  frame.main_html += "</dl>\n";
  return page_document(frame, source.router);
}

}  // namespace am::web
