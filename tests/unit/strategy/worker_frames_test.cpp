#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "strategy/sandbox/frames.hpp"
#include "strategy/sandbox/program.hpp"
#include "strategy/sandbox/seccomp_filter.hpp"

namespace am::strategy {
namespace {

std::string problem_of_answer(const std::string& json) {
  const auto answer = parse_worker_answer(json);
  return answer ? "" : answer.error().reason;
}

TEST(WorkerFrames, EventsAreNumbersThatPythonReadsAsWhatTheyAre) {
  const WorkerEvent bar{EventKind::bar, false, {1'000'000, 100, 100.5, 1e22, 0.1, 12.5}, {}};
  const WorkerEvent other{EventKind::bar, false, {2'000'000, 1, 2, 1, 2, 3000}, {}};
  const WorkerEvent* const both[] = {&bar, &other};
  const Position held{3, 301.5};
  EXPECT_EQ(events_frame(7, 2, both, &held).substr(4),
            R"({"id":7,"g":2,"k":"bar","m":0,"p":[3.0,301.5],"e":[[1000000,100.0,100.5,1e+22,0.1,12.5],)"
            "[2000000,1.0,2.0,1.0,2.0,3000]]}");
  const WorkerEvent trade{EventKind::trade, true, {}, {5, 1.25, 2}};
  const WorkerEvent* const one[] = {&trade};
  EXPECT_EQ(events_frame(8, 2, one, nullptr).substr(4),
            R"({"id":8,"g":2,"k":"trade","m":1,"e":[[5,1.25,2.0]]})");
}

TEST(WorkerFrames, ALengthIsInFront) {
  EXPECT_EQ(frame_of("abc"), std::string("\3\0\0\0abc", 7));
  EXPECT_EQ(frame_length(std::string("\1\2\0\0", 4)), 513U);
  EXPECT_EQ(frame_length("abc"), std::nullopt);
}

TEST(WorkerFrames, AStateIsGivenAsItIs) {
  WorkerOptions options;
  options.code = "pass\xff";
  const std::string frame = load_frame(options, R"({"b":1180591620717411303424,"a":0.1})", true);
  EXPECT_NE(frame.find(R"("params":{},"state":{"b":1180591620717411303424,"a":0.1}})"), std::string::npos)
      << frame;
  EXPECT_NE(frame.find(R"("started":true)"), std::string::npos);
}

TEST(WorkerFrames, AnAnswerIsReadWithinItsBounds) {
  const auto answer = parse_worker_answer(
      R"({"id":4,"n":3,"stop":1,"r":[{"i":0,"o":["a\tb"]},{"i":2,"x":[["SELL",1.5,2,1,"{\"a\": 1}"]],"e":"line 1"}],)"
      R"("s":"{\"n\":1}"})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->done, 3U);
  EXPECT_TRUE(answer->stopped);
  ASSERT_EQ(answer->results.size(), 2U);
  EXPECT_EQ(answer->results[0].output, std::vector<std::string>{"a b"});
  EXPECT_EQ(answer->results[1].intents, (std::vector<Intent>{{Side::sell, 1.5, 2, 1, R"({"a":1})"}}));
  EXPECT_EQ(answer->state, R"({"n":1})");
}

TEST(WorkerFrames, WhatIsNotAsDescribedIsAProblem) {
  const auto signal = [](const std::string& values) {
    return R"({"id":1,"n":1,"stop":1,"r":[{"i":0,"x":[[)" + values + "]]}]}";
  };
  EXPECT_EQ(problem_of_answer(signal(R"("BUY",1,1,1)")), "");
  EXPECT_EQ(problem_of_answer(signal(R"("BUY",1e300,1,1)")), "a number out of range");
  EXPECT_EQ(problem_of_answer(signal(R"("BUY",1,0,1)")), "a number out of range");
  EXPECT_EQ(problem_of_answer(signal(R"("BUY",1,1,1.5)")), "a number out of range");
  EXPECT_EQ(problem_of_answer(signal(R"("BUY",1,NaN,1)")), "an answer that is no JSON");
  EXPECT_EQ(problem_of_answer(signal(R"("BUY",1,"1",1)")), "a number that is none");
  EXPECT_EQ(problem_of_answer(signal(R"("buy",1,1,1)")), "an action that is none");
  EXPECT_EQ(problem_of_answer(R"({"id":1,"n":0,"stop":0,"r":[]})"), "a number out of range");
  EXPECT_EQ(problem_of_answer(R"({"id":1,"n":1,"stop":0,"r":[{"i":1}]})"), "a number out of range");
  EXPECT_EQ(problem_of_answer(R"({"id":1,"n":2,"stop":0,"r":[{"i":1},{"i":1}]})"), "results out of order");
  EXPECT_EQ(problem_of_answer("[1]"), "an answer that is no object");
  EXPECT_EQ(problem_of_answer(std::string(300'000, ' ')), "an answer that is too long");
}

TEST(WorkerFrames, AStateThatCannotBeKeptIsSaidAndNotTaken) {
  const auto answer = parse_worker_answer(R"({"id":1,"n":1,"stop":0,"r":[],"s":"{\"n\":1e999}"})");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->state);
  EXPECT_EQ(answer->state_problem, "state can't be kept: it is no JSON, or a number in it is out of range");
  EXPECT_FALSE(is_state(R"({"a":"\u0000"})"));
  EXPECT_FALSE(is_state("[]"));
  EXPECT_TRUE(is_state(R"({"a":[1,2]})"));
}

TEST(WorkerSandbox, ItsFilterAndProgramAreCarried) {
  EXPECT_GT(worker_filter().size(), 20U);
  EXPECT_LT(worker_filter().size(), 400U);
  EXPECT_EQ(worker_program().substr(0, 3), "\"\"\"");
}

}  // namespace
}  // namespace am::strategy
