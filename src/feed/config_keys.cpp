// The configuration keys of the feed desk.

#include "am/feed/desk.hpp"

namespace am::feed {

namespace {

using kernel::KeyType;

constexpr std::string_view kQueues[] = {"postgres", "amqp"};
constexpr std::string_view kAuth[] = {"wrapper", "bearer"};

constexpr kernel::ConfigKey kKeys[] = {
    {"feed.name", "FEED_NAME", KeyType::text, "nivoda",
     "the feed that is crawled: one filter of one supplier"},
    {"feed.queue", "FEED_QUEUE", KeyType::text, "postgres",
     "what tells workers of partitions: postgres, or amqp", 0, 0, kQueues},
    {"feed.page_size", "FEED_PAGE_SIZE", KeyType::integer, "30", "offers asked for in one page", 1, 50},
    {"feed.poll_interval_s", "FEED_POLL_INTERVAL", KeyType::integer, "10",
     "how often `am feed work --watch` looks for partitions, in seconds", 1, 3600},
    {"feed.margin_natural", "FEED_MARGIN_NATURAL", KeyType::decimal, "40",
     "percent on natural stones' prices", 0, 1000},
    {"feed.margin_lab", "FEED_MARGIN_LAB", KeyType::decimal, "79", "percent on lab-grown stones' prices", 0,
     1000},
    {"feed.margin_fancy", "FEED_MARGIN_FANCY", KeyType::decimal, "40",
     "percent on fancy-coloured stones' prices", 0, 1000},
    {"nivoda.endpoint", "NIVODA_ENDPOINT", KeyType::url, "", "GraphQL endpoint of the supplier"},
    {"nivoda.username", "NIVODA_USERNAME", KeyType::text, "", "account at the supplier"},
    {"nivoda.password", "NIVODA_PASSWORD", KeyType::secret, "", "its password"},
    {"nivoda.query", "NIVODA_QUERY", KeyType::text, "{}",
     "what of the inventory is wanted, as a JSON object"},
    {"nivoda.auth", "NIVODA_AUTH", KeyType::text, "wrapper", "how the token is sent: wrapper, or bearer", 0,
     0, kAuth},
    {"nivoda.rate", "NIVODA_RATE", KeyType::rate, "25/s", "budget of requests over all workers"},
};

}  // namespace

std::span<const kernel::ConfigKey> config_keys() { return kKeys; }

}  // namespace am::feed
