// The report as a page. Reading 520 batches and judging them (10,000 resamples for every day) takes most of a second,
// and they change once a day: so what it shows is kept under a fingerprint of the rows that it was made from, which the
// database computes in a tenth of the time that it takes to read them.

#include <memory>
#include <mutex>

#include "am/picks/report.hpp"
#include "documents.hpp"
#include "page_parts.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

/// Differs when any row that the report reads has changed: sums of 64-bit hashes, and a row more or less shows too.
constexpr std::string_view kFingerprintSql =
    "SELECT concat_ws(' ', (SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.batches t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM ops.batch_origin t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM market.corporate_actions t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.picks t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.checkpoints t), "
    "(SELECT concat(count(*), ' ', sum(hash_record_extended(t, 0))) FROM public.pick_checkpoint_metrics t)) AS fingerprint";

/// What the last page showed. Threads: any; those that need a new one make it one after the other.
class Kept {
 public:
  std::shared_ptr<const PageFrame> frame(kernel::SnapshotReader& reader) {
    const kernel::Statement fingerprint{std::string(kFingerprintSql), {}};
    const std::vector<kernel::Rows> now = reader.read({fingerprint});
    const std::scoped_lock lock(mutex_);
    if (frame_ && fingerprint_ == now[0].only().text("fingerprint")) return frame_;
    std::vector<kernel::Statement> statements = picks::history_statements(std::nullopt);
    statements.push_back(fingerprint);
    const std::vector<kernel::Rows> results = reader.read(statements);
    frame_ = std::make_shared<const PageFrame>(make(results));
    fingerprint_ = results.back().only().text("fingerprint");
    return frame_;
  }

 private:
  static PageFrame make(const std::vector<kernel::Rows>& results) {
    const picks::Report report = picks::make_report(picks::histories_of(results), std::nullopt, {});
    picks::ReportParts parts = picks::report_parts(report);
    PageFrame frame;
    frame.title = "Is there alpha?";
    frame.here = kReportPage;
    frame.head_html = std::move(parts.head);
    frame.main_html = std::move(parts.sections);
    frame.notes_html =
        left_out_html(report.doubts.size()) + std::move(parts.notes) +
        "<p>The percentile needs every close of the universe: <code>am report</code> has it, and "
        "<code>am report -o html</code> writes this page with it.</p>";
    return frame;
  }

  std::mutex mutex_;
  std::string fingerprint_;
  std::shared_ptr<const PageFrame> frame_;
};

}  // namespace

Document page_report(const Args& /*args*/, const Source& source) {
  static Kept kept;
  return page_document(*kept.frame(source.reader), source.router);
}

}  // namespace am::web
