#include "mails.hpp"

#include "am/forecast/notices.hpp"
#include "am/kernel/http_client.hpp"

namespace am::cli {

void tell_forecast_notices(Context& context) noexcept {
  if (context.options.now) return;
  try {
    kernel::Db& db = context.db();
    kernel::Alerts alerts(context.http("resend"), context.log, &db, context.mail(), context.deployment());
    forecast::notice_dead_jobs(db);
    forecast::tell_notices(db, alerts);
  } catch (const Error& error) {
    context.log.error("not told by mail yet", {{"error", error.message()}, {"hint", error.hint()}});
  } catch (const std::exception& error) {
    context.log.error("not told by mail yet", {{"error", error.what()}});
  }
}

}  // namespace am::cli
