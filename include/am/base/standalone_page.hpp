#pragma once
// A page that is one file: its style sheet within it, no script, nothing loaded. Its Content-Security-Policy allows that one
// style sheet, by its hash, and nothing else.

#include <string>

namespace am {

struct StandalonePage {
  std::string title;  ///< text
  std::string style;
  std::string head_html, main_html, foot_html;
};

std::string standalone_page(const StandalonePage& page);

}  // namespace am
