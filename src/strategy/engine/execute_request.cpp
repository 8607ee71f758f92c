#include "execute_request.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/strategy/day_slot.hpp"

namespace am::strategy {

namespace {

constexpr std::size_t kMostWords = 300;

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The gateway's word ("insufficient_funds") and what it says of it; else the body's beginning.
std::string words_of(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("error")) return one_line(body, kMostWords);
  const nlohmann::json& error = json["error"];
  if (error.is_string()) return one_line(error.get_ref<const std::string&>(), kMostWords);
  if (!error.is_object()) return one_line(body, kMostWords);
  const auto text = [&](const char* key) {
    const auto found = error.find(key);
    return found != error.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string code = text("code");
  const std::string message = text("message");
  return one_line(code.empty() || message.empty() ? code + message : code + ": " + message, kMostWords);
}

}  // namespace

std::string execute_body(const Signal& signal) {
  return fmt::format(
      R"({{"sessionId":{},"sessionEpoch":{},"strategyId":{},"symbol":{},"action":"{}","price":{},"qty":{},"confidence":{},)"
      R"("signalId":{},"generatedAt":"{}","metadata":{}}})",
      json_text(signal.session_id), signal.epoch, json_text(signal.strategy_id), json_text(signal.symbol),
      name_of(signal.side), signal.price.to_string(), signal.quantity.to_string(),
      nlohmann::json(signal.confidence).dump(), json_text(signal.signal_id),
      format_rfc3339(instant_of(signal.generated_at)), signal.metadata.empty() ? "{}" : signal.metadata);
}

ExecuteAnswer read_answer(int status, std::string_view body) {
  constexpr int kOk = 200, kMultiple = 300, kUnauthorized = 401, kForbidden = 403, kTimeout = 408,
                kTooEarly = 425, kTooMany = 429, kServer = 500;
  ExecuteAnswer answer{.status = status};
  if (status >= kOk && status < kMultiple) {
    answer.what = ExecuteAnswer::What::taken;
    return answer;
  }
  answer.reason = words_of(body);
  // Without the right token, or at another server, nobody has looked at the signal.
  const bool again = status >= kServer || status == kUnauthorized || status == kForbidden ||
                     status == kTimeout || status == kTooEarly || status == kTooMany || status < kOk;
  answer.what = again ? ExecuteAnswer::What::again : ExecuteAnswer::What::refused;
  return answer;
}

}  // namespace am::strategy
