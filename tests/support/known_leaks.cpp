// Leaks of libraries that the sanitizer's programs do not tell of. Linked into each program itself: from an archive nobody
// would ask for it.

// libpqxx 6.4 leaks the error's PGresult when the connection is lost during a statement: it asks the dead
// connection for its encoding before it owns the result.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx\nleak:pqxx::connection_base\n"; }
