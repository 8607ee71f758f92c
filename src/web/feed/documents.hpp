#pragma once
// What the feed desk's section is made of. Private.

#include <string_view>
#include <vector>

#include "am/web/section.hpp"

namespace am::web {

inline constexpr std::string_view kFeedPage = "/pages/feed";

// feed_schemas.cpp, feed_style.cpp, feed_glossary.cpp
std::string_view feed_schemas();
std::string_view feed_style();
std::vector<Term> feed_terms();

// api_feed.cpp
std::vector<kernel::Statement> ask_feed_runs(const Args& args);
Document make_feed_runs(const Args& args, const std::vector<kernel::Rows>& results);
std::vector<kernel::Statement> ask_feed_run(const Args& args);
Document make_feed_run(const Args& args, const std::vector<kernel::Rows>& results);

// page_*.cpp
Document page_feed(const Args& args, const Source& source);
Document page_feed_run(const Args& args, const Source& source);

}  // namespace am::web
