// /batches.atom: the newest batches for feed readers (RFC 4287). Its addresses are relative: the server does not know by
// which name it is reached.

#include "am/base/hash.hpp"
#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/picks/report.hpp"
#include "am/picks/schedule.hpp"
#include "documents.hpp"
#include "page_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

constexpr int kEntries = 20;

/// The batch that was made first names the feed: two installations' feeds are two, and this one stays the same.
constexpr std::string_view kFirstSql =
    "SELECT id::text AS id FROM public.batches ORDER BY batches.id LIMIT 1";

/// A name-based UUID of the batch's, version 8.
std::string feed_id(const kernel::Rows& first) {
  std::string hex =
      sha256_hex("alpha monday, feed of the batches: " + (first.empty() ? "" : first.only().text("id")));
  hex[12] = '8';
  hex[16] = 'a';
  return "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

std::string updated_element(Instant at) {
  return "<updated>" + format_rfc3339(std::chrono::floor<std::chrono::seconds>(at)) + "</updated>";
}

/// When its newest day fell due; before the first, when it did. Not when that was stored: a day that is computed anew
/// is no news.
Instant updated_at(const picks::BatchHistory& history) {
  return picks::checkpoint_due_at(history.batch.run_date, last_day(history));
}

std::string entry(const picks::BatchHistory& history) {
  const picks::BatchLine line = picks::batch_line(history);
  std::string names;
  for (const picks::PickLine& pick : line.picks) {
    names += (names.empty() ? "" : ", ") + std::string(picks::action_name(pick.stored.pick.action)) + " " +
             pick.stored.pick.ticker;
  }
  std::string summary = answer_text(history, line);
  if (line.mean_excess_pct) {
    summary += " Earned " + pretty_percent(line.mean_return_pct) + "; " + line.batch.benchmark_symbol +
               ", same side, " + pretty_percent(line.mean_benchmark_pct) + "; excess " +
               pretty_percent(line.mean_excess_pct) + ".";
  }
  return "<entry><id>urn:uuid:" + escape_html(history.batch.id) + "</id><title>" +
         escape_html("Batch of " + history.batch.run_date.to_string() + ": " + names) + "</title>" +
         updated_element(updated_at(history)) + "<link rel=\"alternate\" type=\"text/html\" href=\"" +
         escape_html(batch_path(history.batch.run_date)) + "\"/><summary>" + escape_html(summary) +
         "</summary></entry>\n";
}

}  // namespace

Document batches_atom(const Args& /*args*/, const Source& source) {
  std::vector<kernel::Statement> statements = picks::history_statements(std::nullopt, kEntries);
  statements.push_back({std::string(kFirstSql), {}});
  const std::vector<kernel::Rows> results = source.reader.read(statements);
  const std::vector<picks::BatchHistory> histories = picks::histories_of(results);
  Instant newest{};
  std::string entries;
  for (auto history = histories.rbegin(); history != histories.rend(); ++history) {
    newest = std::max(newest, updated_at(*history));
    entries += entry(*history);
  }
  return {
      200, kAtomType,
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\"><id>" +
          feed_id(results.back()) + "</id><title>Alpha Monday: batches</title><subtitle>" +
          escape_html(source.router.about()) + "</subtitle>" + updated_element(newest) +
          "<author><name>Alpha Monday</name></author><link rel=\"self\" type=\"application/atom+xml\" href=\"" +
          std::string(kFeedPath) + "\"/><link rel=\"alternate\" type=\"text/html\" href=\"" +
          std::string(kBatchesPage) + "\"/>\n" + entries + "</feed>\n"};
}

}  // namespace am::web
