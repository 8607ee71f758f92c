// The only file that names libpqxx; builds with 6.4 and 7.10. It runs statements on a connection that libpq made
// (db_connect.cpp). Of the driver's transactions only `nontransaction` is used: BEGIN, COMMIT and ROLLBACK are statements
// like others (db_session.cpp), so that the round trips are the same with both versions and a lost COMMIT is told apart
// from a lost statement.

#include <new>

#include <poll.h>
#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/version>
#if PQXX_VERSION_MAJOR < 7
#include <pqxx/connection_base>
#include <pqxx/prepared_statement>
#else
#include <pqxx/params>
#endif

#include "db_link.hpp"

namespace am::kernel {

namespace {

#if PQXX_VERSION_MAJOR < 7
/// Hands out the connection that it was given, once: the driver must not make another by itself.
class Given final : public pqxx::connectionpolicy {
 public:
  explicit Given(PgConnection connection)
      : connectionpolicy(std::string()), connection_(std::move(connection)) {}
  handle do_startconnect(handle known) override { return known != nullptr ? known : connection_.release(); }

 private:
  PgConnection connection_;
};

/// Prints no server notices: with 6.4 the driver's own handler is inert.
class Connection final : public pqxx::connection_base {
 public:
  explicit Connection(PgConnection connection)
      : pqxx::connection_base(policy_), policy_(std::move(connection)) {
    init();
  }
  ~Connection() { close(); }

 private:
  Given policy_;
};
using AnyConnection = pqxx::connection_base;
#else
/// Prints no server notices.
struct Connection : pqxx::connection {
  explicit Connection(PgConnection made)
      : pqxx::connection(pqxx::connection::seize_raw_connection(made.release())) {
    set_notice_handler([](pqxx::zview) noexcept {});
  }
};
using AnyConnection = pqxx::connection;
#endif

pqxx::result execute(AnyConnection& connection, const std::string& sql, const SqlValues& values) {
  pqxx::nontransaction session(connection);
#if PQXX_VERSION_MAJOR < 7
  std::vector<const char*> parameters;
  parameters.reserve(values.size());
  for (const SqlValue& value : values) parameters.push_back(value ? value->c_str() : nullptr);
  return session.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
#else
  pqxx::params parameters;
  parameters.reserve(values.size());
  for (const SqlValue& value : values) {
    if (value) {
      parameters.append(*value);
    } else {
      parameters.append();
    }
  }
  return session.exec(sql, parameters);
#endif
}

pqxx::result execute(AnyConnection& connection, const std::string& sql) {
  pqxx::nontransaction session(connection);
  return session.exec(sql);
}

Rows to_rows(const pqxx::result& result) {
  Rows rows;
  rows.affected = static_cast<std::size_t>(result.affected_rows());
  const auto columns = result.columns();
  for (pqxx::row::size_type c = 0; c < columns; ++c) rows.columns.emplace_back(result.column_name(c));
  rows.values.reserve(static_cast<std::size_t>(result.size()));
  for (pqxx::result::size_type r = 0; r < result.size(); ++r) {
    const pqxx::row row = result[r];
    SqlValues& values = rows.values.emplace_back();
    values.reserve(rows.columns.size());
    for (pqxx::row::size_type c = 0; c < columns; ++c) {
      const pqxx::field field = row[c];
      if (field.is_null()) {
        values.emplace_back();
      } else {
        values.emplace_back(std::in_place, field.c_str(), static_cast<std::size_t>(field.size()));
      }
    }
  }
  return rows;
}

/// 6.4 forgets the code of some errors (42501 for one), but not their type.
std::string class_of(const pqxx::sql_error& e) {
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&e) != nullptr) return "42501";
  if (dynamic_cast<const pqxx::undefined_table*>(&e) != nullptr) return "42P01";
  if (dynamic_cast<const pqxx::undefined_column*>(&e) != nullptr) return "42703";
  if (dynamic_cast<const pqxx::integrity_constraint_violation*>(&e) != nullptr) return "23000";
  if (dynamic_cast<const pqxx::data_exception*>(&e) != nullptr) return "22000";
  if (dynamic_cast<const pqxx::disk_full*>(&e) != nullptr) return "53100";
  if (dynamic_cast<const pqxx::insufficient_resources*>(&e) != nullptr) return "53000";
  return "";
}

/// What the driver's exception in flight says. To be called in a handler.
StatementFailure current_failure() {
  try {
    throw;
  } catch (const pqxx::serialization_failure& e) {  // with 6.4 this and the next two are no sql_error
    return {"40001", e.what()};
  } catch (const pqxx::deadlock_detected& e) {
    return {"40P01", e.what()};
  } catch (const pqxx::transaction_rollback& e) {
    return {"40000", e.what()};
  } catch (const pqxx::sql_error& e) {
    return {e.sqlstate().empty() ? class_of(e) : e.sqlstate(), e.what()};
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    // libpq's own words; a server that lacks memory has a SQLSTATE.
    if (std::string_view(e.what()).find("out of memory") != std::string_view::npos) throw std::bad_alloc();
    return {"", e.what()};
  }
}

class PqxxLink final : public Link {
 public:
  explicit PqxxLink(PgConnection connection) : raw_(connection.get()), connection_(std::move(connection)) {}

  Result<Rows, StatementFailure> run(const std::string& sql, const SqlValues& values) override {
    return guarded([&] { return execute(connection_, sql, values); });
  }
  Result<Rows, StatementFailure> run_plain(const std::string& sql) override {
    return guarded([&] { return execute(connection_, sql); });
  }
  Result<Rows, StatementFailure> run_copy(const std::string& sql, std::string_view data) override {
    if (!connection_.is_open()) return StatementFailure{};
    return copy_in(raw_, sql, data);
  }
  bool is_open() const override { return connection_.is_open(); }

  /// An idle connection has nothing to say: when it is readable, the server closed it, or changed a
  /// setting, which is read here.
  bool is_alive() override {
    try {
      for (int i = 0; i < 2; ++i) {
        pollfd fd{connection_.sock(), POLLIN, 0};
        if (connection_.is_open() && poll(&fd, 1, 0) == 0) return true;
        connection_.get_notifs();
      }
      return false;
    } catch (const std::exception&) {
      return false;
    }
  }

 private:
  template <class Execute>
  Result<Rows, StatementFailure> guarded(Execute statement) {
    try {
      // 6.4 would try to connect again by itself, in the middle of a transaction.
      if (!connection_.is_open()) return StatementFailure{};
      return to_rows(statement());
    } catch (const std::exception&) {
      StatementFailure failure = current_failure();
      // What the server said at last; 6.4 only tells that it is not connected.
      if (!connection_.is_open()) failure.text = PQerrorMessage(raw_);
      return failure;
    }
  }

  PGconn* raw_;  ///< the driver's, as long as that lives
  Connection connection_;
};

}  // namespace

std::unique_ptr<Link> make_link(PgConnection connection) {
  return std::make_unique<PqxxLink>(std::move(connection));
}

}  // namespace am::kernel
