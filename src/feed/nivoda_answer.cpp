#include "nivoda_answer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include <simdjson.h>

#include "am/base/date.hpp"
#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "canonical_json.hpp"

namespace am::feed {

namespace {

namespace json = simdjson::ondemand;
using Kind = Problem::Kind;

constexpr std::size_t kMostWords = 200;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

Problem no_answer(std::string_view what) {
  return {Kind::failed, "an answer that is none: " + std::string(what)};
}

Problem no_json(simdjson::error_code code) {
  std::string text = simdjson::error_message(code);
  while (text.ends_with('.')) text.pop_back();
  return no_answer(to_lower(text));
}

/// The text with U+FFFD for each byte that is no UTF-8.
std::string valid_utf8(std::string_view text, int& replaced) {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) ++replaced;
    out.append(length == 0 ? kReplacement : text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

/// An answer that can be looked into, more than once. The library reads on demand, and what it reads must be JSON as a
/// whole: after some errors it must not be asked again.
class Answer {
 public:
  explicit Answer(std::string_view body)
      : text_(valid_utf8(body, replaced_)),
        error_(canonical_json(text_) ? parser_.iterate(text_).get(document_) : simdjson::TAPE_ERROR) {}

  simdjson::error_code error() const { return error_; }
  int replaced() const { return replaced_; }
  json::document& document() { return document_; }
  /// From the beginning again.
  void rewind() { document_.rewind(); }

 private:
  int replaced_ = 0;
  simdjson::padded_string text_;
  json::parser parser_;
  json::document document_;
  simdjson::error_code error_;
};

bool says_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// By the words that GraphQL servers use, and by the codes of their extensions.
Kind kind_of(const std::string& text) {
  static constexpr std::array<std::string_view, 10> kRefused = {
      "unauthorized", "unauthorised",  "unauthenticated",         "invalid token",     "token expired",
      "jwt expired",  "token invalid", "authentication required", "not authenticated", "invalid credentials"};
  static constexpr std::array<std::string_view, 11> kUnknown = {
      "cannot query field",     "unknown argument",    "unknown type",        "unknown fragment",
      "is not defined by type", "got invalid value",   "must not have a sel", "must have a sel",
      "syntax error",           "graphql_validation_", "graphql_parse_fail"};
  static constexpr std::array<std::string_view, 5> kLimited = {
      "rate limit", "rate_limit", "too many requests", "too_many_requests", "throttl"};
  const std::string lower = to_lower(text);
  if (says_any(lower, kRefused)) return Kind::refused;
  if (says_any(lower, kLimited)) return Kind::limited;
  return says_any(lower, kUnknown) ? Kind::unknown : Kind::failed;
}

std::string text_of(simdjson::simdjson_result<json::value> value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

/// One of `errors`: an object with a message, mostly.
Problem problem_of(json::value error) {
  json::object object;
  if (error.get_object().get(object) != simdjson::SUCCESS) {
    const std::string text = text_of(simdjson::simdjson_result<json::value>(json::value(error)));
    return {kind_of(text), text};
  }
  const std::string message = text_of(object.find_field_unordered("message"));
  const std::string code = text_of(object.find_field_unordered("extensions").find_field_unordered("code"));
  return {kind_of(message + "\n" + code), message.empty() ? code : message};
}

/// The most telling one: nobody is helped by "internal error" beside "token expired".
int weight(Kind kind) {
  switch (kind) {
    case Kind::refused:
      return 3;
    case Kind::unknown:
      return 2;
    case Kind::limited:
      return 1;
    case Kind::failed:
      break;
  }
  return 0;
}

simdjson::error_code read_errors(Answer& answer, std::optional<Problem>& worst) {
  if (answer.error() != simdjson::SUCCESS) return answer.error();
  json::value errors;
  auto code = answer.document().find_field_unordered("errors").get(errors);
  if (code == simdjson::NO_SUCH_FIELD) return simdjson::SUCCESS;
  json::json_type type{};
  if (code == simdjson::SUCCESS) code = errors.type().get(type);
  if (code != simdjson::SUCCESS || type == json::json_type::null) return code;
  const auto note = [&](Problem problem) {
    problem.text = problem.text.empty() ? "an error without words" : one_line(problem.text, kMostWords);
    if (!worst || weight(problem.kind) > weight(worst->kind)) worst = std::move(problem);
  };
  if (type != json::json_type::array) {
    note(problem_of(errors));
    return simdjson::SUCCESS;
  }
  json::array list;
  code = errors.get_array().get(list);
  if (code != simdjson::SUCCESS) return code;
  for (auto each : list) {
    json::value error;
    code = each.get(error);
    if (code != simdjson::SUCCESS) return code;
    note(problem_of(error));
  }
  return simdjson::SUCCESS;
}

/// What stands before the wanted part of an answer: bytes that are no JSON, or errors; then from the beginning again.
std::optional<Problem> trouble_in(Answer& answer) {
  std::optional<Problem> problem;
  const auto code = read_errors(answer, problem);
  if (problem) return problem;
  if (code != simdjson::SUCCESS) return no_json(code);
  answer.rewind();
  return std::nullopt;
}

/// data.as, else data.
simdjson::error_code viewer_of(Answer& answer, json::object& viewer) {
  auto code = answer.document().find_field_unordered("data").get_object().get(viewer);
  if (code != simdjson::SUCCESS) return code;
  json::value as;
  code = viewer.find_field_unordered("as").get(as);
  if (code == simdjson::SUCCESS) return as.get_object().get(viewer);
  if (code != simdjson::NO_SUCH_FIELD) return code;
  answer.rewind();
  return answer.document().find_field_unordered("data").get_object().get(viewer);
}

/// An id as text: the supplier's are, but GraphQL allows numbers.
std::optional<std::string> id_of(simdjson::simdjson_result<json::value> found) {
  json::value value;
  if (found.get(value) != simdjson::SUCCESS) return std::nullopt;
  json::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
  std::string id;
  if (type == json::json_type::number) {
    std::int64_t number = 0;
    if (value.get_int64().get(number) != simdjson::SUCCESS) return std::nullopt;
    id = std::to_string(number);
  } else {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
    id = text;
  }
  if (id.empty() || id.find('\0') != std::string::npos) return std::nullopt;
  return id;
}

/// When the supplier last changed it, where a payload says so.
std::optional<std::string> updated_of(json::object& item) {
  for (const char* name : {"updated_at", "updatedAt"}) {
    std::string text = text_of(item.find_field_unordered(name));
    if (parse_rfc3339(text)) return text;
  }
  return std::nullopt;
}

/// The object's own text. The library's reaches to what comes next.
std::string own_text(std::string_view raw) { return std::string(raw.substr(0, raw.find_last_of('}') + 1)); }

Result<Offer, Problem> offer_of(json::object item, std::size_t place) {
  const auto bad = [&](std::string_view what) {
    return no_answer("item " + std::to_string(place + 1) + " of its page " + std::string(what));
  };
  Offer offer;
  std::string_view raw;
  if (const auto code = item.raw_json().get(raw); code != simdjson::SUCCESS) return no_json(code);
  offer.payload_json = own_text(raw);
  const Result<std::string> canonical = canonical_json(offer.payload_json);
  if (!canonical) return bad("is not JSON");
  offer.payload_hash = sha256_hex(*canonical);
  if (item.reset().error() != simdjson::SUCCESS) return bad("cannot be read");
  const std::optional<std::string> offer_id = id_of(item.find_field_unordered("id"));
  if (!offer_id) return bad("has no id");
  offer.offer_id = *offer_id;
  offer.source_updated_at = updated_of(item);
  json::object diamond;
  if (item.find_field_unordered("diamond").get_object().get(diamond) != simdjson::SUCCESS)
    return bad("has no diamond");
  const std::optional<std::string> stone = id_of(diamond.find_field_unordered("id"));
  if (!stone) return bad("has a diamond without an id");
  offer.supplier_stone_id = *stone;
  if (!offer.source_updated_at) offer.source_updated_at = updated_of(diamond);
  return offer;
}

}  // namespace

std::optional<Problem> errors_of(std::string_view body) {
  Answer answer(body);
  std::optional<Problem> worst;
  read_errors(answer, worst);
  return worst;
}

Result<NivodaTokens::Granted, Problem> parse_login(std::string_view body) {
  static constexpr std::array<std::string_view, 5> kNoRefusal = {"internal", "timeout", "timed out",
                                                                 "unavailable", "try again"};
  Answer answer(body);
  if (std::optional<Problem> problem = trouble_in(answer)) {
    const bool is_answer = answer.error() == simdjson::SUCCESS;
    if (is_answer && problem->kind == Kind::failed && !says_any(to_lower(problem->text), kNoRefusal))
      problem->kind = Kind::refused;
    return *problem;
  }
  json::object session;
  if (answer.document()
          .find_field_unordered("data")
          .find_field_unordered("authenticate")
          .find_field_unordered("username_and_password")
          .get_object()
          .get(session) != simdjson::SUCCESS)
    return Problem{Kind::refused, "no session"};
  NivodaTokens::Granted granted{.token = text_of(session.find_field_unordered("token"))};
  if (granted.token.empty() || !is_printable(granted.token)) return no_answer("a session without a token");
  double expires = 0;
  if (session.find_field_unordered("expires").get_double().get(expires) == simdjson::SUCCESS)
    granted.expires = expires;
  return granted;
}

Result<long long, Problem> parse_count(std::string_view body) {
  Answer answer(body);
  if (std::optional<Problem> problem = trouble_in(answer)) return *problem;
  json::object viewer;
  std::int64_t count = 0;
  auto code = viewer_of(answer, viewer);
  if (code == simdjson::SUCCESS)
    code = viewer.find_field_unordered("diamonds_by_query_count").get_int64().get(count);
  if (code != simdjson::SUCCESS) return no_json(code);
  if (count < 0) return no_answer("a count below 0");
  return static_cast<long long>(count);
}

Result<Page, Problem> parse_page(std::string_view body) {
  Answer answer(body);
  if (std::optional<Problem> problem = trouble_in(answer)) return *problem;
  json::object viewer;
  json::array items;
  auto code = viewer_of(answer, viewer);
  if (code == simdjson::SUCCESS)
    code =
        viewer.find_field_unordered("diamonds_by_query").find_field_unordered("items").get_array().get(items);
  if (code != simdjson::SUCCESS) return no_json(code);
  Page page{.offers = {}, .replaced_characters = answer.replaced()};
  for (auto each : items) {
    json::object item;
    code = each.get_object().get(item);
    if (code != simdjson::SUCCESS) return no_json(code);
    Result<Offer, Problem> offer = offer_of(item, page.offers.size());
    if (!offer) return offer.error();
    page.offers.push_back(std::move(offer).value());
  }
  return page;
}

}  // namespace am::feed
