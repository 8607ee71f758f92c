#include "page_layout.hpp"

#include <array>

#include "am/base/html.hpp"
#include "am/kernel/new_york.hpp"
#include "am/kernel/version.hpp"

namespace am::web {

namespace {

/// A rising line on a square; no character in it needs escaping in a URI but '#' and '<', '>'.
constexpr std::string_view kIcon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' "
    "height='32' rx='7' fill='%231f5f8b'/%3E%3Cpath d='M6 22l7-6 5 3 8-10' fill='none' stroke='%23fbfaf7' "
    "stroke-width='3' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

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

constexpr std::array kMonths{"January", "February", "March",     "April",   "May",      "June",
                             "July",    "August",   "September", "October", "November", "December"};
constexpr std::array kWeekdays{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

std::string month_of(Date date) { return kMonths[static_cast<unsigned>(date.ymd().month()) - 1]; }
std::string weekday_of(Date date) { return kWeekdays[date.weekday().c_encoding()]; }
std::string day_of(Date date) { return std::to_string(static_cast<unsigned>(date.ymd().day())); }

}  // namespace

Document page_document(const PageFrame& frame, const Router& router, int status) {
  Document document{status, kHtmlType, {}};
  document.body =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escape_html(frame.title) +
      " \u00b7 Alpha Monday</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">"
      "<link rel=\"icon\" href=\"" +
      std::string(kIcon) + "\"><link rel=\"stylesheet\" href=\"" + router.style_path() +
      "\"></head>\n<body><a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
      "<header class=\"site\"><a class=\"brand\" href=\"/\">Alpha Monday</a>" +
      navigation(frame, router) + "</header>\n<main id=\"content\" tabindex=\"-1\">\n<div class=\"head\">" +
      frame.head_html + "</div>\n" + frame.main_html + "</main>\n<footer>" + frame.notes_html + "<p>am " +
      escape_html(kernel::version()) +
      " \u00b7 the same data as JSON: " + link_html("/openapi.json", "the API") +
      "</p></footer></body></html>\n";
  return document;
}

std::string link_html(std::string_view path, const std::string& html, std::string_view attributes) {
  return "<a href=\"" + escape_html(path) + "\"" + std::string(attributes) + ">" + html + "</a>";
}

std::string long_date(Date date) {
  return weekday_of(date) + ", " + day_of(date) + " " + month_of(date) + " " + std::to_string(date.year());
}

std::string weekday_date(Date date) { return weekday_of(date).substr(0, 3) + " " + day_month(date); }

std::string day_month(Date date) { return day_of(date) + " " + month_of(date).substr(0, 3); }

std::string date_html(Date date, const std::string& text) {
  return "<time datetime=\"" + date.to_string() + "\">" + escape_html(text) + "</time>";
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
