#include "cli/progress.hpp"

#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "am/kernel/log.hpp"
#include "cli/table.hpp"

namespace am::cli {
namespace {

TEST(ProgressLine, HasOneWidthAndFewPictures) {
  std::set<std::string> pictures;
  for (std::size_t done = 0; done <= 10000; ++done) pictures.insert(progress_line(done, 10000, "batches"));
  EXPECT_EQ(pictures.size(), 101);
  for (const std::string& picture : pictures) EXPECT_EQ(picture.size(), pictures.begin()->size());
  EXPECT_EQ(progress_line(2, 8, "weeks"), "[##########..............................]  25 % of 8 weeks");
  EXPECT_EQ(progress_line(0, 0, "weeks"), "[########################################] 100 % of 0 weeks");
}

TEST(LogStatus, IsDrawnWhenItChangesAndNeverMixedWithALine) {
  std::ostringstream err;
  kernel::Log log(err, {.level = kernel::LogLevel::warn, .format = kernel::LogFormat::text});
  log.status("");
  EXPECT_EQ(err.str(), "");
  for (int i = 0; i < 1000; ++i) log.status("[#.]");
  EXPECT_EQ(err.str(), "\r[#.]");
  log.info("not written");
  EXPECT_EQ(err.str(), "\r[#.]");
  log.warn("look");
  log.status("[##]");
  log.status("");
  log.status("");
  log.warn("again");
  EXPECT_EQ(err.str(), "\r[#.]\nwarn: look\n\r[##]\nwarn: again\n");
}

TEST(LogStatus, LeavesNothingOfALongerOne) {
  std::ostringstream err;
  kernel::Log log(err, {.level = kernel::LogLevel::warn, .format = kernel::LogFormat::text});
  log.status("waiting, 10 s");
  log.status("done");
  EXPECT_EQ(err.str(), "\rwaiting, 10 s\rdone         ");
}

TEST(TableColor, IsLaidOverTheSameText) {
  Table table({"what", "state", "n"});
  table.add({"a", {"good", Tone::good}, "1"});
  table.add({"longer", {"", Tone::bad}, "10"});
  table.add({"b", {"bad", Tone::bad}, ""});
  EXPECT_EQ(table.text(), "what    state   n\na       good    1\nlonger         10\nb       bad\n");
  EXPECT_EQ(
      table.text(true),
      "what    state   n\na       \x1b[32mgood\x1b[0m    1\nlonger         10\nb       \x1b[31mbad\x1b[0m\n");
}

}  // namespace
}  // namespace am::cli
