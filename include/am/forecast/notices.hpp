#pragma once
// What the desk tells people by mail. A notice is written in the transaction of what it tells of, and sent afterwards
// under a key of its own, so that none is lost and none told twice, wherever a process ends.
//
// Errors:  those of Sql::query; what was not sent is tried again with the next call.

#include <string>
#include <string_view>

#include "am/kernel/alerts.hpp"
#include "am/kernel/db.hpp"

namespace am::forecast {

/// kind: drift, dead. subject: one line.
void add_notice(kernel::Transaction& tx, std::string_view kind, const std::string& subject,
                const std::string& text);
/// One notice of all jobs that are dead and that no notice tells of yet.
void notice_dead_jobs(kernel::Db& db);
/// Sends what is not sent yet, oldest first. Returns how many were.
long long tell_notices(kernel::Db& db, kernel::Alerts& alerts);

}  // namespace am::forecast
