// A model's answer and the picks in it. Models are told to answer with JSON alone, and many wrap it all the same.

#include <limits>

#include "am/base/text.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/rules.hpp"
#include "openai_wire.hpp"

namespace am::picks {

namespace {

constexpr std::string_view kFence = "```";

std::optional<long long> count_member(const OutsideJson* json, const char* name) {
  const OutsideJson* found = json == nullptr ? nullptr : member(*json, name);
  if (found == nullptr || !found->is_number_unsigned()) return {};
  const auto count = found->get<unsigned long long>();
  if (count > static_cast<unsigned long long>(std::numeric_limits<long long>::max())) return {};
  return static_cast<long long>(count);
}

/// A text, or a list of parts whose texts belong together ("type": "thinking" and the like are no part of it).
void read_content(const OutsideJson& message, OpenAiAnswer& answer) {
  answer.content = text_member(message, "content");
  answer.refusal = text_member(message, "refusal");
  const OutsideJson* content = member(message, "content");
  if (content == nullptr || !content->is_array()) return;
  for (const OutsideJson& part : *content) {
    const std::string type = text_member(part, "type");
    if (const auto* text = part.get_ptr<const std::string*>()) answer.content += *text;
    if (type == "text" || type == "output_text") answer.content += text_member(part, "text");
    if (type == "refusal") answer.refusal += text_member(part, "refusal");
  }
}

/// Without the thoughts before the answer; a template may have eaten the tag that opens them. Empty: they never end.
std::string_view after_thoughts(std::string_view text) {
  constexpr std::string_view kEnd = "</think>";
  const auto end = text.rfind(kEnd);
  if (end != std::string_view::npos) return text.substr(end + kEnd.size());
  return trim(text).starts_with("<think>") ? std::string_view() : text;
}

/// What is between the first fence's line and the next fence.
std::string_view inside_fence(std::string_view text) {
  const auto fence = text.find(kFence);
  if (fence == std::string_view::npos) return text;
  const auto line_end = text.find('\n', fence);
  if (line_end == std::string_view::npos) return text;
  text.remove_prefix(line_end + 1);
  return text.substr(0, text.find(kFence));
}

/// The text from its first { to its last }; empty: it has none.
std::string_view object_in(std::string_view text) {
  const auto first = text.find('{');
  const auto last = text.rfind('}');
  return first == std::string_view::npos || last == std::string_view::npos || last < first
             ? std::string_view()
             : text.substr(first, last - first + 1);
}

}  // namespace

Result<OpenAiAnswer> parse_openai_answer(std::string_view body) {
  const OutsideJson json = OutsideJson::parse(body, nullptr, false);
  if (json.is_discarded()) return Reject{"not JSON"};
  const OutsideJson* choices = member(json, "choices");
  if (choices == nullptr || !choices->is_array() || choices->empty()) return Reject{"no choices in it"};
  const OutsideJson& choice = choices->front();
  const OutsideJson* said = member(choice, "message");
  if (said == nullptr || !said->is_object()) return Reject{"its first choice has no message"};
  OpenAiAnswer answer;
  read_content(*said, answer);
  answer.finish_reason = text_member(choice, "finish_reason");
  answer.model = text_member(json, "model");
  const OutsideJson* usage = member(json, "usage");
  answer.prompt_tokens = count_member(usage, "prompt_tokens");
  answer.completion_tokens = count_member(usage, "completion_tokens");
  const OutsideJson* details = usage == nullptr ? nullptr : member(*usage, "prompt_tokens_details");
  answer.cached_tokens = count_member(details, "cached_tokens");
  return answer;
}

Result<std::vector<Pick>> picks_in(const OpenAiAnswer& answer, std::string_view benchmark) {
  if (!answer.refusal.empty()) return Reject{"the model refused: " + one_line(answer.refusal, 200)};
  if (answer.is_filtered()) return Reject{"the answer was withheld by a content filter"};
  if (answer.finish_reason == "length") return Reject{"the answer was cut off at the length limit"};
  if (answer.content.empty()) return Reject{"the answer is empty"};
  Result<std::vector<Pick>> picks = parse_picks(answer.content, benchmark);
  if (picks) return picks;
  // The second reading: what is wrapped is paid for as well, and no question would make it better.
  const std::string_view bare = object_in(inside_fence(after_thoughts(answer.content)));
  if (bare.empty() || bare == answer.content || !OutsideJson::accept(bare)) return picks;
  return parse_picks(bare, benchmark);
}

}  // namespace am::picks
