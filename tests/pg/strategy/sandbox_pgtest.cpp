// The sandbox as such: that it holds, what it says where it can't be made, that nothing of it stays; and looking at a
// strategy in it.

#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "am/strategy/bars.hpp"
#include "am/strategy/check.hpp"
#include "support/error_of.hpp"
#include "support/strategy/worker_bed.hpp"

namespace am::test {
namespace {

using namespace strategy;
using testing::HasSubstr;

class SandboxKinds : public testing::TestWithParam<SandboxKind> {};

INSTANTIATE_TEST_SUITE_P(Sandbox, SandboxKinds, testing::Values(SandboxKind::bwrap, SandboxKind::landlock),
                         [](const auto& one) {
                           return one.param == SandboxKind::bwrap ? "Bwrap" : "Landlock";
                         });

TEST_P(SandboxKinds, GoesWithItsEngine) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t engine = fork();
  if (engine == 0) {
    WorkerBed strategy("def on_bar(bar):\n    while True: pass\n", GetParam());
    strategy.until_state(WorkerState::live);
    strategy.worker().offer(bar_event(0, 1));
    strategy.turn(std::chrono::milliseconds(0));
    for (const pid_t each : descendants())
      if (write(ends[1], &each, sizeof each) < 0) _exit(1);
    kill(getpid(), SIGKILL);
  }
  close(ends[1]);
  std::vector<pid_t> left;
  for (pid_t each = 0; read(ends[0], &each, sizeof each) == sizeof each;) left.push_back(each);
  close(ends[0]);
  waitpid(engine, nullptr, 0);
  ASSERT_FALSE(left.empty());
  const auto is_gone = [](pid_t each) {
    std::ifstream file("/proc/" + std::to_string(each) + "/stat");
    std::string text;
    std::getline(file, text);
    return text.empty() || text.find(") Z") != std::string::npos;
  };
  for (const pid_t each : left)
    for (int i = 0; i < 1000 && !is_gone(each); ++i) usleep(10'000);
  for (const pid_t each : left) EXPECT_TRUE(is_gone(each));
}

TEST_P(SandboxKinds, TheSandboxHoldsForRootAndForAnOrdinaryUser) {
  probe_sandbox({.kind = GetParam()});
  EXPECT_EQ(as_ordinary_user([&] {
              probe_sandbox({.kind = GetParam()});
              return std::string();
            }),
            "");
}

TEST(PythonSandbox, WhatItNeedsIsNamedWhereItIsMissing) {
  const Error outside = error_of([] { probe_sandbox({.python = "/opt/python/bin/python3"}); });
  EXPECT_EQ(outside.kind(), ErrorKind::config);
  EXPECT_EQ(
      outside.message(),
      "strategy.sandbox: /opt/python/bin/python3: a sandbox shows /usr alone (expected Python below it)");
  const Error none = error_of([] { probe_sandbox({.python = "/usr/bin/python0"}); });
  EXPECT_EQ(none.message(), "strategy.sandbox: /usr/bin/python0: there is no Python");
}

TEST(PythonSandbox, ParametersAndStateAreJsonObjects) {
  WorkerOptions options = worker_options("pass");
  options.params = "[1]";
  EXPECT_EQ(error_of([&] { make_python_worker(options, {}); }).kind(), ErrorKind::usage);
  options.params = "{}";
  options.snapshot = "{";
  EXPECT_EQ(error_of([&] { make_python_worker(options, {}); }).kind(), ErrorKind::data);
}

/// As RestrictNamespaces=yes of a unit, or a container's profile.
bool forbid_namespaces() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  const scmp_arg_cmp of_user{0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER};
  for (const char* name : {"clone", "unshare"})
    if (seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), seccomp_syscall_resolve_name(name), 1,
                               &of_user) != 0)
      return false;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && seccomp_load(filter) == 0;
}

TEST(PythonSandbox, WithoutNamespacesTheRemedyIsSaidAndLandlockHolds) {
  const std::string said = as_ordinary_user([] {
    if (!forbid_namespaces()) return std::string("no filter");
    probe_sandbox({.kind = SandboxKind::landlock});
    const Error refused = error_of([] { probe_sandbox({}); });
    return std::string(error_kind_name(refused.kind())) + ": " + refused.message() + " | " + refused.hint();
  });
  EXPECT_THAT(
      said,
      HasSubstr(
          "config: strategy.sandbox: bwrap: no worker can be started: it ended with exit code 1: bwrap:"));
  EXPECT_THAT(said, HasSubstr("or set strategy.sandbox = \"landlock\""));
}

StrategyCheck checked(const std::string& code) {
  const std::vector<Bar> bars = parse_bars_csv(bundled_bars_csv(), "bundled");
  return check_strategy({.code = code}, bars);
}

TEST(StrategyChecks, ARestartChangesNothingWhereStateHoldsWhatItGoesBy) {
  const StrategyCheck check = checked(
      "state['n'] = state.get('n', 0) + 1\n"
      "print(state['n'])\n"
      "if state['n'] % 100 == 0: send_signal('SELL' if position else 'BUY', bar.close, 1, 1)\n");
  EXPECT_EQ(check.difference, std::nullopt);
  EXPECT_EQ(check.whole.failure + check.restarted.failure, "");
  EXPECT_EQ(check.whole.bars, 390U);
  EXPECT_EQ(check.restarted_after, 195U);
  ASSERT_EQ(check.whole.signals.size(), 3U);
  EXPECT_EQ(check.whole.signals[1].intent.side, Side::sell);
  EXPECT_EQ(check.whole.signals, check.restarted.signals);
  EXPECT_EQ(check.whole.lines, 390U);
  EXPECT_EQ(check.whole.output.size(), 20U);
  EXPECT_EQ(check.whole.took.size(), 390U);
  EXPECT_EQ(check.whole.state, "{\"n\":390}");
}

TEST(StrategyChecks, WhatDoesNotSurviveARestartIsFound) {
  const StrategyCheck check = checked(
      "n = 0\n"
      "def on_bar(bar):\n"
      "    global n\n"
      "    n += 1\n"
      "    if n % 100 == 0: send_signal('BUY', bar.close, 1, 1)\n");
  ASSERT_TRUE(check.difference);
  EXPECT_THAT(*check.difference, HasSubstr("signal 2: whole BUY 1.000000 at "));
}

TEST(StrategyChecks, ErrorsAreCountedAndAKillEndsIt) {
  const StrategyCheck errors = checked("def on_bar(bar):\n    bar.nothing\n");
  ASSERT_EQ(errors.whole.errors.size(), 1U);
  EXPECT_THAT(errors.whole.errors.begin()->first, HasSubstr("line 2: AttributeError"));
  EXPECT_EQ(errors.whole.errors.begin()->second, 390U);
  const StrategyCheck killed = checked("def on_bar(bar):\n    while True: pass\n");
  EXPECT_EQ(killed.whole.failure, "it used more than 50 ms of a processor in one callback");
  EXPECT_EQ(killed.whole.bars, 0U);
}

}  // namespace
}  // namespace am::test
