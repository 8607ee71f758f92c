#include "am/base/decimal.hpp"
#include "am/base/error.hpp"
#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/rules.hpp"
#include "json_dump.hpp"
#include "openai_wire.hpp"

namespace am::picks {

using kernel::HttpRequest;
using kernel::HttpResponse;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxBody = 1U << 20U;       ///< a usual answer has 2 KB
constexpr std::size_t kMaxRecorded = 64U << 10U;  ///< of one answer, on the step
constexpr std::size_t kMaxQuoted = 4000;          ///< of the previous answer, in the second question
constexpr int kQuestions = 2;
constexpr std::string_view kNotSent = "none";
constexpr std::string_view kSchema = "json_schema";

/// Only keywords that every model with strict schemas knows: no minItems and maxItems (fine-tuned models and
/// some compatible servers refuse them). The count is asked for in words and checked by parse_picks.
Json schema_format() {
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

Json first_question(const PromptTemplate& prompt, Date run_date, const std::string& benchmark) {
  Json messages = Json::array();
  if (!prompt.system.empty())
    messages.push_back(message("system", filled(prompt.system, run_date, benchmark)));
  messages.push_back(message("user", filled(prompt.user, run_date, benchmark)));
  return messages;
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
    if (options_.temperature != kNotSent) {
      const auto temperature = Decimal::parse(options_.temperature);
      if (!temperature || temperature->is_negative() || *temperature > Decimal(2)) {
        throw Error(ErrorKind::config, "openai.temperature: expected a number from 0 to 2 or none, got \"" +
                                           one_line(options_.temperature, 40) + "\"");
      }
      temperature_ = temperature->to_double();
    }
    while (options_.base_url.ends_with('/')) options_.base_url.pop_back();
    if (options_.response_format != kSchema) options_.prompt = with_shape(std::move(options_.prompt));
  }

  std::string name() const override { return "openai"; }
  bool sees_the_future() const override { return true; }

  Picked pick(Date run_date, const std::string& benchmark) override {
    Json messages = first_question(options_.prompt, run_date, benchmark);
    Picked picked;
    picked.picker = name();
    picked.model = options_.model;
    picked.prompt_hash = sha256_hex(dump(messages));
    picked.template_text = options_.prompt.text;
    Json answers = Json::array();
    for (int question = 1;; ++question) {
      const OpenAiAnswer answer = ask(messages, answers);
      Result<std::vector<Pick>> picks = picks_in(answer, benchmark);
      if (picks) {
        picked.picks = std::move(picks).value();
        picked.served_model = one_line(answer.model, 200);
        picked.record_json = dump({{"messages", messages},
                                   {"temperature", temperature_},
                                   {"response_format", options_.response_format},
                                   {"answers", answers}});
        return picked;
      }
      const std::string problem = one_line(picks.error().reason);
      answers.back()["problem"] = problem;
      log_.warn("answer refused", {{"picker", name()},
                                   {"model", options_.model},
                                   {"question", question},
                                   {"reason", problem},
                                   {"answer", one_line(answer.content, 1000)}});
      // A filter judges what is asked for, not how it is answered: the same question would be paid for twice.
      if (question == kQuestions || answer.is_filtered()) {
        throw Error(ErrorKind::data,
                    "openai " + run_date.to_string() + ": no valid picks from model " + options_.model +
                        " in " + std::to_string(question) + (question == 1 ? " answer: " : " answers: ") +
                        problem,
                    "run the command again, or choose another model with OPENAI_MODEL");
      }
      ask_again(messages, answer, problem, benchmark);
    }
  }

 private:
  OpenAiAnswer ask(const Json& messages, Json& answers) const {
    HttpRequest request;
    request.method = "POST";
    request.url = options_.base_url + "/chat/completions";
    request.headers = {{"Content-Type", "application/json"},
                       {"Accept", "application/json"},
                       {"Authorization", "Bearer " + options_.api_key}};
    Json body{{"model", options_.model}};
    if (!temperature_.is_null()) body["temperature"] = temperature_;
    body["messages"] = messages;
    if (options_.response_format == kSchema) {
      body["response_format"] = schema_format();
    } else if (options_.response_format != kNotSent) {
      body["response_format"] = {{"type", options_.response_format}};
    }
    request.body = dump(body);
    request.connect_timeout = options_.connect_timeout;
    request.timeout = options_.timeout;
    request.max_body = kMaxBody;
    const HttpResponse response =
        http_.send(request, [this](const HttpResponse& r) { return judge_openai(r, options_.model); });
    Result<OpenAiAnswer> parsed = parse_openai_answer(response.body);
    if (!parsed)
      throw Error(ErrorKind::bug, "openai: an answer was accepted that is not one: " + parsed.error().reason);
    const OpenAiAnswer& answer = *parsed;
    const auto count = [](const std::optional<long long>& n) { return n ? Json(*n) : Json(); };
    answers.push_back({{"content", recordable(answer.content, kMaxRecorded)},
                       {"refusal", recordable(answer.refusal, kMaxQuoted)},
                       {"finish_reason", one_line(answer.finish_reason, 40)},
                       {"model", one_line(answer.model, 200)},
                       {"request_id", one_line(response.header("x-request-id").value_or(""), 200)},
                       {"prompt_tokens", count(answer.prompt_tokens)},
                       {"cached_tokens", count(answer.cached_tokens)},
                       {"completion_tokens", count(answer.completion_tokens)}});
    return answer;
  }

  kernel::HttpClient& http_;
  kernel::Log& log_;
  OpenAiOptions options_;
  Json temperature_;  ///< null: not sent
};

}  // namespace

std::unique_ptr<Picker> make_openai_picker(kernel::HttpClient& http, kernel::Log& log,
                                           OpenAiOptions options) {
  return std::make_unique<OpenAiPicker>(http, log, std::move(options));
}

}  // namespace am::picks
