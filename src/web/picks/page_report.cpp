// The report as a page. Reading 520 batches and judging them (10,000 resamples for every day) takes most of a second,
// and they change once a day: so the page is kept under a fingerprint of the rows that it was made from, which the
// database computes in a tenth of the time that it takes to read them.

#include <memory>
#include <mutex>

#include "am/picks/report.hpp"
#include "web/documents.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

/// Differs when any row that the report reads has changed: sums of 64-bit hashes, and a row more or less shows too.
constexpr std::string_view kFingerprintSql =
    "SELECT concat_ws(' ', (SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.batches t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM ops.batch_origin t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.picks t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.checkpoints t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.pick_checkpoint_metrics t)) AS fingerprint";

/// The last page. Threads: any; those that need a new one make it one after the other.
class Kept {
 public:
  std::shared_ptr<const std::string> page(kernel::SnapshotReader& reader) {
    const kernel::Statement fingerprint{std::string(kFingerprintSql), {}};
    const std::vector<kernel::Rows> now = reader.read({fingerprint});
    const std::scoped_lock lock(mutex_);
    if (page_ && fingerprint_ == now[0].only().text("fingerprint")) return page_;
    std::vector<kernel::Statement> statements = picks::history_statements(std::nullopt);
    statements.push_back(fingerprint);
    const std::vector<kernel::Rows> results = reader.read(statements);
    page_ = std::make_shared<const std::string>(make(results));
    fingerprint_ = results.back().only().text("fingerprint");
    return page_;
  }

 private:
  static std::string make(const std::vector<kernel::Rows>& results) {
    const picks::Report report = picks::make_report(picks::histories_of(results), std::nullopt, {});
    picks::ReportParts parts = picks::report_parts(report);
    PageFrame frame;
    frame.title = "Is there alpha?";
    frame.here = "/pages/report";
    frame.head_html = std::move(parts.head);
    frame.main_html = std::move(parts.sections);
    frame.notes_html =
        left_out_html(report.doubts.size()) + std::move(parts.notes) +
        "<p>The percentile needs every close of the universe: <code>am report</code> has it, and "
        "<code>am report -o html</code> writes this page with it.</p>";
    return page_document(frame).body;
  }

  std::mutex mutex_;
  std::string fingerprint_;
  std::shared_ptr<const std::string> page_;
};

}  // namespace

Document page_report(const Args& /*args*/, const Source& source) {
  static Kept kept;
  return {200, kHtmlType, *kept.page(source.reader)};
}

}  // namespace am::web
