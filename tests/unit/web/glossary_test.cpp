// The pages' words are docs/glossary.md's: the same, and of one meaning wherever they are used.

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "am/web/feed_section.hpp"
#include "am/web/forecast_section.hpp"
#include "am/web/strategy_section.hpp"
#include "support/html.hpp"
#include "support/picks_router.hpp"
#include "web/service.hpp"

namespace am::web {
namespace {

/// Word to meaning, of the table.
std::map<std::string, std::string> documented() {
  std::ifstream file(AM_SOURCE_DIR "/docs/glossary.md");
  std::map<std::string, std::string> out;
  for (std::string line; std::getline(file, line);) {
    const std::size_t bar = line.find(" | ");
    if (!line.starts_with("| ") || !line.ends_with(" |") || bar == std::string::npos) continue;
    const std::string word = line.substr(2, bar - 2);
    EXPECT_TRUE(out.emplace(word, line.substr(bar + 3, line.size() - bar - 5)).second) << word << " twice";
  }
  return out;
}

TEST(Glossary, ThePagesWordsAreTheDocuments) {
  const std::map<std::string, std::string> words = documented();
  ASSERT_GT(words.size(), 40U);
  std::set<std::string_view> seen;
  std::vector<const Section*> sections = test::picks_router().sections();
  sections.push_back(&forecast_section());
  sections.push_back(&feed_section());
  sections.push_back(&strategy_section());
  for (const Section* section : sections) {
    for (const Term& term : section->terms) {
      EXPECT_TRUE(seen.insert(term.word).second) << term.word << " in two sections";
      const auto found = words.find(std::string(term.word));
      ASSERT_NE(found, words.end()) << term.word;
      EXPECT_EQ(term.meaning, found->second) << term.word;
    }
  }
  for (const char* word : {"return", "earned", "benchmark, same side", "excess", "hit", "alpha"})
    EXPECT_TRUE(seen.contains(word)) << word;
}

TEST(Glossary, IsAPageThatCanBeLinkedInto) {
  const kernel::Desks none;
  const std::vector<kernel::RateLimit> limits;
  const std::function<kernel::ServerStats()> stats;
  const std::string root;
  struct NoReader : kernel::SnapshotReader {
    std::vector<kernel::Rows> read(const std::vector<kernel::Statement>& /*statements*/) override {
      return {};
    }
  } reader;
  const Source source{reader, {}, none, none, limits, stats, root, test::picks_router()};
  const std::string page = page_glossary({}, source).body;
  EXPECT_EQ(test::html_problems(page), std::vector<std::string>());
  EXPECT_NE(page.find("<dt id=\"benchmark-same-side\">benchmark, same side</dt>"), page.npos);
  EXPECT_NE(page.find("<code>skipped</code>"), page.npos);
  const std::string api = page_api({}, source).body;
  EXPECT_EQ(test::html_problems(api), std::vector<std::string>());
  for (const Route& route : test::picks_router().routes()) {
    const bool shown = api.find("<code>" + std::string(route.path) + "</code>") != api.npos;
    EXPECT_EQ(shown, !route.is_page() && route.content_type != kCssType && route.content_type != kSvgType)
        << route.path;
  }
}

}  // namespace
}  // namespace am::web
