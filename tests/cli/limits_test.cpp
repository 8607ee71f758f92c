// What a machine that gives little, or keeps much, does to `am`.

#include <csignal>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/am_process.hpp"
#include "support/served.hpp"

namespace am::test {
namespace {

using testing::HasSubstr;

/// `am` with so much address space, in KiB.
Finished am_within(long kibibytes, const std::vector<std::string>& args,
                   const std::map<std::string, std::string>& env) {
  std::vector<std::string> shell{"/bin/bash", "-c",
                                 "ulimit -v " + std::to_string(kibibytes) + "; exec \"$0\" \"$@\""};
  for (const std::string& word : am_command(args)) shell.push_back(word);
  return run_process(shell, {.env = env});
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // these want terabytes of address space

/// Below this the loader, the C++ library or the stack itself gives up at the start.
bool has_begun(const Finished& done) {
  return done.exit != 127 && done.signal != SIGABRT && done.signal != SIGSEGV &&
         done.err.find("error while loading") == std::string::npos;
}

/// From where main is reached to where the command has all that it needs: it ends well, or says what it lacks. Most
/// allocations are within the first MiB, so that is tried in small steps.
void expect_no_bug(const std::vector<std::string>& args, const std::map<std::string, std::string>& env) {
  constexpr long kMebi = 1L << 10U;
  constexpr long kStep = 128;
  long kibibytes = 12 * kMebi;
  while (kibibytes < 512 * kMebi && !has_begun(am_within(kibibytes, args, env))) kibibytes += kMebi;
  const long begun = kibibytes;
  int lacked = 0;
  bool ended_well = false;
  for (kibibytes -= kMebi; !ended_well && kibibytes < 512 * kMebi;
       kibibytes += kibibytes < begun ? kStep : kMebi) {
    const Finished done = am_within(kibibytes, args, env);
    ended_well = done.exit == 0;
    if (ended_well || (lacked == 0 && !has_begun(done))) continue;
    ++lacked;
    EXPECT_EQ(done.exit, 69) << kibibytes << " KiB, signal " << done.signal << "\n" << done.err;
    EXPECT_THAT(done.out + done.err,
                testing::AnyOf(HasSubstr("not enough memory"), HasSubstr("ulimit -u or -v")))
        << kibibytes << " KiB";
  }
  EXPECT_TRUE(ended_well) << args.front();
  EXPECT_GT(lacked, 0) << args.front();
}

TEST(Memory, TooLittleIsNoBug) {
  const TestDb home;
  expect_no_bug({"exit-codes", "-o", "json"}, desk_env(home));
  expect_no_bug({"run-weekly", "--now", kDeskNow}, desk_env(home));
}

#endif

TEST(CoreDump, ThereIsNone) {
  const TestDb home;
  const Served served(desk_env(home));
  std::ostringstream limits;
  limits << std::ifstream("/proc/" + std::to_string(served.pid()) + "/limits").rdbuf();
  EXPECT_THAT(limits.str(), testing::ContainsRegex("Max core file size +0 +0 "));
}

}  // namespace
}  // namespace am::test
