// What a Chat Completions server says when it does not answer. Each compatible server has errors of its own shape;
// their words are for the operator, their codes for the exit code.

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>

#include "am/base/text.hpp"
#include "am/picks/pickers.hpp"
#include "openai_wire.hpp"

namespace am::picks {

using kernel::HttpResponse;
using kernel::Verdict;

namespace {

constexpr std::size_t kMaxWords = 300;
constexpr int kMaxDepth = 5;

// --- words --------------------------------------------------------------------------------------------------

std::string words_in(const OutsideJson& json, int depth);

/// {"loc": ["body", "messages"], "msg": "field required"}, as FastAPI lists what it misses.
std::string words_of_item(const OutsideJson& item, int depth) {
  std::string place;
  if (const OutsideJson* loc = member(item, "loc"); loc != nullptr && loc->is_array()) {
    for (const OutsideJson& part : *loc) {
      const auto* name = part.get_ptr<const std::string*>();
      const std::string shown = name != nullptr ? *name : part.is_number_integer() ? part.dump() : "?";
      place += (place.empty() ? "" : ".") + shown;
    }
  }
  return (place.empty() ? "" : place + ": ") + words_in(item, depth);
}

std::string words_in(const OutsideJson& json, int depth) {
  if (depth > kMaxDepth) return {};
  if (const auto* text = json.get_ptr<const std::string*>()) return *text;
  if (json.is_array()) {
    std::string all;
    for (std::size_t i = 0; i < json.size() && all.size() < kMaxWords; ++i) {
      const std::string words = words_of_item(json[i], depth + 1);
      if (!words.empty()) all += (all.empty() ? "" : "; ") + words;
    }
    return all;
  }
  for (const char* name : {"error", "message", "msg", "detail", "error_description", "description", "errors",
                           "reason", "title"}) {
    const OutsideJson* found = member(json, name);
    std::string words = found == nullptr ? "" : words_in(*found, depth + 1);
    if (words.empty()) continue;
    // A router passes on what the server behind it said.
    const OutsideJson* metadata = member(json, "metadata");
    const std::string raw = metadata == nullptr ? "" : text_member(*metadata, "raw");
    return raw.empty() ? words : words + ": " + raw;
  }
  return {};
}

/// "sk-proj-a***9", "sk-1...9": a vendor shows a part of the key that it refuses.
bool is_shortened(std::string_view word) {
  if (word.find("**") != std::string_view::npos) return true;
  for (const std::string_view gap : {"...", "\u2026"}) {
    const auto at = word.find(gap);
    const auto after = at + gap.size();
    if (at != std::string_view::npos && at > 0 && after < word.size() &&
        std::isalnum(static_cast<unsigned char>(word[after])) != 0)
      return true;
  }
  return false;
}

std::string without_shortened(const std::string& text) {
  std::vector<std::string> words = split(text, ' ');
  for (std::string& word : words) {
    if (is_shortened(word)) word = "***";
  }
  return join(words, " ");
}

std::string printable_words(const std::string& words) {
  std::string line = without_shortened(one_line(words, kMaxWords));
  while (line.ends_with('.')) line.pop_back();
  return line;
}

const OutsideJson& first_of(const OutsideJson& json) {
  return json.is_array() && !json.empty() ? json.front() : json;
}

// --- codes --------------------------------------------------------------------------------------------------

/// What an answer says of an error, besides its words.
struct Said {
  std::optional<int> code;         ///< an HTTP status that the body names
  std::vector<std::string> names;  ///< of code, type, status and reasons, in small letters

  bool names_any(std::initializer_list<std::string_view> wanted) const {
    return std::ranges::any_of(names, [&](const std::string& name) {
      return std::ranges::any_of(wanted,
                                 [&](std::string_view part) { return name.find(part) != std::string::npos; });
    });
  }
};

void read_codes(const OutsideJson& json, Said& said) {
  for (const char* name : {"code", "status", "status_code", "type", "reason"}) {
    const OutsideJson* found = member(json, name);
    if (found == nullptr) continue;
    const std::string text = found->is_number_integer() ? found->dump() : text_member(json, name);
    if (const auto code = parse_integer(text, 400, 599)) {
      if (!said.code) said.code = static_cast<int>(*code);
    } else if (!text.empty()) {
      said.names.push_back(to_lower(text));
    }
  }
  if (const OutsideJson* details = member(json, "details"); details != nullptr && details->is_array()) {
    for (const OutsideJson& detail : *details) said.names.push_back(to_lower(text_member(detail, "reason")));
  }
}

/// The member "error", when it says something.
const OutsideJson* error_member(const OutsideJson& json) {
  const OutsideJson* error = member(json, "error");
  const bool says = error != nullptr && (error->is_object() || error->is_array() || error->is_string());
  return says && !error->empty() && *error != "" ? error : nullptr;
}

/// The error of an answer, or of its first choice; null: none.
const OutsideJson* error_of(const OutsideJson& json) {
  if (const OutsideJson* error = error_member(json)) return error;
  const OutsideJson* choices = member(json, "choices");
  return choices != nullptr && choices->is_array() && !choices->empty() ? error_member(choices->front())
                                                                        : nullptr;
}

/// The code that an error inside a 200 stands for; 0: it cannot be told.
int code_of(const Said& said) {
  if (said.code) return *said.code;
  static constexpr std::array<std::pair<std::string_view, int>, 13> kNames{{{"rate_limit", 429},
                                                                            {"too_many_requests", 429},
                                                                            {"resource_exhausted", 429},
                                                                            {"api_key", 401},
                                                                            {"authentication", 401},
                                                                            {"permission", 403},
                                                                            {"overloaded", 503},
                                                                            {"server_error", 500},
                                                                            {"internal", 500},
                                                                            {"unavailable", 503},
                                                                            {"timeout", 504},
                                                                            {"not_found", 404},
                                                                            {"invalid", 400}}};
  for (const auto& [part, code] : kNames) {
    if (said.names_any({part})) return code;
  }
  return 0;
}

bool is_about_the_account(const Said& said, int code) {
  return code == 402 ||
         said.names_any({"insufficient_quota", "insufficient_balance", "insufficient_credits", "billing",
                         "access_terminated", "account_deactivated", "exceeded_current_quota"});
}

bool is_about_the_key(const Said& said, int code, const std::string& words) {
  if (code == 401 || code == 403) return true;
  const std::string text = to_lower(words);
  return code == 400 && (said.names_any({"api_key"}) || text.find("api key not valid") != std::string::npos ||
                         text.find("invalid api key") != std::string::npos);
}

Verdict verdict(Verdict::Kind kind, std::string problem, ErrorKind error, std::string hint) {
  return {.kind = kind, .problem = std::move(problem), .error = error, .hint = std::move(hint), .wait = {}};
}

/// code: what was answered, or what the error inside a 200 stands for.
Verdict judge_error(const HttpResponse& response, const Said& said, int code, const std::string& model) {
  const std::string words = vendor_words(response.body);
  const std::string told = words.empty() ? "" : ": " + words;
  const bool inside = code != response.status;
  const std::string answered = "answered " + std::to_string(response.status) +
                               (!inside     ? ""
                                : code == 0 ? " with an error"
                                            : " with error " + std::to_string(code));
  if (said.names_any({"content_filter", "content_policy"})) {
    return verdict(Verdict::Kind::fail, answered + ": a content filter refused the question" + told,
                   ErrorKind::data, "choose another model with OPENAI_MODEL");
  }
  if (is_about_the_account(said, code)) {
    return verdict(Verdict::Kind::fail, answered + ": the account has no quota left or is closed" + told,
                   ErrorKind::denied, "check the plan and the billing of the account behind OPENAI_API_KEY");
  }
  if (is_about_the_key(said, code, words)) {
    return verdict(Verdict::Kind::fail, answered + ": the key is refused" + told, ErrorKind::denied,
                   "check OPENAI_API_KEY, and that it may use the model " + model + " from this place");
  }
  if (code == 0) {
    return verdict(Verdict::Kind::retry, answered + told, ErrorKind::data,
                   "the vendor's words say what is wrong; check OPENAI_BASE_URL");
  }
  const bool passing = code == 408 || code == 425 || code == 429 || code >= 500;
  if (code >= 400 && !passing) {
    return verdict(Verdict::Kind::fail, "model " + model + ": " + answered + told, ErrorKind::config,
                   "check OPENAI_MODEL, OPENAI_BASE_URL, and what the model takes: openai.temperature (none "
                   "leaves it out), openai.response_format (json_object, or none)");
  }
  HttpResponse as_status = response;
  as_status.status = code;
  Verdict passed_on = kernel::judge_status(as_status);
  if (inside || !told.empty()) passed_on.problem = answered + told;
  return passed_on;
}

}  // namespace

const OutsideJson* member(const OutsideJson& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

std::string text_member(const OutsideJson& json, const char* name) {
  const OutsideJson* found = member(json, name);
  const auto* text = found == nullptr ? nullptr : found->get_ptr<const std::string*>();
  return text == nullptr ? std::string() : *text;
}

std::string vendor_words(std::string_view body) {
  const OutsideJson json = OutsideJson::parse(body, nullptr, false);
  if (json.is_discarded()) {
    const std::string_view text = trim(body);
    return text.starts_with('<') || !is_valid_utf8(text) ? "" : printable_words(std::string(text));
  }
  const OutsideJson& root = first_of(json);
  const OutsideJson* error = error_of(root);
  return printable_words(error != nullptr ? words_in(*error, 0) : words_in(root, 0));
}

Verdict judge_openai(const HttpResponse& response, const std::string& model) {
  const bool accepted = response.status >= 200 && response.status < 300;
  const OutsideJson json = OutsideJson::parse(response.body, nullptr, false);
  const OutsideJson& root = first_of(json);
  const OutsideJson* error = error_of(root);
  Said said;
  if (error != nullptr) read_codes(*error, said);
  read_codes(root, said);
  if (accepted && error == nullptr) {
    const Result<OpenAiAnswer> answer = parse_openai_answer(response.body);
    if (answer) return {};
    if (!said.code) {
      const std::string words = json.is_discarded() ? "" : vendor_words(response.body);
      return verdict(Verdict::Kind::retry,
                     "the answer is not a chat completion: " + answer.error().reason +
                         (words.empty() ? "" : " (" + words + ")"),
                     ErrorKind::data, "check OPENAI_BASE_URL");
    }
  }
  return judge_error(response, said, accepted ? code_of(said) : response.status, model);
}

}  // namespace am::picks
