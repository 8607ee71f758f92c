#pragma once
// A picker that asks a model, on a scripted server, with a key that must never show.

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "am/base/error.hpp"
#include "am/kernel/secret_mask.hpp"
#include "am/picks/pickers.hpp"
#include "support/scripted_http.hpp"

namespace am::test {

inline constexpr Date kMonday{2026, 1, 26};
inline constexpr const char* kCanary = "sk-canary-0123456789";
inline constexpr const char* kGood =
    R"({"picks":[{"ticker":"XOM","reasoning":"oil","action":"BUY"},{"ticker":"T","reasoning":"debt","action":"SELL"},)"
    R"({"ticker":"BRK.B","reasoning":"cash","action":"BUY"}]})";

inline std::string completion(const nlohmann::json& content, const std::string& finish_reason = "stop",
                              const nlohmann::json& refusal = nullptr) {
  const nlohmann::json message{{"role", "assistant"}, {"content", content}, {"refusal", refusal}};
  const nlohmann::json choice{{"index", 0}, {"message", message}, {"finish_reason", finish_reason}};
  return nlohmann::json{{"id", "chatcmpl-1"},
                        {"object", "chat.completion"},
                        {"model", "gpt-4o-mini-2024-07-18"},
                        {"choices", nlohmann::json::array({choice})},
                        {"usage", {{"prompt_tokens", 310}, {"completion_tokens", 95}, {"total_tokens", 405}}}}
      .dump();
}

inline kernel::HttpResponse answered(std::string body, const char* request_id = "req_1") {
  kernel::HttpResponse response = ok(std::move(body));
  response.headers = {{"x-request-id", request_id}};
  return response;
}

inline kernel::HttpResponse vendor_error(int http_status, const std::string& message,
                                         const nlohmann::json& code = nullptr) {
  return status(
      http_status,
      nlohmann::json{
          {"error", {{"message", message}, {"type", "some_error"}, {"param", nullptr}, {"code", code}}}}
          .dump());
}

/// A picker on a script behind a mask, as the real one is; whatever it says (error, log, record) is searched for the key at the end.
struct OpenAiDesk {
  std::ostringstream said;
  kernel::Log log{said, {kernel::LogLevel::debug, kernel::LogFormat::json, false}};
  kernel::Stop stop;
  ScriptedHttp http;
  std::unique_ptr<kernel::Transport> transport =
      kernel::make_masking_transport(http, kernel::SecretMask({kCanary}));
  kernel::HttpClient client{
      *transport,
      nullptr,
      log,
      stop,
      {"openai",
       {},
       {3, std::chrono::milliseconds(1), std::chrono::milliseconds(2), std::chrono::seconds(5)},
       std::chrono::seconds(1)}};
  picks::OpenAiOptions options;

  OpenAiDesk() {
    options.base_url = "https://llm.example/v1/";
    options.api_key = kCanary;
  }
  ~OpenAiDesk() { EXPECT_EQ(said.str().find("canary"), std::string::npos) << said.str(); }

  picks::Picked pick() {
    picks::Picked picked = picks::make_openai_picker(client, log, options)->pick(kMonday, "SPY");
    said << picked.record_json << picked.model << picked.prompt_hash;
    for (const picks::Pick& p : picked.picks) said << p.ticker << p.reasoning;
    return picked;
  }
  Error error() {
    try {
      pick();
    } catch (const Error& error) {
      said << error.message() << error.hint();
      return error;
    }
    return {ErrorKind::bug, "no error"};
  }
  /// Replies with such answers, in order.
  OpenAiDesk& replies(const std::vector<std::string>& bodies) {
    for (const std::string& body : bodies) http.reply("POST", "/chat/completions", answered(body));
    return *this;
  }
  nlohmann::json sent(std::size_t n) const { return nlohmann::json::parse(http.requests().at(n).body); }
};

}  // namespace am::test
