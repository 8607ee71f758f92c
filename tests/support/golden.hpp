#pragma once
// Golden stories: what a user of `am` sees. A file is one case or several; each runs in process with an environment, a
// database, a transport and a directory of its own, step by step through its entries:
//
//   case: NAME                     here another case begins, and all is new
//   database: migrated | empty | none | URL   first of a case; migrated is the default. Sets DATABASE_URL.
//   env: NAME=value                for the runs below (NAME= removes it); AM_CONFIG is {dir}/am.toml, LOG_LEVEL is off, and
//                                   ALPHA_VANTAGE_LIMITS wide
//   config:                        the text of {dir}/am.toml
//   file: NAME                     a file in {dir}
//   role: NAME GRANT; GRANT…       a database role that may do just that; {NAME} is what it is really called
//   sql: …                         runs on the case's database, in the block or on the line
//   let: NAME SELECT …             {NAME} is its first value
//   stdin:                         for the next run
//   terminal: stderr               in the next run stderr is a terminal
//   signal: 15                     in the next run this signal has come already
//   http: METHOD URLPART -> ANSWER [xTIMES]      a request that the next run must make, and its answer:
//       STATUS                     with the block as body
//       fixture FILE               200 with tests/fixtures/FILE
//       picks                      200, a chat completion whose content is the block
//       daily DATE=CLOSE…          200, TIME_SERIES_DAILY with these closes
//       lost PROBLEM               no answer: the connection failed
//   header: NAME: value            of the answer above
//   run: ARGUMENTS                 in words as a shell splits them; then what is expected:
//     exit: CODE
//     stdout:                      the whole of it; JSON is shown over several lines
//     stdout-has: TEXT             instead of stdout, for long ones
//     stderr:
//   query: SELECT …                and the table that it gives:
//     rows:
//
// {dir}, {source} (the source tree), {url} (of the database) and whatever role and let define are replaced everywhere.
// What varies is written as <uuid> <time> <seconds> <dir> <source> <url> <db> <socket> <host> <pid> <server> <version>
// <schema>.
// With AM_GOLDEN_WRITE=1 the expected parts are rewritten in place.

#include <filesystem>
#include <vector>

namespace am::test {

/// Every file of the tree, sorted.
std::vector<std::filesystem::path> golden_files();

/// Runs the cases of one file; what differs is a failure of the current test.
void run_golden(const std::filesystem::path& path);

}  // namespace am::test
