#include "output.hpp"

#include <nlohmann/json.hpp>

#include "am/kernel/version.hpp"
#include "table.hpp"

namespace am::cli {

using Json = nlohmann::ordered_json;

namespace {

/// One line without anything that a terminal would obey, and without the full stop of a vendor's words.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') c = '?';
  }
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
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string error_text(const std::string& command, const Error& error, bool color) {
  std::string text = painted("am:", Tone::bad, color) + " " + (command.empty() ? "" : command + " ") +
                     one_line(error.message()) + "\n";
  if (error.not_before()) text += "not before: " + format_rfc3339(*error.not_before()) + "\n";
  if (!error.hint().empty())
    text += painted("hint:", Tone::warning, color) + " " + one_line(error.hint()) + "\n";
  return text;
}

}  // namespace am::cli
