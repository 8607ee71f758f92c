// The real `am` on a real terminal: colour comes by itself there, goes where it is not wanted, and changes no text.

#include <filesystem>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/am_process.hpp"

namespace am::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What a person sees: stdout and stderr are one terminal.
std::string on_terminal(const std::string& args, std::map<std::string, std::string> env) {
  env.insert({{"PATH", "/usr/bin:/bin"}, {"TERM", "xterm"}});
  const std::vector<std::string> shell{"/usr/bin/script", "-qec", std::string(AM_BINARY_DIR "/am ") + args,
                                       "/dev/null"};
  std::string seen = run_process(shell, {.env = env}).out;
  std::erase(seen, '\r');
  return seen;
}

TEST(Terminal, ColourComesByItselfAndIsNoPartOfTheText) {
  ASSERT_TRUE(std::filesystem::exists("/usr/bin/script")) << "script(1) of bsdutils is missing";
  const TestDb home;
  const std::map<std::string, std::string> env = desk_env(home);
  const std::string plain = am({"migrate", "status"}, env).out;
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));

  const std::string seen = on_terminal("migrate status", env);
  EXPECT_THAT(seen, HasSubstr("\x1b[32mapplied\x1b[0m"));
  EXPECT_EQ(std::regex_replace(seen, std::regex("\x1b\\[[0-9]+m"), ""), plain);

  const auto with = [&](const std::string& name, const std::string& value) {
    auto changed = env;
    changed[name] = value;
    return changed;
  };
  EXPECT_EQ(on_terminal("migrate status", with("NO_COLOR", "1")), plain);
  EXPECT_EQ(on_terminal("migrate status", with("TERM", "dumb")), plain);
  EXPECT_EQ(on_terminal("migrate status --color never", env), plain);
  EXPECT_EQ(on_terminal("migrate status --color always", with("NO_COLOR", "1")), seen);
  EXPECT_EQ(on_terminal("migrate status", with("NO_COLOR", "")), seen) << "an empty NO_COLOR is none";
  EXPECT_EQ(am({"migrate", "status", "--color", "always"}, env).out, seen);
  EXPECT_THAT(on_terminal("migrate status | cat", env), Not(HasSubstr("\x1b"))) << "stdout is a pipe";
}

TEST(Terminal, ErrorsAreColouredOnStderr) {
  const std::string seen = on_terminal("version --nonsense", {});
  EXPECT_THAT(seen, HasSubstr("\x1b[31mam:\x1b[0m version --nonsense: unknown option\n"));
  EXPECT_THAT(on_terminal("version --nonsense 2>&1 | cat", {}), Not(HasSubstr("\x1b")));
}

TEST(Terminal, BarIsAloneOnItsLine) {
  const TestDb home;
  auto env = desk_env(home);
  const std::string backfill =
      "backfill --from 2000-01-10 --to 2000-01-17 --picker momentum --prices csv:" AM_SOURCE_DIR
      "/examples/market --now 2001-02-01T15:00:00Z --log-level warn";
  EXPECT_THAT(on_terminal(backfill, env), HasSubstr("100 % of 2 weeks\nbatches_created: 2\n"));
  EXPECT_THAT(on_terminal("verify data --log-level warn", env),
              HasSubstr("[########################################] 100 % of 2 batches\n2 batches, "));
  env["TERM"] = "dumb";
  EXPECT_THAT(on_terminal("verify data --log-level warn", env), Not(HasSubstr("100 %")));
}

/// Whoever looks on is told why nothing happens; a log is not filled with it.
TEST(Terminal, SaysThatItWaitsForABudget) {
  const TestDb home;
  home.open()->query(
      "INSERT INTO ops.rate_limits (key, paused_until) "
      "VALUES ('alpha_vantage', clock_timestamp() + interval '1 hour')");
  auto env = desk_env(home);
  env["ALPHA_VANTAGE_API_KEY"] = "TERMINALKEY";
  env["AM_PICKER"] = "file:" AM_SOURCE_DIR "/tests/fixtures/desk/picks.json";
  env["AM_PRICES"] = "alpha-vantage";
  const std::string weekly = "run-weekly --max-wait 7200 --now " + kDeskNow;
  const std::string seen = on_terminal(weekly + " & p=$!; sleep 2.5; kill $p; wait $p", env);
  EXPECT_THAT(seen, HasSubstr("waiting for the request budget of alpha-vantage, 0 s so far"));
  EXPECT_THAT(seen, HasSubstr("s so far\n"));
  env["TERM"] = "dumb";
  EXPECT_THAT(on_terminal(weekly + " & p=$!; sleep 2; kill $p; wait $p", env), Not(HasSubstr("waiting")));
}

}  // namespace
}  // namespace am::test
