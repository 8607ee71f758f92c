#include "page_layout.hpp"

#include "am/base/html.hpp"
#include "am/base/text.hpp"
#include "am/kernel/new_york.hpp"
#include "am/kernel/version.hpp"
#include "answers.hpp"
#include "service.hpp"

namespace am::web {

namespace {

std::string navigation(const PageFrame& frame, const Router& router) {
  std::string out = "<nav aria-label=\"Main\"><ul>";
  for (const Section* section : router.sections()) {
    for (const NavEntry& entry : section->navigation) {
      std::string_view current;
      if (entry.path == frame.here)
        current = frame.within ? " aria-current=\"true\"" : " aria-current=\"page\"";
      const std::string_view path = entry.path == router.home() ? "/" : entry.path;
      out += "<li>" + link_html(path, std::string(entry.name), current) + "</li>";
    }
  }
  return out + "</ul></nav>";
}

/// What the window, a search engine and a message with a link to the page say of it.
std::string head_element(const PageFrame& frame, const Router& router) {
  const std::string title = escape_html(frame.title);
  const std::string about =
      escape_html(frame.description.empty() ? std::string(router.about()) : frame.description);
  const auto meta = [](std::string_view key, std::string_view name, const std::string& content) {
    return content.empty()
               ? std::string()
               : "<meta " + std::string(key) + "=\"" + std::string(name) + "\" content=\"" + content + "\">";
  };
  std::string out = "<head><meta charset=\"utf-8\"><title>" + title + " \u00b7 Alpha Monday</title>" +
                    meta("name", "viewport", "width=device-width, initial-scale=1") +
                    meta("name", "color-scheme", "light dark") + meta("name", "referrer", "no-referrer") +
                    meta("name", "description", about) + meta("property", "og:site_name", "Alpha Monday") +
                    meta("property", "og:type", "website") + meta("property", "og:title", title) +
                    meta("property", "og:description", about) + meta("name", "twitter:card", "summary") +
                    "<link rel=\"icon\" type=\"image/svg+xml\" href=\"" + std::string(kIconPath) +
                    "\"><link rel=\"stylesheet\" href=\"" + router.style_path() + "\">";
  for (const Section* section : router.sections()) {
    for (const NavEntry& feed : section->feeds) {
      out += "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"" + escape_html(feed.name) +
             "\" href=\"" + escape_html(feed.path) + "\">";
    }
  }
  return out + "</head>";
}

/// The words, the data, the feeds: what stands below every page.
std::string foot_links(const PageFrame& frame, const Router& router) {
  const auto item = [&](std::string_view path, const std::string& name) {
    return link_html(path, name, path == frame.here ? " aria-current=\"page\"" : "");
  };
  std::string out = item(kGlossaryPage, "Glossary") + " \u00b7 " + item(kApiPage, "The API");
  for (const Section* section : router.sections()) {
    for (const NavEntry& feed : section->feeds)
      out += " \u00b7 " + link_html(feed.path, escape_html(feed.name), " type=\"application/atom+xml\"");
  }
  return "<p class=\"links\">" + out + " \u00b7 am " + escape_html(kernel::version()) + "</p>";
}

constexpr std::string_view kMain = "<main id=\"content\" tabindex=\"-1\">\n";

}  // namespace

Document page_document(const PageFrame& frame, const Router& router, int status) {
  Document document{status, kHtmlType, {}};
  document.body =
      "<!doctype html>\n<html lang=\"en\">" + head_element(frame, router) +
      "\n<body><a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
      "<header class=\"site\"><a class=\"brand\" href=\"/\">Alpha Monday</a>" +
      navigation(frame, router) +
      (router.about().empty() ? "" : "<p class=\"about\">" + escape_html(router.about()) + "</p>") +
      "</header>\n" + std::string(kMain) + "<div class=\"head\">" + frame.head_html + "</div>\n" +
      frame.main_html + "</main>\n<footer>" + frame.notes_html + foot_links(frame, router) +
      "</footer></body></html>\n";
  return document;
}

Document aged_page(Document page, std::chrono::seconds age) {
  const std::string notice =
      notice_html("The database does not answer at the moment. This page was read " +
                  std::to_string(age.count()) + " seconds ago; reload it to see whether it is back.");
  if (const std::size_t at = page.body.find(kMain); at != std::string::npos)
    page.body.insert(at + kMain.size(), notice);
  return page;
}

long long page_of(const Args& args) {
  return parse_integer(maybe_arg(args, "page").value_or("1"), 1, kLastPage).value_or(kLastPage);
}

std::string list_turn(const ListTurn& list, long long page, bool more) {
  const auto path = [&](long long to) { return list.path + (to > 1 ? "?page=" + std::to_string(to) : ""); };
  std::string out;
  if (page > 1) out += link_html(path(page - 1), std::string(list.before), " rel=\"prev\"");
  if (more && page < kLastPage) out += link_html(path(page + 1), std::string(list.behind), " rel=\"next\"");
  if (out.empty()) return out;
  return "<nav class=\"turn\" aria-label=\"" + escape_html(list.label) + "\">" + out + "</nav>\n";
}

std::string notice_html(const std::string& html) {
  return "<p class=\"notice\" role=\"status\">" + html + "</p>\n";
}

std::string link_html(std::string_view path, const std::string& html, std::string_view attributes) {
  return "<a href=\"" + escape_html(path) + "\"" + std::string(attributes) + ">" + html + "</a>";
}

std::string time_html(Instant at) {
  return "<time datetime=\"" + format_rfc3339(std::chrono::floor<std::chrono::seconds>(at)) + "\">" +
         kernel::new_york_text(at) + "</time>";
}

std::string duration_text(std::chrono::microseconds span) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(span).count();
  if (minutes < 1) return "under a minute";
  if (minutes < 60) return std::to_string(minutes) + " min";
  const auto hours = minutes / 60;
  if (hours < 24) return std::to_string(hours) + " h " + std::to_string(minutes % 60) + " min";
  const auto days = hours / 24;
  return std::to_string(days) + (days == 1 ? " day " : " days ") + std::to_string(hours % 24) + " h";
}

}  // namespace am::web
