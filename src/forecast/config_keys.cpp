// The configuration keys of the forecast desk.

#include "am/forecast/desk.hpp"

namespace am::forecast {

namespace {

constexpr kernel::ConfigKey kKeys[] = {
    {"forecast.poll_interval_s", "POLL_INTERVAL", kernel::KeyType::integer, "10",
     "how often `am forecast work --watch` looks for jobs, in seconds", 1, 3600},
    {"forecast.queries", "FORECAST_QUERIES", kernel::KeyType::text, "",
     "directory with a file NAME.sql for each source sql:NAME: a query that gives date and value"},
    {"forecast.source_url", "FORECAST_SOURCE_URL", kernel::KeyType::secret, "",
     "PostgreSQL URL of the database that the queries read; without it the program's own"},
    {"forecast.zone", "FORECAST_ZONE", kernel::KeyType::text, "UTC",
     "time zone, by the tz database, whose 02:00 is when the night run falls due"},
};

}  // namespace

std::span<const kernel::ConfigKey> config_keys() { return kKeys; }

}  // namespace am::forecast
