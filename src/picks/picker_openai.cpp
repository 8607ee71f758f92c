#include <limits>

#include <nlohmann/json.hpp>

#include "am/base/decimal.hpp"
#include "am/base/error.hpp"
#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/rules.hpp"
#include "json_dump.hpp"

namespace am::picks {

using kernel::HttpRequest;
using kernel::HttpResponse;
using kernel::Verdict;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxBody = 1U << 20U;       ///< a usual answer has 2 KB
constexpr std::size_t kMaxRecorded = 64U << 10U;  ///< of one answer, on the step
constexpr std::size_t kMaxQuoted = 4000;          ///< of the previous answer, in the second question
constexpr int kQuestions = 2;
constexpr std::size_t kShortestKey = 8;  ///< a shorter one (of a local server) is no secret to search for

const Json* member(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

std::string text_member(const Json& json, const char* name) {
  const Json* found = member(json, name);
  const auto* text = found == nullptr ? nullptr : found->get_ptr<const std::string*>();
  return text == nullptr ? std::string() : *text;
}

std::optional<long long> count_member(const Json* json, const char* name) {
  const Json* found = json == nullptr ? nullptr : member(*json, name);
  if (found == nullptr || !found->is_number_unsigned()) return {};
  const auto count = found->get<unsigned long long>();
  if (count > static_cast<unsigned long long>(std::numeric_limits<long long>::max())) return {};
  return static_cast<long long>(count);
}

/// Only keywords that every model with strict schemas knows: no minItems and maxItems (fine-tuned models and
/// some compatible servers refuse them). The count is asked for in words and checked by parse_picks.
Json response_format() {
  const Json pick{{"type", "object"},
                  {"properties",
                   {{"ticker",
                     {{"type", "string"},
                      {"description", "ticker in capitals, a class of shares after a dot, such as BRK.B"}}},
                    {"reasoning", {{"type", "string"}, {"description", "why, in two or three sentences"}}},
                    {"action", {{"type", "string"}, {"enum", {"BUY", "SELL"}}}}}},
                  {"required", {"ticker", "reasoning", "action"}},
                  {"additionalProperties", false}};
  const Json schema{
      {"type", "object"},
      {"properties",
       {{"picks", {{"type", "array"}, {"description", "exactly 3 different stocks"}, {"items", pick}}}}},
      {"required", Json::array({"picks"})},
      {"additionalProperties", false}};
  return {{"type", "json_schema"},
          {"json_schema", {{"name", "weekly_picks"}, {"strict", true}, {"schema", schema}}}};
}

Json message(const char* role, const std::string& content) { return {{"role", role}, {"content", content}}; }

Json first_question(Date run_date, const std::string& benchmark) {
  return Json::array(
      {message("system",
               "You are an equity analyst who picks stocks for a two-week paper portfolio. You answer only "
               "with the JSON that "
               "is asked for. You never pick a fund, an index or a stock outside the S&P 500."),
       message(
           "user",
           "It is Monday, " + run_date.to_string() +
               ", before the market opens. Pick exactly 3 different stocks of the S&P 500 to BUY or SELL for "
               "the two weeks starting " +
               run_date.to_string() +
               ", those that you expect to beat the index most (BUY) or to fall behind it most (SELL). For "
               "each give its ticker in capitals (a class of shares after a dot, as in BRK.B), the reasoning "
               "in two or three sentences, and the action, BUY or SELL. Pick each share once, and not " +
               benchmark + ", which they are measured against.")});
}

void ask_again(Json& messages, const OpenAiAnswer& answer, const std::string& problem,
               const std::string& benchmark) {
  const std::string& said = answer.content.empty() ? answer.refusal : answer.content;
  messages.push_back(message("assistant", said.empty() ? "(no answer)" : recordable(said, kMaxQuoted)));
  messages.push_back(message("user", "That answer cannot be used: " + problem +
                                         ". Answer again with nothing but one JSON object {\"picks\": "
                                         "[...]}: exactly 3 objects, each with a different "
                                         "ticker of the S&P 500 (1 to 5 capital letters, then perhaps a dot "
                                         "and one letter) that is not " +
                                         benchmark +
                                         ", a reasoning of two "
                                         "or three sentences that is not empty, and an action that is BUY or "
                                         "SELL. No code fence, no other text. This is a "
                                         "paper portfolio for research, no advice to anybody."));
}

class OpenAiPicker final : public Picker {
 public:
  OpenAiPicker(kernel::HttpClient& http, kernel::Log& log, OpenAiOptions options)
      : http_(http), log_(log), options_(std::move(options)) {
    if (options_.api_key.empty()) {
      throw Error(ErrorKind::config, "OPENAI_API_KEY: not set",
                  "set OPENAI_API_KEY or OPENAI_API_KEY_FILE, or choose --picker momentum or file:PATH");
    }
    const auto temperature = Decimal::parse(options_.temperature);
    if (!temperature || temperature->is_negative() || *temperature > Decimal(2)) {
      throw Error(ErrorKind::config, "openai.temperature: expected a number from 0 to 2, got \"" +
                                         one_line(options_.temperature, 40) + "\"");
    }
    temperature_ = temperature->to_double();
    while (options_.base_url.ends_with('/')) options_.base_url.pop_back();
  }

  std::string name() const override { return "openai"; }
  bool sees_the_future() const override { return true; }

  Picked pick(Date run_date, const std::string& benchmark) override {
    Json messages = first_question(run_date, benchmark);
    Picked picked;
    picked.picker = name();
    picked.model = options_.model;
    picked.prompt_hash = sha256_hex(dump(messages));
    Json answers = Json::array();
    std::string problem;
    for (int question = 1; question <= kQuestions; ++question) {
      const OpenAiAnswer answer = ask(messages, answers);
      Result<std::vector<Pick>> picks = picks_in(answer, benchmark);
      if (picks) {
        picked.picks = std::move(picks).value();
        picked.record_json =
            dump({{"messages", messages}, {"temperature", temperature_}, {"answers", answers}});
        return picked;
      }
      problem = one_line(picks.error().reason);
      answers.back()["problem"] = problem;
      log_.warn("answer refused", {{"picker", name()},
                                   {"model", options_.model},
                                   {"question", question},
                                   {"reason", problem},
                                   {"answer", one_line(answer.content, 1000)}});
      if (question < kQuestions) ask_again(messages, answer, problem, benchmark);
    }
    throw Error(ErrorKind::data,
                "openai " + run_date.to_string() + ": no valid picks from model " + options_.model + " in " +
                    std::to_string(kQuestions) + " answers: " + problem,
                "run the command again, or choose another model with OPENAI_MODEL");
  }

 private:
  OpenAiAnswer ask(const Json& messages, Json& answers) const {
    HttpRequest request;
    request.method = "POST";
    request.url = options_.base_url + "/chat/completions";
    request.headers = {{"Content-Type", "application/json"},
                       {"Accept", "application/json"},
                       {"Authorization", "Bearer " + options_.api_key}};
    request.body = dump({{"model", options_.model},
                         {"temperature", temperature_},
                         {"messages", messages},
                         {"response_format", response_format()}});
    request.connect_timeout = options_.connect_timeout;
    request.timeout = options_.timeout;
    request.max_body = kMaxBody;
    const HttpResponse response = http_.send(request, [this](const HttpResponse& r) { return judge(r); });
    Result<OpenAiAnswer> parsed = parse_openai_answer(response.body);
    if (!parsed)
      throw Error(ErrorKind::bug, "openai: an answer was accepted that is not one: " + parsed.error().reason);
    OpenAiAnswer answer = std::move(parsed).value();
    for (std::string* text : {&answer.content, &answer.refusal, &answer.finish_reason, &answer.model})
      hide_key(*text);
    std::string request_id = response.header("x-request-id").value_or("");
    hide_key(request_id);
    const auto count = [](const std::optional<long long>& n) { return n ? Json(*n) : Json(); };
    answers.push_back({{"content", recordable(answer.content, kMaxRecorded)},
                       {"refusal", recordable(answer.refusal, kMaxQuoted)},
                       {"finish_reason", one_line(answer.finish_reason, 40)},
                       {"model", one_line(answer.model, 200)},
                       {"request_id", one_line(request_id, 200)},
                       {"prompt_tokens", count(answer.prompt_tokens)},
                       {"completion_tokens", count(answer.completion_tokens)}});
    return answer;
  }

  Verdict judge(const HttpResponse& response) const {
    const int status = response.status;
    if (status >= 200 && status < 300) {
      const Result<OpenAiAnswer> answer = parse_openai_answer(response.body);
      if (answer) return {};
      return verdict(Verdict::Kind::retry, "the answer is not a chat completion: " + answer.error().reason,
                     ErrorKind::data, "check OPENAI_BASE_URL");
    }
    const std::string answered = "answered " + std::to_string(status);
    // The vendor's own words about a key repeat part of it.
    if (status == 401 || status == 403) {
      return verdict(
          Verdict::Kind::fail, answered + ": the key is refused", ErrorKind::denied,
          "check OPENAI_API_KEY, and that it may use the model " + options_.model + " from this place");
    }
    const Json body = Json::parse(response.body, nullptr, false);
    const Json* error = member(body, "error");
    const std::string code = error == nullptr ? "" : text_member(*error, "code");
    const std::string type = error == nullptr ? "" : text_member(*error, "type");
    if (status == 402 || (status == 429 && (code == "insufficient_quota" || type == "insufficient_quota"))) {
      return verdict(Verdict::Kind::fail, answered + ": the account has no quota left", ErrorKind::denied,
                     "check the plan and the billing of the account behind OPENAI_API_KEY");
    }
    if (status == 400 || status == 404 || status == 422) {
      std::string said = error == nullptr ? "" : text_member(*error, "message");
      hide_key(said);
      return verdict(
          Verdict::Kind::fail,
          "model " + options_.model + ": " + answered + (said.empty() ? "" : ": " + one_line(said)),
          ErrorKind::config,
          "check OPENAI_MODEL, OPENAI_BASE_URL and OPENAI_TEMPERATURE (some models take only 1); the model "
          "must "
          "know strict JSON schemas");
    }
    return kernel::judge_status(response);
  }

  static Verdict verdict(Verdict::Kind kind, std::string problem, ErrorKind error, std::string hint) {
    return {.kind = kind, .problem = std::move(problem), .error = error, .hint = std::move(hint), .wait = {}};
  }

  /// A server that repeats the key must not bring it into a message or a record.
  void hide_key(std::string& text) const {
    const std::string& key = options_.api_key;
    if (key.size() < kShortestKey) return;
    for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at))
      text.replace(at, key.size(), "***");
  }

  kernel::HttpClient& http_;
  kernel::Log& log_;
  OpenAiOptions options_;
  double temperature_ = 0;
};

}  // namespace

Result<OpenAiAnswer> parse_openai_answer(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return Reject{"not JSON"};
  const Json* choices = member(json, "choices");
  if (choices == nullptr || !choices->is_array() || choices->empty()) return Reject{"no choices in it"};
  const Json& choice = choices->front();
  const Json* said = member(choice, "message");
  if (said == nullptr || !said->is_object()) return Reject{"its first choice has no message"};
  const Json* usage = member(json, "usage");
  return OpenAiAnswer{text_member(*said, "content"),        text_member(*said, "refusal"),
                      text_member(choice, "finish_reason"), text_member(json, "model"),
                      count_member(usage, "prompt_tokens"), count_member(usage, "completion_tokens")};
}

Result<std::vector<Pick>> picks_in(const OpenAiAnswer& answer, std::string_view benchmark) {
  if (!answer.refusal.empty()) return Reject{"the model refused: " + one_line(answer.refusal, 200)};
  if (answer.finish_reason == "content_filter") return Reject{"the answer was withheld by a content filter"};
  if (answer.finish_reason == "length") return Reject{"the answer was cut off at the length limit"};
  if (answer.content.empty()) return Reject{"the answer is empty"};
  return parse_picks(answer.content, benchmark);
}

std::unique_ptr<Picker> make_openai_picker(kernel::HttpClient& http, kernel::Log& log,
                                           OpenAiOptions options) {
  return std::make_unique<OpenAiPicker>(http, log, std::move(options));
}

}  // namespace am::picks
