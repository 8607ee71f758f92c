#pragma once
// How to read the report: what each of its figures can and cannot say, in a reader's words. One text for the documentation
// (docs/how-to-read-the-report.md, which a test compares) and for the page.

#include <span>
#include <string>
#include <string_view>

namespace am::picks {

struct GuidePart {
  std::string_view title;
  std::string_view can;     ///< what it says
  std::string_view cannot;  ///< what it does not say
};

std::string_view guide_title();
std::string_view guide_opening();
std::span<const GuidePart> guide_parts();

/// The whole as Markdown, lines of 110 characters at most, and as HTML without its title.
std::string guide_markdown();
std::string guide_html();

}  // namespace am::picks
