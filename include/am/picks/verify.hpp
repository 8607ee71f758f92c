#pragma once
// `am verify data`: derives every stored figure of the picks desk again from the stored prices and checks
// every invariant of its tables and of their runs in the ledger. Reads only, from one snapshot, batch by
// batch, so that memory does not grow with the history. Repairs nothing.
//
// A finding is something that must not be. A remark is something to know: batches adopted from the earlier
// service lack rows for some days and carry figures rounded to 8 decimals (which are checked to 8 decimals),
// and runs that `am prune` removed cannot be checked any more.

#include <optional>
#include <string>
#include <vector>

#include "am/base/date.hpp"
#include "am/kernel/db.hpp"
#include "am/kernel/verification.hpp"

namespace am::picks {

using kernel::Finding;

/// By run date.
struct Verification : kernel::Verification {
  int batches = 0;
  int adopted = 0;
  long long checkpoints = 0;
  long long metrics = 0;
  long long figures = 0;  ///< numbers derived again or compared with a known close
};

/// What is recorded as the event `pruned` with {"before": RFC 3339}: runs that ended before may be gone.
inline constexpr std::string_view kPrunedEvent = "pruned";

/// Shape:   findings by run date, within a batch by day; those about the ledger as a whole last. Without a
/// range also
///          runs that are done but whose rows are missing.
/// Errors:  what the database throws.
Verification verify_data(kernel::Db& db, std::optional<DateRange> run_dates,
                         const kernel::VerifyProgress& progress = {});

/// The findings in the stored rows of one batch, whatever the ledger says of its runs. Nothing: no such batch.
std::optional<std::vector<Finding>> verify_rows(kernel::Db& db, Date run_date);

}  // namespace am::picks
