#include "page_layout.hpp"

#include <array>

#include "am/base/hash.hpp"
#include "am/base/html.hpp"
#include "am/kernel/new_york.hpp"
#include "am/kernel/version.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/report_text.hpp"

namespace am::web {

namespace {

struct NavEntry {
  std::string_view path;
  std::string_view name;
};
constexpr std::array kEntries{NavEntry{"/", "Latest"}, NavEntry{"/pages/batches", "Batches"},
                              NavEntry{"/pages/report", "Report"}, NavEntry{"/pages/status", "Status"}};

/// A rising line on a square; no character in it needs escaping in a URI but '#' and '<', '>'.
constexpr std::string_view kIcon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' "
    "height='32' rx='7' fill='%231f5f8b'/%3E%3Cpath d='M6 22l7-6 5 3 8-10' fill='none' stroke='%23fbfaf7' "
    "stroke-width='3' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

std::string navigation(const PageFrame& frame) {
  std::string out = "<nav aria-label=\"Main\"><ul>";
  for (const NavEntry& entry : kEntries) {
    std::string_view current;
    if (entry.path == frame.here)
      current = frame.within ? " aria-current=\"true\"" : " aria-current=\"page\"";
    out += "<li>" + link_html(entry.path, std::string(entry.name), current) + "</li>";
  }
  return out + "</ul></nav>";
}

const std::string& style_path() {
  static const std::string kPath = "/style.css?v=" + sha256_hex(style_text()).substr(0, 12);
  return kPath;
}

constexpr std::array kMonths{"January", "February", "March",     "April",   "May",      "June",
                             "July",    "August",   "September", "October", "November", "December"};
constexpr std::array kWeekdays{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

std::string month_of(Date date) { return kMonths[static_cast<unsigned>(date.ymd().month()) - 1]; }
std::string weekday_of(Date date) { return kWeekdays[date.weekday().c_encoding()]; }
std::string day_of(Date date) { return std::to_string(static_cast<unsigned>(date.ymd().day())); }

}  // namespace

Document page_document(const PageFrame& frame, int status) {
  Document document{status, kHtmlType, {}};
  document.body =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escape_html(frame.title) +
      " \u00b7 Alpha Monday</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">"
      "<link rel=\"icon\" href=\"" +
      std::string(kIcon) + "\"><link rel=\"stylesheet\" href=\"" + style_path() +
      "\"></head>\n<body><a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
      "<header class=\"site\"><a class=\"brand\" href=\"/\">Alpha Monday</a>" +
      navigation(frame) + "</header>\n<main id=\"content\" tabindex=\"-1\">\n<div class=\"head\">" +
      frame.head_html + "</div>\n" + frame.main_html + "</main>\n<footer>" + frame.notes_html + "<p>am " +
      escape_html(kernel::version()) +
      " \u00b7 the same data as JSON: " + link_html("/openapi.json", "the API") +
      "</p></footer></body></html>\n";
  return document;
}

std::string batch_path(Date run_date) { return "/pages/batches/" + run_date.to_string(); }

std::string link_html(std::string_view path, const std::string& html, std::string_view attributes) {
  return "<a href=\"" + escape_html(path) + "\"" + std::string(attributes) + ">" + html + "</a>";
}

std::string cell(const std::string& html, std::string_view kind) {
  return kind.empty() ? "<td>" + html + "</td>" : "<td class=\"" + std::string(kind) + "\">" + html + "</td>";
}

std::string figure_cell(const std::optional<Decimal>& value) {
  return cell(picks::pretty_percent(value), picks::tone(value));
}

std::string row_head(const std::string& html) { return "<th scope=\"row\">" + html + "</th>"; }

std::string table_html(const std::string& caption, const std::vector<std::string>& columns,
                       const std::string& rows_html) {
  std::string head;
  for (const std::string& column : columns) {
    head += column.starts_with('<') ? "<th scope=\"col\" class=\"t\">" + column.substr(1) + "</th>"
                                    : "<th scope=\"col\">" + column + "</th>";
  }
  const std::string name = escape_html(caption);
  return "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" + name + "\"><table><caption>" +
         name + "</caption><thead><tr>" + head + "</tr></thead><tbody>" + rows_html +
         "</tbody></table></div>\n";
}

std::string tile_html(const std::string& name_html, const std::string& value_html,
                      const std::string& note_html, std::string_view kind) {
  return "<div><dt>" + name_html + "</dt><dd" +
         (kind.empty() ? std::string() : " class=\"" + std::string(kind) + "\"") + ">" + value_html +
         "<small>" + note_html + "</small></dd></div>";
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

std::string short_percent(const Decimal& value) {
  std::string size = value.abs().to_fixed(value.abs() < Decimal(100) ? 1 : 0);
  if (size == "0.0") return size;
  return (value.is_negative() ? "\u2212" : "+") + size;
}

std::string left_out_html(std::size_t count) {
  if (count == 0) return {};
  return (count == 1 ? "<p>1 stored figure cannot be right"
                     : "<p>" + std::to_string(count) + " stored figures cannot be right") +
         ", and the days that need it are left out: <code>am report</code> says which.</p>";
}

std::optional<std::string_view> closed_reason(Date date) {
  if (!market::kCalendarRange.contains(date)) return std::nullopt;
  return market::closed_reason(date);
}

}  // namespace am::web
