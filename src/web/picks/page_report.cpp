// The report as a page, with the figures of `am report`: the same histories, closes and universe. Reading 520 batches and
// judging them takes most of a second, and they change once a day: so what it shows is kept under a fingerprint of the rows
// and files that it was made from, which is had in a tenth of the time that it takes to read them.

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "am/base/text.hpp"
#include "am/picks/report.hpp"
#include "am/picks/report_guide.hpp"
#include "documents.hpp"
#include "page_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

/// Differs when any row that the report reads has changed: sums of 64-bit hashes, and a row more or less shows too. With it
/// the price sources, of which some are directories.
constexpr std::string_view kFingerprintSql =
    "SELECT concat_ws(' ', (SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.batches t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM ops.batch_origin t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM market.corporate_actions t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.picks t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.checkpoints t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.pick_checkpoint_metrics t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM market.daily_closes t)) AS fingerprint, "
    "(SELECT string_agg(DISTINCT price_source, E'\\n' ORDER BY price_source) FROM ops.batch_origin) AS sources";

/// Prices that cannot be read are no reason to show nothing: `am config check` tells of them.
std::optional<picks::TokenPrices> prices_of(const kernel::Config& config) {
  try {
    return picks::TokenPrices::of(config.text("openai.prices"), config.text("openai.model"));
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Name, size and time of a file; nothing of one that is not there.
std::string stamp_of(const std::filesystem::path& file) {
  std::error_code away;
  const auto size = std::filesystem::file_size(file, away);
  const auto at = std::filesystem::last_write_time(file, away);
  return away ? "" : fmt::format("{} {} {}\n", file.string(), size, at.time_since_epoch().count());
}

/// Of the files behind `csv:` sources, and of the universe's.
std::string stamps_of(const std::optional<std::string>& sources, const std::string& universe) {
  std::string stamps = universe.empty() ? "" : stamp_of(universe);
  for (const std::string& source : split(sources.value_or(""), '\n')) {
    if (!source.starts_with("csv:")) continue;
    std::error_code away;
    std::set<std::string> files;
    for (std::filesystem::directory_iterator at(source.substr(4), away), end; !away && at != end;
         at.increment(away))
      files.insert(stamp_of(at->path()));
    for (const std::string& file : files) stamps += file;
  }
  return stamps;
}

/// What the last page showed. Threads: any; those that need a new one make it one after the other.
class Kept {
 public:
  std::shared_ptr<const PageFrame> frame(const Source& source) {
    const std::string universe = source.config == nullptr ? "" : source.config->text("picks.universe");
    const auto fingerprint_of = [&](const kernel::Row& row) {
      return row.text("fingerprint") + "\n" + stamps_of(row.maybe_text("sources"), universe);
    };
    const kernel::Statement fingerprint{std::string(kFingerprintSql), {}};
    const std::string now = fingerprint_of(source.reader.read({fingerprint})[0].only());
    const std::scoped_lock lock(mutex_);
    if (frame_ && fingerprint_ == now) return frame_;
    std::vector<kernel::Statement> statements = picks::history_statements(std::nullopt);
    statements.push_back(picks::usage_statement());
    statements.push_back(fingerprint);
    const std::vector<kernel::Rows> results = source.reader.read(statements);
    std::string made_from = fingerprint_of(results.back().only());
    picks::ReportCosts costs{picks::usage_of(results.rbegin()[1]), {}};
    if (source.config != nullptr) costs.prices = prices_of(*source.config);
    frame_ = std::make_shared<const PageFrame>(make(results, source.reader, universe, costs));
    fingerprint_ = std::move(made_from);
    return frame_;
  }

 private:
  static PageFrame make(const std::vector<kernel::Rows>& results, kernel::SnapshotReader& reader,
                        const std::string& universe, const picks::ReportCosts& costs) {
    const std::vector<picks::BatchHistory> histories = picks::histories_of(results);
    const picks::KnownCloses closes(histories, {universe, {}}, [&](const kernel::Statement& statement) {
      return std::move(reader.read({statement})[0]);
    });
    const picks::Report report = picks::make_report(histories, std::nullopt, closes.of(), costs);
    picks::ReportParts parts =
        picks::report_parts(report, {std::string(kBatchesPage), std::string(kGuidePage)});
    PageFrame frame;
    frame.title = "Is there alpha?";
    frame.here = kReportPage;
    frame.head_html = std::move(parts.head);
    frame.main_html = std::move(parts.sections);
    frame.notes_html = left_out_html(report.doubts.size()) + std::move(parts.notes);
    if (!report.problems.empty()) {
      frame.notes_html +=
          "<p>Some closes cannot be read, so that what needs them has a beta of 1, or no luck control: <code>am "
          "report</code> says which.</p>";
    }
    return frame;
  }

  std::mutex mutex_;
  std::string fingerprint_;
  std::shared_ptr<const PageFrame> frame_;
};

}  // namespace

Document page_report(const Args& /*args*/, const Source& source) {
  static Kept kept;
  return page_document(*kept.frame(source), source.router);
}

Document page_guide(const Args& /*args*/, const Source& source) {
  PageFrame frame;
  frame.title = std::string(picks::guide_title());
  frame.here = kReportPage;
  frame.within = true;
  frame.head_html = "<h1>" + frame.title + "</h1>";
  frame.main_html = picks::guide_html();
  return page_document(frame, source.router);
}

}  // namespace am::web
