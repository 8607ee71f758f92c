#pragma once
// The frame that every page has (navigation, landmarks, footer), and how the pages write links, dates and times. Private.
//
// Text and HTML are both std::string: a parameter named `text` is escaped here, one named `html` is not and has to be
// so already.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date_text.hpp"
#include "am/base/html_parts.hpp"
#include "am/web/router.hpp"

namespace am::web {

struct PageFrame {
  std::string title;  ///< text, of the window
  std::string
      description;  ///< text, of one sentence, for search engines and messages; empty: what the site is for
  std::string_view here;  ///< the path of the navigation's entry; empty: none
  bool within = false;    ///< a page below that entry, not the entry itself
  std::string head_html;  ///< <h1> and a line
  std::string main_html;
  std::string notes_html;  ///< in the footer
};

/// The whole page.
Document page_document(const PageFrame& frame, const Router& router, int status = 200);

/// A list in pages: `?page=` from 1 on. Behind the last one no list goes on.
inline constexpr long long kLastPage = 1'000'000;
long long page_of(const Args& args);

/// The links below a list to its pages before and behind this one; nothing where it has but one. What they say is HTML.
struct ListTurn {
  std::string path;
  std::string_view before = "← Newer", behind = "Older →";
  std::string_view label;  ///< "More runs"
};
std::string list_turn(const ListTurn& list, long long page, bool more);

/// A line above the page about how far it can be trusted just now.
std::string notice_html(const std::string& html);
std::string link_html(std::string_view path, const std::string& html, std::string_view attributes = "");
/// <time>: New York time with its zone, UTC for machines.
std::string time_html(Instant at);
/// "2 days 3 h", "3 h 12 min", "under a minute"; the sign is the caller's to say.
std::string duration_text(std::chrono::microseconds span);

}  // namespace am::web
