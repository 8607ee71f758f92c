#include "am/picks/report_guide.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace am::picks {
namespace {

TEST(ReportGuide, IsWhatTheDocumentationSays) {
  std::ifstream file(AM_SOURCE_DIR "/docs/how-to-read-the-report.md");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), guide_markdown()) << "src/picks/report_guide.cpp is where it is written";
}

TEST(ReportGuide, SaysOfEachFigureWhatItCannotSay) {
  ASSERT_GE(guide_parts().size(), 12U);
  const std::string html = guide_html();
  for (const GuidePart& part : guide_parts()) {
    EXPECT_FALSE(part.can.empty() || part.cannot.empty()) << part.title;
    EXPECT_NE(html.find("<h2>" + std::string(part.title) + "</h2>"), html.npos) << part.title;
  }
  EXPECT_NE(html.find("&quot;No verdict yet&quot; is not &quot;no alpha&quot;"), html.npos);
}

}  // namespace
}  // namespace am::picks
