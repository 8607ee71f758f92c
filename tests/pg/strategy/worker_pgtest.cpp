// What a Python strategy is: its forms, what it is given, what survives a restart, and what happens when it dies.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/error_of.hpp"
#include "support/strategy/worker_bed.hpp"

namespace am::test {
namespace {

using namespace strategy;
using testing::Test;

std::string lines_of(const Evaluated& answer) {
  std::string text;
  for (const std::string& line : answer.output) text += line + "\n";
  return text + answer.error;
}

/// What both sandboxes have to do alike.
class PythonStrategy : public testing::TestWithParam<SandboxKind> {
 protected:
  WorkerBed bed(const std::string& code) const { return WorkerBed(code, GetParam()); }
  WorkerBed bed(const WorkerOptions& options) const { return WorkerBed(options, {.kind = GetParam()}); }
};

INSTANTIATE_TEST_SUITE_P(Sandbox, PythonStrategy, testing::Values(SandboxKind::bwrap, SandboxKind::landlock),
                         [](const auto& one) {
                           return one.param == SandboxKind::bwrap ? "Bwrap" : "Landlock";
                         });

TEST_P(PythonStrategy, AScriptIsRunWholeForEachBar) {
  auto script = bed(
      "warm_up_bars = 5\n"
      "count = globals().get('count', 0) + 1\n"
      "print(f'[MOCK] {bar.symbol} closed at {bar.close}', count, bar.timestamp, bar.volume, bar.timeframe)\n"
      "if bar.close > 101: send_signal('BUY', bar.close, 2.5, 0.75)\n");
  const Evaluated first = script.ask(bar_event(0, 100)), second = script.ask(bar_event(1, 102.5));
  EXPECT_EQ(lines_of(first), "[MOCK] AAPL closed at 100.0 1 2026-01-26T14:30:00Z 1000 1m\n");
  EXPECT_EQ(lines_of(second), "[MOCK] AAPL closed at 102.5 1 2026-01-26T14:31:00Z 1000 1m\n");
  EXPECT_TRUE(first.intents.empty());
  EXPECT_EQ(script.worker().warm_up_bars(), 5);
  ASSERT_EQ(second.intents.size(), 1U);
  EXPECT_EQ(second.intents[0], (Intent{Side::buy, 102.5, 2.5, 0.75, "{}"}));
  EXPECT_EQ(second.at, bar_event(1, 102.5).bar.start);
  EXPECT_EQ(lines_of(script.ask(trade_event(2, 101))), "");  // as in the seed: a script sees bars
}

TEST_P(PythonStrategy, FunctionsAreCalledForBarsAndTrades) {
  auto functions = bed(
      "warm_up_bars = 30\n"
      "def on_start(): print('started', symbol, params['n'] if params else None)\n"
      "def on_bar(bar): print('bar', bar.close)\n"
      "def on_trade(trade):\n"
      "    print('trade', trade.price, trade.size, trade.timestamp)\n"
      "    send_signal(action='SELL', price=trade.price, quantity=1, confidence=1, metadata={'why': 'ü'})\n"
      "def on_stop(): print('stopped')\n");
  EXPECT_EQ(lines_of(functions.ask(event_of(EventKind::start))), "started AAPL None\n");
  EXPECT_EQ(functions.worker().warm_up_bars(), 30);
  EXPECT_EQ(lines_of(functions.ask(bar_event(0, 100))), "bar 100.0\n");
  const Evaluated trade = functions.ask(trade_event(1, 101.25));
  EXPECT_EQ(lines_of(trade), "trade 101.25 3.0 2026-01-26T14:31:00Z\n");
  ASSERT_EQ(trade.intents.size(), 1U);
  EXPECT_EQ(trade.intents[0], (Intent{Side::sell, 101.25, 1, 1, R"({"why":"ü"})"}));
  EXPECT_EQ(lines_of(functions.ask(event_of(EventKind::stop))), "stopped\n");
}

/// The seed's own listings.
TEST_P(PythonStrategy, AClassOfTheSeedRunsUnchanged) {
  auto mock =
      bed("from strategies.base_strategy import BaseStrategy\n"
          "from models.market_data import Bar, Trade, ControlEvent\n"
          "class MockStrategy(BaseStrategy):\n"
          "    def __init__(self, strategy_id: str, symbol: str, session_id: str = None):\n"
          "        super().__init__(strategy_id, symbol, session_id)\n"
          "        self.closes = []\n"
          "    def on_start(self):\n"
          "        print(self.symbol, self.strategy_id[:4], self.session_id[:4])\n"
          "    def on_bar(self, bar: Bar):\n"
          "        self.closes.append(bar.close)\n"
          "        print(f'[MOCK] {bar.symbol} closed at {bar.close}')\n"
          "        if len(self.closes) == 2:\n"
          "            self.send_signal('BUY', bar.close, 10, 0.9)\n"
          "    def on_trade(self, trade: Trade):\n"
          "        print(f'[MOCK] {trade.symbol} trade at {trade.price} {trade.tickType}')\n");
  EXPECT_EQ(lines_of(mock.ask(event_of(EventKind::start))), "AAPL 1111 2222\n");
  EXPECT_EQ(lines_of(mock.ask(bar_event(0, 100))), "[MOCK] AAPL closed at 100.0\n");
  const Evaluated second = mock.ask(bar_event(1, 101));
  ASSERT_EQ(second.intents.size(), 1U);
  EXPECT_EQ(second.intents[0], (Intent{Side::buy, 101, 10, 0.9, "{}"}));
  EXPECT_EQ(lines_of(mock.ask(trade_event(2, 99.5))), "[MOCK] AAPL trade at 99.5 trade\n");
}

TEST_P(PythonStrategy, ModelsAreMadeByKeywordsAndRead) {
  auto models =
      bed("from models.market_data import Bar, Trade, ControlEvent\n"
          "def on_bar(bar):\n"
          "    copy = Bar(**bar.model_dump())\n"
          "    print(copy == bar, copy)\n"
          "    print(ControlEvent(action='subscribe', symbol='AAPL', type='stock').dict())\n"
          "    Trade(symbol='AAPL')\n");
  EXPECT_EQ(
      lines_of(models.ask(bar_event(0, 100))),
      "True Bar(symbol='AAPL', timeframe='1m', open=100.0, high=101.0, low=99.0, close=100.0, volume=1000, "
      "timestamp='2026-01-26T14:30:00Z')\n"
      "{'action': 'subscribe', 'symbol': 'AAPL', 'type': 'stock', 'strategyId': None, 'sessionId': None}\n"
      "line 6: TypeError: Trade: price is missing");
}

TEST_P(PythonStrategy, WhatIsHeldIsToldBeforeTheNextEvent) {
  auto strategy = bed("def on_bar(bar): print(bool(position), position.quantity, position.average_price)\n");
  EXPECT_EQ(lines_of(strategy.ask(bar_event(0, 100))), "False 0.0 0.0\n");
  strategy.worker().position({4, 402});
  EXPECT_EQ(lines_of(strategy.ask(bar_event(1, 100))), "True 4.0 100.5\n");
}

TEST_P(PythonStrategy, ErrorsNameTheStrategysLine) {
  auto strategy =
      bed("import json\n"
          "def on_bar(bar):\n"
          "    if bar.close > 100:\n"
          "        json.loads('{')\n"
          "    return 1 / 0\n");
  EXPECT_EQ(strategy.ask(bar_event(0, 100)).error, "line 5: ZeroDivisionError: division by zero");
  EXPECT_EQ(strategy.ask(bar_event(1, 101)).error.substr(0, 24), "line 4: JSONDecodeError:");
  EXPECT_EQ(strategy.worker().state(), WorkerState::live);
}

TEST_P(PythonStrategy, OneThatCannotBeLoadedFailsAtOnceAndSaysWhere) {
  const struct {
    const char *code, *reason;
  } cases[] = {
      {"def on_bar(bar):\n    x = = 1\n", "line 2: SyntaxError: invalid syntax"},
      {"x = 1\ndef on_bar(bar): pass\nraise RuntimeError('no')\n", "line 3: RuntimeError: no"},
      {"import nowhere_at_all\ndef on_bar(bar): pass\n",
       "line 1: ModuleNotFoundError: No module named 'nowhere_at_all'"},
      {"class A:\n  def on_bar(self, bar): pass\nclass B:\n  def on_bar(self, bar): pass\n",
       "which class is the strategy can't be told (expected one, got A, B)"},
      {"warm_up_bars = -1\ndef on_bar(bar): pass\n", "warm_up_bars must be a whole number from 0 to 100000"},
  };
  for (const auto& each : cases) {
    auto strategy = bed(each.code);
    ASSERT_TRUE(strategy.until_state(WorkerState::failed));
    EXPECT_EQ(strategy.worker().reason(), each.reason);
  }
}

TEST_P(PythonStrategy, StateSurvivesAKillAndNoEventIsLostOrSeenTwice) {
  auto strategy =
      bed("def on_start(): print('started')\n"
          "def on_bar(bar):\n"
          "    state['closes'] = state.get('closes', []) + [bar.close]\n"
          "    state['large'] = 2 ** 80\n"
          "    print(state['closes'])\n");
  EXPECT_EQ(lines_of(strategy.ask(event_of(EventKind::start))), "started\n");
  EXPECT_EQ(lines_of(strategy.ask(bar_event(0, 1.5))), "[1.5]\n");
  for (const pid_t each : descendants()) kill(each, SIGKILL);
  EXPECT_EQ(lines_of(strategy.ask(bar_event(1, 2.5))), "[1.5, 2.5]\n");
  EXPECT_NE(strategy.worker().reason().find("signal 9"), std::string::npos) << strategy.worker().reason();
  EXPECT_EQ(strategy.worker().snapshot(), R"({"closes":[1.5,2.5],"large":1208925819614629174706176})");

  WorkerOptions elsewhere =
      worker_options("def on_bar(bar): print(state['closes'], state['large'] == 2 ** 80)\n");
  elsewhere.snapshot = strategy.worker().snapshot();
  auto next = bed(elsewhere);
  EXPECT_EQ(lines_of(next.ask(bar_event(2, 3.5))), "[1.5, 2.5] True\n");
}

TEST_P(PythonStrategy, AScriptMaySetItsStateAnew) {
  auto strategy = bed("state = {**state, 'n': state.get('n', 0) + 1}\nprint(state)\n");
  strategy.ask(bar_event(0, 1));
  EXPECT_EQ(lines_of(strategy.ask(bar_event(1, 1))), "{'n': 2}\n");
  EXPECT_EQ(strategy.worker().snapshot(), R"({"n":2})");
}

TEST_P(PythonStrategy, TheThirdDeathInTenMinutesIsTheLast) {
  auto strategy = bed("import os\ndef on_bar(bar): os._exit(3)\n");
  strategy.worker().offer(bar_event(0, 1));
  ASSERT_TRUE(strategy.until_state(WorkerState::failed));
  EXPECT_EQ(strategy.worker().reason(), "it ended with exit code 3");
  EXPECT_EQ(strategy.worker().pending(), 1U);
  EXPECT_EQ(strategy.worker().fd(), -1);
  EXPECT_TRUE(descendants().empty());
}

TEST_P(PythonStrategy, OneThatNeverComesUpIsEnded) {
  WorkerBed strategy(worker_options("while True: pass\ndef on_bar(bar): pass\n"),
                     {.kind = GetParam(), .start_limit = std::chrono::milliseconds(400)});
  ASSERT_TRUE(strategy.until([&] { return !strategy.worker().reason().empty(); }));
  EXPECT_EQ(strategy.worker().reason(), "it used more than 400 ms of a processor before it was ready");
}

TEST_P(PythonStrategy, ABatchStopsAtASignalSoThatWhatIsHeldIsKnown) {
  WorkerOptions options = worker_options(
      "def on_bar(bar):\n"
      "    print(position.quantity)\n"
      "    if bar.close % 7 == 0: send_signal('BUY', bar.close, 1, 1)\n");
  options.batch = 100;
  auto strategy = bed(options);
  for (int i = 0; i < 500; ++i) strategy.worker().offer(bar_event(i, i + 1, i < 100));
  double held = 0;
  std::size_t seen = 0;
  ASSERT_TRUE(strategy.until([&] {
    for (; seen < strategy.answers().size(); ++seen) {
      const Evaluated& answer = strategy.answers()[seen];
      EXPECT_EQ(answer.at, bar_event(static_cast<int>(seen), 1).bar.start);
      EXPECT_EQ(answer.output, std::vector<std::string>{std::to_string(static_cast<int>(held)) + ".0"})
          << seen;
      EXPECT_EQ(answer.intents.size(), (seen + 1) % 7 == 0 ? 1U : 0U);
      if (!answer.muted && !answer.intents.empty()) strategy.worker().position({++held, 100 * held});
    }
    return seen == 500;
  }));
}

TEST_P(PythonStrategy, ItsQueueIsBounded) {
  WorkerOptions options = worker_options("def on_bar(bar): pass\n");
  options.most_pending = 3;
  auto strategy = bed(options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(strategy.worker().offer(bar_event(i, 1)));
  EXPECT_FALSE(strategy.worker().offer(bar_event(3, 1)));
  ASSERT_TRUE(strategy.until([&] { return strategy.answers().size() == 3; }));
  EXPECT_TRUE(strategy.worker().offer(bar_event(3, 1)));
}

TEST_P(PythonStrategy, NumpyIsThereWhereItIsInstalled) {
  auto strategy = bed("import numpy\nprint(float(numpy.mean([bar.close, bar.close + 1])))\n");
  EXPECT_EQ(lines_of(strategy.ask(bar_event(0, 100))), "100.5\n");
}

TEST_P(PythonStrategy, TheSameOrderOfASetEachTime) {
  std::vector<std::string> said;
  for (int i = 0; i < 3; ++i)
    said.push_back(lines_of(bed("print(list({'a', 'bb', 'ccc', 'dddd'}))").ask(bar_event(0, 1))));
  EXPECT_EQ(said[0], said[1]);
  EXPECT_EQ(said[0], said[2]);
}

/// Time in which others have the processors is not the strategy's.
TEST_P(PythonStrategy, SurvivesWhereTwiceAsManyAreBusyAsThereAreProcessors) {
  const pid_t parent = getpid();
  std::vector<pid_t> busy;
  for (long i = 0; i < 2 * sysconf(_SC_NPROCESSORS_ONLN); ++i) {
    busy.push_back(fork());
    if (busy.back() == 0) {
      while (getppid() == parent) {
      }
      _exit(0);
    }
  }
  auto strategy = bed("def on_bar(bar):\n    n = 0\n    for i in range(100000): n += i\n    print(n)\n");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(lines_of(strategy.ask(bar_event(i, 1))), "4999950000\n");
  EXPECT_EQ(strategy.worker().reason(), "");
  for (const pid_t each : busy) {
    kill(each, SIGKILL);
    waitpid(each, nullptr, 0);
  }
}

TEST_P(PythonStrategy, GoesWithItsEngine) {
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

TEST_P(PythonStrategy, TheSandboxHoldsForRootAndForAnOrdinaryUser) {
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

}  // namespace
}  // namespace am::test
