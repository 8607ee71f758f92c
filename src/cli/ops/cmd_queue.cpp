#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/kernel/queue_admin.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "cli/table.hpp"
#include "ops_output.hpp"
#include "queue_commands.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> kItemStatuses{"queued", "running", "done",
                                                        "failed", "dead",    "cancelled"};
constexpr int kListed = 20;
constexpr std::size_t kMostItemNote = 120;

const kernel::QueueSpec& queue_named(const std::string& name, const kernel::Desks& desks) {
  const std::vector<const kernel::QueueSpec*> queues = kernel::queues_of(desks);
  std::vector<std::string> names;
  for (const kernel::QueueSpec* queue : queues) {
    if (queue->name == name) return *queue;
    names.emplace_back(queue->name);
  }
  if (names.empty()) {
    throw Error(ErrorKind::no_input,
                "queue " + shown(name) + ": not found, no desk of this installation has a queue",
                "desks.enabled says which desks there are");
  }
  throw Error(ErrorKind::no_input,
              "queue " + shown(name) + ": not found (expected " + join(names, ", ") + ")");
}

Tone tone_of_item(const std::string& status) {
  if (status == "done") return Tone::good;
  if (status == "dead" || status == "failed") return Tone::bad;
  return status == "cancelled" ? Tone::warning : Tone::plain;
}

Json item_json(const kernel::ItemInfo& item) {
  return {{"id", item.id},
          {"key", item.key},
          {"status", item.status},
          {"priority", item.priority},
          {"attempts", item.attempts},
          {"max_attempts", item.max_attempts},
          {"ready_at", format_rfc3339(item.ready_at)},
          {"created_at", format_rfc3339(item.created_at)},
          {"updated_at", format_rfc3339(item.updated_at)},
          {"holder", item.holder.empty() ? Json() : Json::parse(item.holder)},
          {"error", item.error_message.empty() ? Json() : Json(item.error_message)},
          {"payload", Json::parse(item.payload_json)}};
}

/// What it was and what it is now, as the database says.
using Change = std::vector<kernel::ItemChange> (*)(kernel::Sql& sql, const kernel::QueueSpec& queue,
                                                   const kernel::ItemNames& names, std::string_view reason);

std::optional<long long> id_of(const std::string& word) {
  long long id = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (problem != std::errc() || end != word.data() + word.size() || id <= 0) return std::nullopt;
  return id;
}

/// By its key; where there is none of that key, by its id.
kernel::ItemChange change_named(Change change, const kernel::QueueSpec& queue, const QueueChangeOptions& o,
                                kernel::Sql& sql) {
  const std::string reason = o.reason.value_or("");
  std::vector<kernel::ItemChange> changes = change(sql, queue, {.keys = {o.item}}, reason);
  const std::optional<long long> id = id_of(o.item);
  if (changes.empty() && id) changes = change(sql, queue, {.ids = {*id}}, reason);
  if (changes.empty()) {
    throw Error(ErrorKind::no_input,
                "queue " + std::string(queue.name) + ": no item of the key or id " + shown(o.item),
                "list them with: am queue list " + std::string(queue.name));
  }
  return changes.front();
}

Outcome change_item(const QueueChangeOptions& o, const kernel::Desks& desks, Context& context, Change change,
                    const std::string& status, const std::string& done) {
  const kernel::QueueSpec& queue = queue_named(o.queue, desks);
  const kernel::ItemChange item = change_named(change, queue, o, context.db());
  const std::string name =
      std::string(queue.name) + " item " + std::to_string(item.id) + " " + shown(item.key);
  Outcome outcome;
  outcome.kind = item.changed ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.table = item.changed ? done + " " + name + ", which was " + item.was + "\n"
                               : "unchanged: " + name + " is " + item.was + "\n";
  outcome.data = Json{{"queue", queue.name},
                      {"id", item.id},
                      {"key", item.key},
                      {"was", item.was},
                      {"status", item.changed ? status : item.was}}
                     .dump();
  return outcome;
}

void queue_word(Flags& f, std::string& queue) { f.word("queue", queue, "the queue's name (am status)"); }

void list_queue_flags(Flags& f, QueueListOptions& o) {
  queue_word(f, o.queue);
  f.text("--status", o.status, "STATUS", "queued, running, done, failed, dead or cancelled");
  f.integer("--limit", o.limit, 1, 10000, "how many, the most urgent first (20)");
}

void retry_flags(Flags& f, QueueChangeOptions& o) {
  queue_word(f, o.queue);
  f.word("item", o.item, "the item's key, or its id (am queue list)");
}

void cancel_flags(Flags& f, QueueChangeOptions& o) {
  retry_flags(f, o);
  f.text("--reason", o.reason, "TEXT", "why; it is kept on the item and in its event");
}

Outcome run_queue_list(const QueueListOptions& o, Context& context) {
  return list_queue(o, desks_of(enabled_desks(context.config)), context);
}
Outcome run_queue_retry(const QueueChangeOptions& o, Context& context) {
  return retry_in_queue(o, desks_of(enabled_desks(context.config)), context);
}
Outcome run_queue_cancel(const QueueChangeOptions& o, Context& context) {
  return cancel_in_queue(o, desks_of(enabled_desks(context.config)), context);
}

CommandInfo queue_info(std::string path, std::string summary, std::string details,
                       std::vector<std::string> examples) {
  return {.path = std::move(path),
          .summary = std::move(summary),
          .details = std::move(details),
          .examples = std::move(examples),
          .exits = {ExitCode::no_input, ExitCode::denied},
          .config = {"database.url", "desks.enabled"}};
}

}  // namespace

Outcome list_queue(const QueueListOptions& o, const kernel::Desks& desks, Context& context) {
  const kernel::QueueSpec& queue = queue_named(o.queue, desks);
  if (o.status && std::ranges::find(kItemStatuses, *o.status) == kItemStatuses.end()) {
    throw Error(ErrorKind::usage, "--status " + ellipsize(*o.status, 40) +
                                      ": expected queued, running, done, failed, dead or cancelled");
  }
  Table table({"id", "key", "status", "priority", "attempts", "ready at", "note"});
  Json all = Json::array();
  for (const kernel::ItemInfo& item :
       kernel::list_items(context.db(), queue, o.status, {}, o.limit.value_or(kListed))) {
    table.add(
        {std::to_string(item.id),
         item.key,
         {item.status, tone_of_item(item.status)},
         std::to_string(item.priority),
         std::to_string(item.attempts) + "/" + std::to_string(item.max_attempts),
         format_rfc3339(item.ready_at),
         item.status == "running" ? holder_text(item.holder) : ellipsize(item.error_message, kMostItemNote)});
    all.push_back(item_json(item));
  }
  Outcome outcome;
  outcome.table = table.empty() ? "no items\n" : table.text(context.options.color);
  outcome.data = all.dump();
  return outcome;
}

Outcome retry_in_queue(const QueueChangeOptions& o, const kernel::Desks& desks, Context& context) {
  const Change retry = [](kernel::Sql& sql, const kernel::QueueSpec& queue, const kernel::ItemNames& names,
                          std::string_view) { return kernel::retry_items(sql, queue, names); };
  return change_item(o, desks, context, retry, "queued", "queued again:");
}

Outcome cancel_in_queue(const QueueChangeOptions& o, const kernel::Desks& desks, Context& context) {
  return change_item(o, desks, context, kernel::cancel_items, "cancelled", "cancelled");
}

std::vector<Command> queue() {
  return {
      make_command<QueueListOptions>(
          queue_info(
              "queue list", "items of a queue: what is open, dead or failed",
              "With --status those of that status, the done and cancelled ones too. A running item is ready again "
              "when its lease ends.",
              {"am queue list forecasts", "am queue list forecasts --status dead -o json"}),
          list_queue_flags, run_queue_list),
      make_command<QueueChangeOptions>(
          queue_info(
              "queue retry", "queue an item again that is dead, failed or cancelled",
              "It is ready now, with all its attempts. What is queued, running or done stays as it is. A word that "
              "is a key names that item; else it is read as an id.",
              {"am queue retry forecasts 2026-01-26/AAPL", "am queue retry forecasts 17"}),
          retry_flags, run_queue_retry),
      make_command<QueueChangeOptions>(
          queue_info(
              "queue cancel", "take an item out of its queue, so that nobody works on it",
              "A worker that has it writes nothing more. What is done or cancelled stays as it is; retry brings the "
              "item back.",
              {"am queue cancel forecasts 2026-01-26/AAPL --reason \"delisted\""}),
          cancel_flags, run_queue_cancel)};
}

}  // namespace am::cli
