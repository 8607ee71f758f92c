#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <sys/stat.h>

#include "am/base/error.hpp"
#include "am/picks/pickers.hpp"

namespace am::picks {
namespace {

namespace fs = std::filesystem;

constexpr Date kPickerMonday{2026, 1, 26};
constexpr const char* kGoodFile =
    R"({"model":"gpt-oss", "picks":[{"ticker":"XOM","action":"BUY","reasoning":"oil"},)"
    R"({"ticker":"T","action":"SELL","reasoning":"debt"},{"ticker":"AA","action":"BUY","reasoning":"metal"}]})";

class FilePickerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "am-picks-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }

  std::string write(std::string_view text) const {
    std::ofstream(dir_ / "p.json", std::ios::binary) << text;
    return (dir_ / "p.json").string();
  }
  static Error error_of(const std::string& path, std::istream& in) {
    try {
      make_file_picker(path, in)->pick(kPickerMonday, "SPY");
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::bug, "no error"};
  }
  std::string problem_of(std::string_view text) const {
    const std::string path = write(text);
    std::istringstream none;
    const Error error = error_of(path, none);
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_TRUE(error.message().starts_with(path)) << error.message();
    return error.message().substr(path.size());
  }

  fs::path dir_;
};

TEST_F(FilePickerTest, ReadsPicksAndTheModel) {
  std::istringstream none;
  const auto picker = make_file_picker(write(kGoodFile), none);
  EXPECT_EQ(picker->name(), "file");
  EXPECT_FALSE(picker->sees_the_future());
  const Picked picked = picker->pick(kPickerMonday, "SPY");
  EXPECT_EQ(picked.picker, "file");
  EXPECT_EQ(picked.model, "gpt-oss");
  EXPECT_EQ(picked.prompt_hash, "");
  ASSERT_EQ(picked.picks.size(), 3U);
  EXPECT_EQ(picked.picks[1].ticker, "T");
  EXPECT_EQ(picked.picks[1].action, Action::sell);
  EXPECT_EQ(picked.picks[1].reasoning, "debt");
  const auto record = nlohmann::json::parse(picked.record_json);
  EXPECT_EQ(record["path"], (dir_ / "p.json").string());
  EXPECT_EQ(record["sha256"].get<std::string>().size(), 64U);
}

TEST_F(FilePickerTest, ReadsStandardInputOnceForEveryWeek) {
  std::istringstream in(kGoodFile);
  const auto picker = make_file_picker("-", in);
  EXPECT_EQ(picker->pick(kPickerMonday, "SPY").picks.size(), 3U);
  EXPECT_EQ(picker->pick(kPickerMonday + 7, "SPY").picks.size(), 3U);
}

TEST_F(FilePickerTest, ReadsNothingBeforeTheFirstPick) {
  std::istringstream none;
  const auto picker = make_file_picker((dir_ / "p.json").string(), none);
  write(kGoodFile);
  EXPECT_EQ(picker->pick(kPickerMonday, "SPY").picks.size(), 3U);
}

TEST_F(FilePickerTest, RefusesWithPathAndPlace) {
  EXPECT_EQ(problem_of(""), ":1:1: not JSON");
  EXPECT_EQ(problem_of("{\n  \"picks\": [,]\n}\n"), ":2:13: not JSON");
  EXPECT_EQ(problem_of("{}"), R"(: not an object with an array "picks")");
  EXPECT_EQ(problem_of(R"({"picks":[]})"), ": expected exactly 3 picks, got 0");
  EXPECT_EQ(problem_of("{\"picks\":[\xff]}"), ":1:11: not JSON");
  std::string text = kGoodFile;
  EXPECT_EQ(problem_of(text.replace(text.find("SELL"), 4, "HO\\n\\u001b[")),
            ": pick 2: action must be BUY or SELL, got \"HO ?[\"")
      << "control characters do not reach the terminal";
  text = kGoodFile;
  EXPECT_EQ(problem_of(text.replace(text.find("\"XOM\""), 5, "\"SPY\"")),
            ": pick 1: SPY is the benchmark, which nothing is gained over by itself");
  for (const char* model : {"5", "\"\"", "\"a\\nb\"", "null"}) {
    text = kGoodFile;
    EXPECT_EQ(problem_of(text.replace(text.find("\"gpt-oss\""), 9, model)),
              ": model must be a text of one line, 1 to 200 bytes");
  }
}

TEST_F(FilePickerTest, RefusesMoreThanAMebibyte) {
  std::string text = kGoodFile;
  text.resize(1U << 20U, ' ');
  std::istringstream none;
  EXPECT_EQ(make_file_picker(write(text), none)->pick(kPickerMonday, "SPY").picks.size(), 3U)
      << "exactly 1 MiB is taken";
  EXPECT_EQ(problem_of(text + " "), ": it is too long (expected at most 1 MiB)");
}

TEST_F(FilePickerTest, WhatCannotBeReadIsNoInput) {
  std::istringstream none;
  for (const auto& [path, why] : {std::pair{dir_ / "none.json", "no such file or directory"},
                                  {dir_, "it is a directory"},
                                  {dir_ / "a" / "b", "no such file or directory"}}) {
    const Error error = error_of(path.string(), none);
    EXPECT_EQ(error.kind(), ErrorKind::no_input);
    EXPECT_EQ(error.message(), path.string() + ": cannot be read: " + why);
    EXPECT_FALSE(error.hint().empty());
  }
  const Error empty = error_of("-", none);
  EXPECT_EQ(empty.kind(), ErrorKind::data);
  EXPECT_EQ(empty.message(), "standard input:1:1: not JSON");
}

}  // namespace
}  // namespace am::picks
