#include "am/kernel/log.hpp"

#include <algorithm>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/date.hpp"
#include "am/base/text.hpp"

namespace am::kernel {
namespace {

using Json = nlohmann::json;

struct Written {
  std::ostringstream out;
  Log log;
  explicit Written(LogFormat format, LogLevel level = LogLevel::info, bool hold = false)
      : log(out, {level, format, hold}) {}

  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream in(out.str());
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  Json only() const {
    EXPECT_EQ(lines().size(), 1U) << out.str();
    return Json::parse(lines().at(0));
  }
};

TEST(Log, WritesOneJsonObjectALine) {
  Written w(LogFormat::json);
  w.log.info("batch created", {{"batch_id", "b1"}, {"retry_count", 2}, {"duration", 0.25}, {"final", true}});
  const Json line = w.only();
  EXPECT_TRUE(parse_rfc3339(line["ts"].get<std::string>())) << line["ts"];
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["msg"], "batch created");
  EXPECT_EQ(line["batch_id"], "b1");
  EXPECT_EQ(line["retry_count"], 2);
  EXPECT_EQ(line["duration"], 0.25);
  EXPECT_EQ(line["final"], true);
  EXPECT_EQ(line.size(), 7U);
  EXPECT_TRUE(w.out.str().starts_with("{\"ts\":\"")) << "ts, level and msg come first";
}

TEST(Log, NothingForgesALineOrAField) {
  const std::string evil = "a\n{\"level\":\"error\",\"msg\":\"forged\"}\r\n\"x\" \\ {} %s \x1b[31m \0!";
  const std::string text(evil.data(), evil.size());
  Written w(LogFormat::json);
  w.log.info(text, {{text, text}});
  const Json line = w.only();
  EXPECT_EQ(line["msg"], text);
  EXPECT_EQ(line[text], text);
  EXPECT_EQ(line.size(), 4U);
  EXPECT_EQ(w.out.str().find('\x1b'), std::string::npos);
}

TEST(Log, InvalidUtf8IsReplaced) {
  Written w(LogFormat::json);
  w.log.info("a\xff\xc0z", {{"k\xfe", "\xed\xa0\x80"}});
  const Json line = w.only();
  EXPECT_TRUE(line["msg"].get<std::string>().starts_with("a\xEF\xBF\xBD"));
  EXPECT_TRUE(line["msg"].get<std::string>().ends_with("z"));
  EXPECT_EQ(line.size(), 4U);
}

TEST(Log, ANumberThatIsNoNumberIsNull) {
  Written w(LogFormat::json);
  w.log.info("x", {{"duration", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_TRUE(w.only()["duration"].is_null());
}

TEST(Log, WritesFromItsLevelOn) {
  const LogLevel all[] = {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error};
  for (std::size_t i = 0; i < 4; ++i) {
    Written w(LogFormat::json, all[i]);
    w.log.debug("m");
    w.log.info("m");
    w.log.warn("m");
    w.log.error("m");
    EXPECT_EQ(w.lines().size(), 4 - i);
  }
  Written off(LogFormat::json, LogLevel::off);
  off.log.error("m");
  EXPECT_EQ(off.out.str(), "");
}

TEST(Log, AScopeBindsItsFieldsWhileItLives) {
  Written w(LogFormat::json);
  {
    const Log::Scope run(w.log, {{"workflow", "weekly_pick_v1"}, {"slot", "2026-01-26"}});
    {
      const Log::Scope step(w.log, {{"step_name", "generate_picks"}});
      w.log.info("inner", {{"duration", 1.5}});
    }
    w.log.info("outer");
  }
  w.log.info("none");
  const auto lines = w.lines();
  ASSERT_EQ(lines.size(), 3U);
  const Json inner = Json::parse(lines[0]);
  EXPECT_EQ(inner["workflow"], "weekly_pick_v1");
  EXPECT_EQ(inner["slot"], "2026-01-26");
  EXPECT_EQ(inner["step_name"], "generate_picks");
  EXPECT_EQ(inner["duration"], 1.5);
  const Json outer = Json::parse(lines[1]);
  EXPECT_EQ(outer["slot"], "2026-01-26");
  EXPECT_FALSE(outer.contains("step_name"));
  EXPECT_EQ(Json::parse(lines[2]).size(), 3U);
}

TEST(Log, AThreadsScopeIsOnItsOwnLines) {
  Written w(LogFormat::json);
  const Log::Scope command(w.log, {{"command", "x"}}, Log::Reach::all_threads);
  const Log::Scope mine(w.log, {{"slot", "a"}});
  std::jthread([&] {
    w.log.info("nothing of its own yet");
    const Log::Scope theirs(w.log, {{"slot", "b"}, {"step_name", "s"}});
    w.log.info("theirs");
    std::jthread([&] { EXPECT_EQ(w.log.bound_json(), R"(,"command":"x")"); }).join();
  }).join();
  w.log.info("mine");
  const auto lines = w.lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_FALSE(Json::parse(lines[0]).contains("slot"));
  EXPECT_EQ(Json::parse(lines[0])["command"], "x");
  EXPECT_EQ(Json::parse(lines[1])["slot"], "b");
  EXPECT_EQ(Json::parse(lines[1])["command"], "x");
  const Json last = Json::parse(lines[2]);
  EXPECT_EQ(last["slot"], "a");
  EXPECT_FALSE(last.contains("step_name"));
}

TEST(Log, HoldsLinesUntilTheyAreWanted) {
  Written w(LogFormat::json, LogLevel::info, true);
  w.log.info("one");
  w.log.debug("below the level");
  w.log.error("two");
  EXPECT_EQ(w.out.str(), "");
  w.log.flush_held();
  const auto lines = w.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(Json::parse(lines[0])["msg"], "one");
  EXPECT_EQ(Json::parse(lines[1])["msg"], "two");
  w.log.info("three");
  w.log.flush_held();
  EXPECT_EQ(w.lines().size(), 3U) << "after the flush lines are written at once, and once";
  Written silent(LogFormat::json, LogLevel::info, true);
  silent.log.info("never");
  EXPECT_EQ(silent.out.str(), "");
}

TEST(Log, TextIsForReading) {
  Written w(LogFormat::text);
  const Log::Scope scope(w.log, {{"slot", "2026-01-26"}});
  w.log.warn("request failed",
             {{"vendor", "openai"}, {"error", "no answer in time"}, {"retry_count", 1}, {"empty", ""}});
  EXPECT_EQ(w.out.str(),
            "warn: request failed slot=2026-01-26 vendor=openai error=\"no answer in time\" retry_count=1 "
            "empty=\"\"\n");
}

TEST(Log, NothingForgesALineOfText) {
  Written w(LogFormat::text);
  const std::string evil = "a\nerror: forged\r \x1b[31m\x07\x08\x7f";
  w.log.info(evil, {{"key\n", evil}, {"plain", "a=b"}, {"bell", "\x07"}, {"invalid", "\xff"}});
  EXPECT_EQ(w.lines().size(), 1U) << w.out.str();
  for (const char c : w.out.str()) {
    EXPECT_TRUE(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)) << static_cast<int>(c);
  }
  EXPECT_NE(w.out.str().find("plain=\"a=b\""), std::string::npos);
}

TEST(Log, ATerminalObeysNothingOfIt) {
  const std::string evil = "a\u009b31m\x7f\u202eb\u2028";
  for (const LogFormat format : {LogFormat::json, LogFormat::text}) {
    Written w(format);
    const Log::Scope scope(w.log, {{"bound", evil}});
    w.log.info(evil, {{evil, evil}});
    EXPECT_EQ(w.out.str(), printable_lines(w.out.str()));
    EXPECT_TRUE(is_printable(w.log.bound_json()));
    if (format == LogFormat::json) {
      EXPECT_EQ(w.only()["msg"], evil);
      EXPECT_EQ(w.only()["bound"], evil);
      EXPECT_EQ(w.only()[evil], evil);
    }
  }
}

TEST(Log, IsSafeFromSeveralThreads) {
  Written w(LogFormat::json);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) w.log.info("line", {{"i", i}});
      });
    }
  }
  const auto lines = w.lines();
  EXPECT_EQ(lines.size(), 400U);
  EXPECT_TRUE(std::ranges::all_of(lines, [](const std::string& line) { return Json::accept(line); }));
}

TEST(Log, WhatIsHeldBackIsBounded) {
  Written w(LogFormat::json, LogLevel::info, true);
  for (std::size_t i = 0; i < kMostHeldLines + 3; ++i) w.log.info(std::to_string(i));
  EXPECT_TRUE(w.lines().empty());
  w.log.flush_held();
  const std::vector<std::string> lines = w.lines();
  ASSERT_EQ(lines.size(), kMostHeldLines + 1);
  EXPECT_EQ(Json::parse(lines[0])["msg"], "3 earlier lines were not kept");
  EXPECT_EQ(Json::parse(lines[1])["msg"], "3");
}

}  // namespace
}  // namespace am::kernel
