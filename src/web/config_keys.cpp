// The configuration keys of the read-only server.

#include "am/web/site.hpp"

namespace am::web {

namespace {

constexpr kernel::ConfigKey kKeys[] = {
    {"server.port", "PORT", kernel::KeyType::integer, "8080", "port of serve-readonly, on every address", 0,
     65535},
    {"server.listen", "AM_LISTEN", kernel::KeyType::text, "",
     "where serve-readonly listens instead: PORT, ADDRESS:PORT, [IPV6]:PORT or unix:PATH"},
    {"server.base_path", "AM_SERVER_BASE_PATH", kernel::KeyType::text, "",
     "path that a proxy serves it under, such as /am; empty: its root"},
    {"server.cors_allow_origins", "CORS_ALLOW_ORIGINS", kernel::KeyType::text, "",
     "origins whose pages may read the API, with commas between; https://*.host for all below it, * for any"},
    {"server.workers", "AM_SERVER_WORKERS", kernel::KeyType::integer, "0",
     "threads that serve; 0: one per core", 0, 256},
    {"server.readers", "AM_SERVER_READERS", kernel::KeyType::integer, "4",
     "connections to the database, besides one for the health checks", 1, 64},
    {"server.max_connections", "AM_SERVER_MAX_CONNECTIONS", kernel::KeyType::integer, "4096",
     "clients at once; more are answered 503", 1, 100000},
    {"server.max_connections_per_address", "AM_SERVER_MAX_CONNECTIONS_PER_ADDRESS", kernel::KeyType::integer,
     "2048", "clients at once from one address; more are answered 429", 1, 100000},
    {"server.fresh_ms", "AM_SERVER_FRESH_MS", kernel::KeyType::integer, "1000",
     "how long an answer is kept before it is read again; 0: never kept", 0, 60000},
    {"server.read_timeout_ms", "AM_SERVER_READ_TIMEOUT_MS", kernel::KeyType::integer, "2000",
     "longest wait for the database", 100, 60000},
};

}  // namespace

std::span<const kernel::ConfigKey> config_keys() { return kKeys; }

}  // namespace am::web
