// A crawl that fails at any call, and goes on: what is stored is what an undisturbed one leaves, each page once.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "am/base/text.hpp"
#include "crawl_bed.hpp"
#include "support/feed_rows.hpp"

namespace am::feed {
namespace {

using test::Crash;
using test::CrashPoint;

Shelf small_shelf() {
  Shelf shelf(12, 100);
  for (int i = 0; i < 13; ++i) shelf.stones.push_back({"t" + std::to_string(1000 + i), i < 3 ? 400 : 900});
  return shelf;
}

/// Whoever goes on asks once more for a last stone that stood alone: pages count by what they hold, not by their number.
std::string dump_crawl(kernel::Sql& sql) {
  std::set<std::string> lines;
  for (const std::string& line : split(test::dump_feed(sql), '\n')) {
    std::vector<std::string> words = split(line, ' ');
    if (words[0] == "page") words.erase(words.begin() + 2);
    lines.insert(join(words, " "));
  }
  return join(std::vector<std::string>(lines.begin(), lines.end()), "\n");
}

class CrawlSweep : public testing::TestWithParam<Crash> {};

TEST_P(CrawlSweep, OneThatFailsAnywhereGoesOn) {
  const test::SweptJob job{.desk = {dump_crawl, test::empty_feed},
                           .prepare =
                               [](const test::TestDb& home) {
                                 CrawlBed bed(home);
                                 bed.run_of({{{0, 500}, 15}, {{500, 1000}, 13}});
                               },
                           .run =
                               [](const test::TestDb& home, CrashPoint& point) {
                                 CrawlBed bed(home, [&](std::string_view what) { point(what); });
                                 Shelf shelf = small_shelf();
                                 shelf.before_page = [&] { point("vendor call"); };
                                 bed.make_ready();
                                 bed.work(shelf);
                               },
                           .after_crash =
                               [](kernel::Sql& sql) {
                                 test::bury_holders(sql);
                                 sql.query("UPDATE feed.partition_progress SET failed_pages = 0");
                               }};
  EXPECT_GT(test::sweep(job, GetParam()), 40);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, CrawlSweep,
                         testing::Values(Crash::error_once, Crash::death, Crash::lost_connection),
                         [](const auto& one) {
                           std::string name(test::crash_name(one.param));
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace am::feed
