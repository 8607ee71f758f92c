// Strategies that want out, or want to be in the way: tests/fixtures/strategy/hostile. Each in both sandboxes, started by
// root and by an ordinary user, beside an honest one that goes on being answered; and nothing of it is left.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/strategy/worker_bed.hpp"

namespace am::test {
namespace {

using namespace strategy;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::filesystem::path hostile_folder() {
  return std::filesystem::path(AM_SOURCE_DIR) / "tests/fixtures/strategy/hostile";
}

std::vector<std::string> hostile_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(hostile_folder()))
    names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

struct HostileCase {
  std::string text, outcome, said;  ///< "killed", "error" or "answer", and what is said of it
};

HostileCase hostile_case(const std::string& name) {
  std::ifstream file(hostile_folder() / (name + ".py"));
  HostileCase read{{std::istreambuf_iterator<char>(file), {}}, {}, {}};
  const std::string first = read.text.substr(0, read.text.find('\n')), mark = "# expect: ";
  const auto colon = first.find(':', mark.size());
  read.outcome = first.substr(mark.size(), colon - mark.size());
  read.said = colon + 2 < first.size() ? first.substr(colon + 2) : "";
  return read;
}

/// What is wrong with how it went; empty: nothing.
std::string judge(const HostileCase& expected, WorkerBed& bed) {
  std::string killed = bed.worker().reason(), error, output;
  for (const Evaluated& each : bed.answers()) {
    error += each.error;
    for (const std::string& line : each.output) output += line + "\n";
    if (each.intents.size() > 16 || each.error.size() > 2100 || each.output.size() > 52)
      return "beyond its bounds";
  }
  if (output.find("ESCAPED") != std::string::npos) return output;
  const std::string& text = expected.outcome == "killed"  ? killed
                            : expected.outcome == "error" ? error
                                                          : output;
  const bool is_so = !text.empty() && text.find(expected.said) != std::string::npos &&
                     (expected.outcome == "killed" || killed.empty());
  return is_so ? "" : "killed [" + killed + "] error [" + error + "] output [" + output + "]";
}

/// Both sandboxes at once, and an honest strategy in each.
std::string run_hostile(const HostileCase& expected) {
  std::set<pid_t> seen;
  std::string problems;
  {
    WorkerBed hostile[] = {WorkerBed(expected.text, SandboxKind::bwrap),
                           WorkerBed(expected.text, SandboxKind::landlock)};
    WorkerBed honest("def on_bar(bar):\n    send_signal('BUY', bar.close, 1, 1)\n");
    const auto end = steady_clock::now() + seconds(15);
    auto asked_at = steady_clock::now();
    seconds slowest{0};
    int bars = 0;
    const auto is_over = [](WorkerBed& bed) {
      return !bed.answers().empty() || !bed.worker().reason().empty();
    };
    for (WorkerBed& bed : hostile) {
      bed.worker().offer(bar_event(0, 100));
      if (expected.said == "without being asked") bed.until([&] { return !bed.answers().empty(); });
    }
    const auto all_over = [&] {
      if (expected.outcome == "killed")
        return !hostile[0].worker().reason().empty() && !hostile[1].worker().reason().empty();
      return is_over(hostile[0]) && is_over(hostile[1]);
    };
    while ((!all_over() || honest.answers().empty()) && steady_clock::now() < end) {
      if (honest.worker().pending() == 0) {
        slowest = std::max(slowest, std::chrono::duration_cast<seconds>(steady_clock::now() - asked_at));
        asked_at = steady_clock::now();
        honest.worker().offer(bar_event(bars++, 100));
      }
      for (WorkerBed* bed : {&hostile[0], &hostile[1], &honest}) bed->turn(std::chrono::milliseconds(2));
      for (const pid_t each : descendants()) seen.insert(each);
    }
    const char* const names[] = {"bwrap: ", "landlock: "};
    for (int i = 0; i < 2; ++i)
      if (const std::string problem = judge(expected, hostile[i]); !problem.empty())
        problems += names[i] + problem + "; ";
    if (honest.answers().empty() || !honest.worker().reason().empty() || slowest > seconds(5))
      problems += "the honest one was not answered: " + honest.worker().reason();
    for (const Evaluated& each : honest.answers())
      if (each.intents.size() != 1) problems += "an honest answer is another: " + each.error;
  }
  if (seen.empty()) problems += "no process was seen";
  // Those inside end with the one that was killed, a moment later; who takes note of it is not our business.
  const auto gone = [](pid_t each) {
    std::ifstream file("/proc/" + std::to_string(each) + "/stat");
    std::string text;
    std::getline(file, text);
    return text.empty() || text.find(") Z") != std::string::npos;
  };
  for (const auto until = steady_clock::now() + seconds(10);
       !std::ranges::all_of(seen, gone) && steady_clock::now() < until;)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  for (const pid_t each : seen)
    if (!gone(each)) problems += "process " + std::to_string(each) + " is left; ";
  return problems;
}

class Hostile : public testing::TestWithParam<std::string> {};

TEST_P(Hostile, IsHeldAsStartedByThisUser) { EXPECT_EQ(run_hostile(hostile_case(GetParam())), ""); }

TEST_P(Hostile, IsHeldAsStartedByAnOrdinaryUser) {
  const HostileCase expected = hostile_case(GetParam());
  EXPECT_EQ(as_ordinary_user([&] { return run_hostile(expected); }), "");
}

INSTANTIATE_TEST_SUITE_P(Corpus, Hostile, testing::ValuesIn(hostile_names()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace am::test
