#include "supplier_parts.hpp"

#include "am/kernel/clock.hpp"

namespace am::cli {

feed::NivodaOptions nivoda_options(Context& context) {
  const kernel::Config& config = context.config;
  feed::NivodaOptions options;
  options.endpoint = config.text("nivoda.endpoint");
  options.username = config.text("nivoda.username");
  if (config.is_set("nivoda.password")) options.password = config.secret("nivoda.password");
  options.bearer = config.text("nivoda.auth") == "bearer";
  options.connect_timeout = std::chrono::milliseconds(config.integer("http.connect_timeout_ms"));
  return options;
}

std::unique_ptr<feed::NivodaTokens> nivoda_tokens(Context& context) {
  return std::make_unique<feed::NivodaTokens>(nivoda_options(context), feed::token_directory(), context.log,
                                              context.stop, [] { return kernel::SystemClock().now(); });
}

}  // namespace am::cli
