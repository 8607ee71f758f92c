#include "output.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/kernel/version.hpp"
#include "table.hpp"

namespace am::cli {

using Json = nlohmann::ordered_json;

namespace {

/// Without the full stop of a vendor's words.
std::string unstopped(std::string text) {
  while (text.ends_with('.') && !text.ends_with("..")) text.pop_back();
  return text;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

std::string json_document(const std::string& command, const Outcome& outcome, const Times& times) {
  Json document;
  document["schema_version"] = 1;
  document["command"] = command;
  document["outcome"] = outcome_name(outcome.kind);
  document["exit_code"] = static_cast<int>(outcome.exit);
  document["retryable"] = outcome.error && outcome.error->retryable();
  document["not_before"] = outcome.error && outcome.error->not_before()
                               ? Json(format_rfc3339(*outcome.error->not_before()))
                               : Json();
  document["run_id"] = text_or_null(outcome.run_id);
  document["slot"] = text_or_null(outcome.slot);
  Json counts = Json::object();
  for (const auto& [name, count] : outcome.counts) counts[name] = count;
  document["counts"] = counts;
  document["warnings"] = outcome.warnings;
  document["error"] = nullptr;
  if (outcome.error) {
    document["error"] = {{"code", error_kind_name(outcome.error->kind())},
                         {"message", outcome.error->message()},
                         {"hint", text_or_null(outcome.error->hint())}};
  }
  document["started_at"] = format_rfc3339(times.started_at);
  document["finished_at"] = format_rfc3339(times.finished_at);
  document["version"] = kernel::version();
  document["data"] = Json::parse(outcome.data);
  return printable_json(document.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string shown_text(std::string_view text, bool color) {
  if (!color) return printable_lines(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t escape = std::min(text.find('\x1b'), text.size());
    out += printable_lines(text.substr(0, escape));
    text.remove_prefix(escape);
    if (text.empty()) break;
    const std::size_t length = std::max<std::size_t>(color_sequence(text), 1);
    out += length > 1 ? text.substr(0, length) : "?";
    text.remove_prefix(length);
  }
  return out;
}

std::string error_text(const std::string& command, const Error& error, bool color) {
  std::string text = painted("am:", Tone::bad, color) + " " + (command.empty() ? "" : command + " ") +
                     unstopped(error.message()) + "\n";
  if (error.not_before()) text += "not before: " + format_rfc3339(*error.not_before()) + "\n";
  if (!error.hint().empty())
    text += painted("hint:", Tone::warning, color) + " " + unstopped(error.hint()) + "\n";
  return text;
}

}  // namespace am::cli
