#include "db_url.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include <arpa/inet.h>

#include "am/base/text.hpp"
#include "libpq.hpp"

namespace am::kernel {

namespace {

constexpr const char* kUrlHint =
    "expected postgresql://user:password@host:port/database; in a password write @ as %40, / as %2F, : as %3A, "
    "% as %25";

/// Meant for other drivers, or for the client's side of a pool. Whatever begins with pool_ is as well.
constexpr std::array kOthersParameters = {
    // Prisma
    "pgbouncer", "connection_limit", "socket_timeout", "sslaccept", "sslidentity",
    // pgx, lib/pq, golang-migrate
    "statement_cache_capacity", "statement_cache_mode", "description_cache_capacity",
    "default_query_exec_mode", "binary_parameters", "x-multi-statement", "x-multi-statement-max-size",
    "x-statement-timeout", "x-migrations-table-quoted", "x-lock-strategy", "x-lock-table",
    // JDBC
    "preparethreshold", "preparedstatementcachequeries", "preparedstatementcachesizemib", "binarytransfer",
    "rewritebatchedinserts", "tcpkeepalive", "logintimeout", "sockettimeout", "connecttimeout",
    "applicationname",
    // SQLAlchemy and asyncpg, Rails, node-postgres, Supabase
    "statement_cache_size", "prepared_statement_cache_size", "max_overflow", "pool", "prepared_statements",
    "statement_limit", "checkout_timeout", "idle_timeout", "reaping_frequency", "uselibpqcompat", "supa",
    "workaround"};

/// Where somebody else's tables would be.
constexpr std::array kPlaces = {"schema",         "search_path",        "searchpath",         "currentschema",
                                "current_schema", "x-migrations-table", "x-migrations-schema"};

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

Options parse_options(const std::string& url) {
  char* problem = nullptr;
  Options options(PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);  // repeats the URL, password and all
  return options;
}

/// What libpq itself understands.
const std::vector<std::string>& libpq_names() {
  static const std::vector<std::string> kNames = [] {
    const Options options = parse_options("");
    std::vector<std::string> names{"ssl"};  // as JDBC writes it
    for (const PQconninfoOption* each = options.get(); each != nullptr && each->keyword != nullptr; ++each)
      names.emplace_back(each->keyword);
    return names;
  }();
  return kNames;
}

std::string option(const PQconninfoOption* options, std::string_view keyword) {
  for (; options->keyword != nullptr; ++options) {
    if (options->keyword == keyword) return options->val == nullptr ? "" : options->val;
  }
  return {};
}

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Error bad_url(const std::string& problem, const std::string& hint = kUrlHint) {
  return {ErrorKind::config, "DATABASE_URL: " + problem, hint};
}

/// An unescaped @ or / in a password moves its rest into the host, the port or the database name, and so
/// into error messages.
bool parts_look_wrong(const PQconninfoOption* options) {
  return option(options, "host").find('@') != std::string::npos ||
         option(options, "dbname").find('@') != std::string::npos ||
         option(options, "port").find_first_not_of("0123456789,") != std::string::npos;
}

bool is_url(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

/// What comes of copying and of files in which nothing takes quotes away.
void refuse_wrapping(std::string_view url) {
  if (url.starts_with("\xEF\xBB\xBF"))
    throw bad_url("begins with a byte order mark", "save the file as UTF-8 without one");
  const auto is_quote = [](char c) { return c == '"' || c == '\'' || c == '`'; };
  if (is_quote(url.front()) || (is_url(url) && is_quote(url.back()))) {
    throw bad_url("stands in quotes",
                  "take the quotes away: a shell removes them, but not an --env-file, a Secret or a file");
  }
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  if (kBlanks.find(url.front()) != std::string_view::npos ||
      kBlanks.find(url.back()) != std::string_view::npos)
    throw bad_url("begins or ends with a blank or a line break", "take it away");
  if (to_upper(url.substr(0, 13)) == "DATABASE_URL=")
    throw bad_url("holds its own name", "the value alone: what comes after DATABASE_URL=");
}

/// "postgresql+asyncpg": what stands before ://, when it can be a scheme.
std::string scheme_of(std::string_view url) {
  const std::size_t end = url.find("://");
  if (end == std::string_view::npos || end == 0 || end > 30) return {};
  const std::string scheme(url.substr(0, end));
  const bool plain =
      scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+.:-") == std::string::npos;
  return plain ? scheme : "";
}

/// Where the parameters begin, found as libpq finds it.
std::size_t parameters_of(std::string_view url) {
  const std::size_t start = url.find("://") + 3;
  const std::size_t first = url.find_first_of("@/", start);
  const bool has_user = first != std::string_view::npos && url[first] == '@';
  return url.find('?', has_user ? first + 1 : start);
}

/// A word that nobody would use as a piece of a password, as far as one can tell.
bool is_a_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 &&
         to_lower(name).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") == std::string::npos;
}

template <class Names>
bool is_one_of(const std::string& name, const Names& names) {
  return std::ranges::find(names, name) != std::end(names);
}

bool is_for_others(const std::string& lower_name, std::string_view value) {
  if (is_one_of(lower_name, kPlaces)) return value == "public";  // where the desk's tables are, too
  return is_one_of(lower_name, kOthersParameters) || lower_name.starts_with("pool_");
}

Error bad_parameter(const std::string& name) {
  if (is_one_of(to_lower(name), kPlaces)) {
    return bad_url("parameter " + name + " asks for another place of the tables than they have",
                   "take it out: am's tables are in the schemas public, ops and market of the database");
  }
  const std::string near = nearest_name(to_lower(name), libpq_names());
  return bad_url("unknown parameter " + name, near.empty() ? "take it out" : "did you mean " + near + "?");
}

struct Cleaned {
  std::string url;
  std::vector<std::string> ignored;
};

/// The URL without what was meant for others. What libpq knows is left to it, and so is what may be a piece of a
/// password: after one, or with an @ behind it.
Cleaned without_others(const std::string& url) {
  const std::size_t begin = is_url(url) ? parameters_of(url) : std::string::npos;
  if (begin == std::string::npos) return {url, {}};
  Cleaned cleaned{url.substr(0, begin), {}};
  char separator = '?';
  bool after_password = false;
  for (const std::string& parameter : split(std::string_view(url).substr(begin + 1), '&')) {
    const std::size_t equals = parameter.find('=');
    const std::string name = parameter.substr(0, equals);
    if (equals != std::string::npos && is_a_name(name) && !is_one_of(name, libpq_names()) &&
        parameter.find('@') == std::string::npos) {
      if (is_for_others(to_lower(name), std::string_view(parameter).substr(equals + 1))) {
        cleaned.ignored.push_back(name);
        continue;
      }
      if (!after_password) throw bad_parameter(name);
    }
    after_password = after_password || name.find("password") != std::string::npos;
    cleaned.url += separator + parameter;
    separator = '&';
  }
  return cleaned;
}

Options options_of(const std::string& url) {
  if (url.find('\0') != std::string::npos) throw bad_url("malformed");
  refuse_wrapping(url);
  Options parsed = parse_options(without_others(url).url);
  if (parsed) {
    if (parts_look_wrong(parsed.get())) throw bad_url("malformed (host, port or database name)");
    return parsed;
  }
  const std::string scheme = scheme_of(url);
  if (!scheme.empty() && !is_url(url))
    throw bad_url("malformed: it begins with " + scheme + "://",
                  "expected postgresql://user:password@host:port/database");
  if (url.find_first_of(" \t") != std::string::npos && is_url(url))
    throw bad_url("malformed: there is a blank in it", "take it away; in a password write it as %20");
  throw bad_url("malformed");
}

std::chrono::milliseconds connect_timeout_of(const PQconninfoOption* options, const DbOptions& ours) {
  const auto seconds = parse_integer(option(options, "connect_timeout"), 1, 3600);
  return seconds ? std::chrono::seconds(*seconds) : ours.connect_timeout;
}

/// Neither a socket's path nor an address in digits.
bool is_host_name(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return !host.empty() && host[0] != '/' && host[0] != '@' &&
         inet_pton(AF_INET, host.c_str(), address.data()) != 1 &&
         inet_pton(AF_INET6, host.c_str(), address.data()) != 1;
}

}  // namespace

void append_option(std::string& conninfo, std::string_view keyword, std::string_view value) {
  conninfo.append(keyword).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo += '\\';
    conninfo += c;
  }
  conninfo += "' ";
}

std::vector<std::string> ignored_url_parameters(const std::string& url) {
  std::vector<std::string> ignored;
  if (!trim(url).empty()) ignored = without_others(url).ignored;
  return ignored;
}

DbTarget parse_target(const DbOptions& options) {
  if (trim(options.url).empty()) {
    throw bad_url("not set", "set it to postgresql://user:password@host:port/database");
  }
  const Options parsed = options_of(options.url);

  DbTarget target;
  for (const PQconninfoOption* each = parsed.get(); each->keyword != nullptr; ++each) {
    const std::string_view keyword = each->keyword;
    if (each->val != nullptr && keyword != "client_encoding")
      append_option(target.conninfo, keyword, each->val);
  }
  append_option(target.conninfo, "client_encoding", "UTF8");
  target.connect_timeout = connect_timeout_of(parsed.get(), options);
  const auto add = [&](const char* keyword, const std::string& value) {
    if (option(parsed.get(), keyword).empty()) append_option(target.conninfo, keyword, value);
  };
  add("application_name", options.application_name);
  // A server that is gone without a word: found while connecting, with data under way, and while nothing is.
  add("tcp_user_timeout", std::to_string(target.connect_timeout.count()));
  add("keepalives_idle", "30");
  add("keepalives_interval", "10");
  add("keepalives_count", "3");

  std::string host = option(parsed.get(), "host");
  if (host.empty()) host = option(parsed.get(), "hostaddr");
  if (host.empty()) host = env("PGHOST");
  std::string port = option(parsed.get(), "port");
  if (port.empty()) port = env("PGPORT");
  target.where = (host.empty() ? "the local socket" : host) + (port.empty() ? "" : ":" + port);
  target.user = option(parsed.get(), "user");
  const bool has_service = !option(parsed.get(), "service").empty() || !env("PGSERVICE").empty();
  target.has_names = has_service || std::ranges::any_of(split(host, ','), is_host_name);
  target.hosts = 1 + static_cast<std::size_t>(std::ranges::count(host, ','));
  return target;
}

}  // namespace am::kernel
