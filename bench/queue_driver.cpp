// What `bench/queue` measures: the queue as a worker uses it, over a table that is there already.
//
//   queue_driver table                          prints the SQL that makes the table bench.items
//   queue_driver statements                     prints claim and finish as they are sent, apart by a line of "--"
//   queue_driver run CLIENTS ITEMS AT_ONCE      claims and finishes so many with each client; prints items a second
//
// DATABASE_URL names the database.

#include <chrono>
#include <cstdlib>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "am/kernel/queue.hpp"
#include "am/kernel/queue_admin.hpp"

namespace {

using namespace am::kernel;

constexpr QueueSpec kSpec{.name = "bench", .table = "bench.items"};

std::unique_ptr<Db> open(std::function<void(std::string_view)> probe = {}) {
  const char* url = std::getenv("DATABASE_URL");
  if (url == nullptr) throw std::runtime_error("DATABASE_URL is not set");
  DbOptions options;
  options.url = url;
  options.probe = std::move(probe);
  return open_db(options);
}

void print_statements() {
  std::vector<std::string> sent;
  const auto db = open([&](std::string_view what) { sent.emplace_back(what); });
  PgQueue queue(*db, kSpec);
  queue.finish(*db, queue.claim(1));
  fmt::print("{}\n--\n{}\n", sent.at(0), sent.at(1));
}

void work(Db& db, std::size_t left, std::size_t at_once) {
  PgQueue queue(db, kSpec);
  while (left > 0) {
    const std::vector<Item> items = queue.claim(std::min(left, at_once));
    if (items.empty()) throw std::runtime_error("the queue is empty, so that nothing is measured");
    queue.finish(db, items);
    left -= items.size();
  }
}

double items_a_second(std::size_t clients, std::size_t items, std::size_t at_once) {
  std::vector<std::unique_ptr<Db>> dbs;
  for (std::size_t i = 0; i < clients; ++i) dbs.push_back(open());
  std::latch begin(static_cast<std::ptrdiff_t>(clients + 1));
  std::vector<std::thread> threads;
  for (const auto& db : dbs) {
    threads.emplace_back([&] {
      begin.arrive_and_wait();
      work(*db, items, at_once);
    });
  }
  begin.arrive_and_wait();
  const auto start = std::chrono::steady_clock::now();
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(clients * items) /
         std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 1 && args[0] == "table") {
      fmt::print("{}", queue_table_sql(kSpec.table));
    } else if (args.size() == 1 && args[0] == "statements") {
      print_statements();
    } else if (args.size() == 4 && args[0] == "run") {
      fmt::print("{}\n", items_a_second(std::stoul(args[1]), std::stoul(args[2]), std::stoul(args[3])));
    } else {
      throw std::runtime_error("expected: table | statements | run CLIENTS ITEMS AT_ONCE");
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "queue_driver: {}\n", error.what());
    return 1;
  }
}
