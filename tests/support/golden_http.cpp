#include "support/golden_http.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace am::test {

namespace {

using OrderedJson = nlohmann::ordered_json;

std::string fixture(const std::string& name) {
  std::ifstream in(std::string(AM_SOURCE_DIR) + "/tests/fixtures/" + name, std::ios::binary);
  if (!in) throw std::runtime_error("no fixture " + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string completion(std::string content) {
  while (content.ends_with('\n')) content.pop_back();
  const OrderedJson message{{"role", "assistant"}, {"content", content}, {"refusal", nullptr}};
  return OrderedJson{
      {"id", "chatcmpl-1"},
      {"object", "chat.completion"},
      {"model", "gpt-4o-mini-2024-07-18"},
      {"choices", OrderedJson::array({{{"index", 0}, {"message", message}, {"finish_reason", "stop"}}})},
      {"usage", {{"prompt_tokens", 210}, {"completion_tokens", 180}, {"total_tokens", 390}}}}
      .dump();
}

/// The symbol is the one that is asked for.
std::string daily_series(const std::string& url_part, const std::vector<std::string>& closes) {
  const auto equals = url_part.find("symbol=");
  const std::string symbol =
      equals == std::string::npos ? "" : url_part.substr(equals + 7, url_part.find('&', equals) - equals - 7);
  OrderedJson days = OrderedJson::object();
  for (const std::string& one : closes) {
    const std::string close = one.substr(one.find('=') + 1);
    days[one.substr(0, one.find('='))] = {{"1. open", close},
                                          {"2. high", close},
                                          {"3. low", close},
                                          {"4. close", close},
                                          {"5. volume", "1000"}};
  }
  return OrderedJson{
      {"Meta Data",
       {{"1. Information", "Daily Prices (open, high, low, close) and Volumes"}, {"2. Symbol", symbol}}},
      {"Time Series (Daily)", days}}
      .dump();
}

}  // namespace

ScriptedReply scripted_reply(const std::string& line, const std::string& block) {
  std::vector<std::string> words = shell_words(line);
  const auto bad = [&] { return std::runtime_error("http: expected METHOD URLPART -> ANSWER: " + line); };
  if (words.size() < 4 || words[2] != "->") throw bad();
  ScriptedReply reply{words[0], words[1], {}, {}, 1};
  if (words.back().size() > 1 && words.back()[0] == 'x' &&
      std::all_of(words.back().begin() + 1, words.back().end(),
                  [](char c) { return c >= '0' && c <= '9'; })) {
    reply.times = std::stoi(words.back().substr(1));
    words.pop_back();
  }
  const std::string& answer = words[3];
  const std::vector<std::string> rest(words.begin() + 4, words.end());
  reply.response.status = 200;
  if (answer == "fixture" && rest.size() == 1) {
    reply.response.body = fixture(rest[0]);
  } else if (answer == "picks") {
    reply.response.body = completion(block);
  } else if (answer == "daily") {
    reply.response.body = daily_series(reply.url_part, rest);
  } else if (answer == "lost" && !rest.empty()) {
    for (const std::string& word : rest) reply.lost += (reply.lost.empty() ? "" : " ") + word;
  } else {
    const auto [end, error] =
        std::from_chars(answer.data(), answer.data() + answer.size(), reply.response.status);
    if (error != std::errc() || end != answer.data() + answer.size() || !rest.empty()) throw bad();
    reply.response.body = block;
  }
  return reply;
}

std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ' ') {
      if (open) words.push_back(word);
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote != 0) throw std::runtime_error("an open quote: " + line);
  if (open) words.push_back(word);
  return words;
}

}  // namespace am::test
