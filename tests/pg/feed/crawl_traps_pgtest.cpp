// Whole crawls of the stand-in, with each of the supplier's traps, and with all of them: what stayed on sale is stored, as it
// is, once.

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "standin_worker.hpp"
#include "support/error_of.hpp"

namespace am::feed {
namespace {

using test::error_of;
using test::Standin;

const std::vector<long long> kEdges = {0, 900, 2400, 5300, 250000};

/// The one for all cases of this process: a Node program takes a second to start.
Standin& shared_standin() {
  static Standin standin({"--stones", "900"});
  return standin;
}

struct Trap {
  const char* name;
  const char* json;
  bool is_quiet = true;  ///< nothing is sold meanwhile: what is stored is exactly what is on sale
};

void PrintTo(const Trap& trap, std::ostream* out) { *out << trap.name; }

class Traps : public testing::TestWithParam<Trap> {
 protected:
  const test::TestDb home_;
};

TEST_P(Traps, WhatStayedOnSaleIsStoredOnce) {
  const Standin standin({"--stones", "900"});
  StandinWorker worker(home_, standin.endpoint());
  nlohmann::json orders = nlohmann::json::parse(GetParam().json);
  const auto factor = orders.contains("count_factor") ? orders : nlohmann::json::object();
  if (!factor.empty()) standin.control(factor.dump());
  worker.plan(kEdges);
  orders["mark"] = true;
  orders["reset_counters"] = true;
  standin.control(orders.dump());
  const kernel::Drained drained = worker.crawl();
  EXPECT_EQ(drained.done, kEdges.size() - 1) << worker.bed.lines.str();
  EXPECT_EQ(drained.dead, 0U);

  const std::vector<std::string> stored = worker.bed.stones();
  const std::vector<std::string> staying = standin.staying();
  EXPECT_EQ(missing(stored, staying), std::vector<std::string>{});
  EXPECT_GT(staying.size(), 500U);
  if (GetParam().is_quiet) {
    EXPECT_EQ(stored, standin.on_sale());
  }
  EXPECT_EQ(
      worker.bed.value(
          "SELECT count(*) FROM feed.worker_runs WHERE records_processed <> (SELECT count(DISTINCT i) FROM "
          "feed.pages p, unnest(p.ids) i WHERE p.run_id = worker_runs.run_id AND p.partition_id = "
          "worker_runs.partition_id)"),
      "0");
  EXPECT_EQ(worker.bed.value(
                "SELECT count(*) FROM feed.raw_diamonds_nivoda WHERE payload::text LIKE '%standin-token%'"),
            "0");
  EXPECT_EQ(worker.bed.lines.str().find(Standin::kTokenPrefix), std::string::npos);
  // The trap went off.
  const test::StandinCounters counters = standin.counters();
  for (const auto& [name, value] : orders.items()) {
    const bool is_of_stones = name == "unknown_enums" || name == "nul" || name == "surrogates" ||
                              name == "invalid_utf8" || name == "unmappable" || name == "count_factor";
    if (!value.is_number_float() || is_of_stones) continue;
    EXPECT_GT(counters.traps.count(name), 0U) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfTheSupplier, Traps,
    testing::Values(
        Trap{"None", "{}"}, Trap{"TotalIsPageSize", R"({"total_is_page_size":true})"},
        Trap{"ShortPages", R"({"short_pages":0.3})"}, Trap{"NoEnd", R"({"no_end":true})"},
        Trap{"CountTooSmall", R"({"count_factor":0.5})"}, Trap{"CountTooLarge", R"({"count_factor":2.0})"},
        Trap{"Duplicates", R"({"duplicates":0.3})"},
        Trap{"OddTexts",
             R"({"nul":0.2,"surrogates":0.2,"invalid_utf8":0.2,"unknown_enums":0.2,"unmappable":0.1})"},
        Trap{"ErrorsWithout", R"({"graphql_errors":0.1})"},
        Trap{"ErrorsBesideData", R"({"partial_errors":0.1})"}, Trap{"ServerErrors", R"({"http_5xx":0.1})"},
        Trap{"TooMany", R"({"http_429":0.1,"retry_after":0})"},
        Trap{"Stalls", R"({"stalls":0.1,"stall_ms":20})"}, Trap{"CutOff", R"({"truncated":0.1})"},
        Trap{"Selling", R"({"sell_every":2})", false},
        Trap{"Returning", R"({"sell_every":3,"return_every":4})", false},
        Trap{"Changing", R"({"change_every":1})", false}, Trap{"Repricing", R"({"reprice_every":2})", false},
        Trap{
            "All",
            R"({"total_is_page_size":true,"short_pages":0.05,"no_end":true,"count_factor":1.01,"duplicates":0.05,)"
            R"("sell_every":7,"return_every":31,"change_every":11,"reprice_every":13,"unknown_enums":0.05,)"
            R"("nul":0.05,"surrogates":0.05,"invalid_utf8":0.05,"unmappable":0.02,"graphql_errors":0.05,)"
            R"("partial_errors":0.05,"http_429":0.05,"retry_after":0,"http_5xx":0.05,"stalls":0.03,"stall_ms":20,)"
            R"("truncated":0.05,"token_seconds":21600})",
            false}),
    [](const auto& trap) { return std::string(trap.param.name); });

class StandinCrawl : public testing::Test {
 protected:
  const test::TestDb home_;
};

TEST_F(StandinCrawl, ATokenThatEndsMeanwhileIsReplaced) {
  for (const char* refusal : {"text", "401", "403"}) {
    const Standin& standin = shared_standin();
    standin.control(R"({"auth_failure":")" + std::string(refusal) + "\"}");
    StandinWorker worker(home_, standin.endpoint());
    EXPECT_GT(worker.nivoda.count({}), 0);
    standin.control(R"({"revoke_tokens":true,"reset_counters":true})");
    EXPECT_EQ(worker.nivoda.page({}, 0, 30).offers.size(), 30U);
    EXPECT_EQ(standin.counters().logins, 1);
  }
  shared_standin().control(R"({"auth_failure":"text"})");
}

TEST_F(StandinCrawl, TwoLoginRequestsAtMostForThirtyWorkersOfAHost) {
  const Standin& standin = shared_standin();
  standin.control(R"({"reset_counters":true})");
  char directory[] = "/tmp/am-tokens-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  std::atomic<int> denied{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 30; ++i) {
    threads.emplace_back([&] {
      StandinWorker worker(home_, standin.endpoint(), {.tokens_in = directory, .password = "wrong horse"});
      if (error_of([&] { worker.nivoda.page({}, 0, 30); }).exit_code() == ExitCode::denied) ++denied;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(denied, 30);
  EXPECT_LE(standin.counters().login_requests, 2);
  std::system(("rm -rf " + std::string(directory)).c_str());
}

TEST_F(StandinCrawl, AFieldThatTheSupplierDoesNotKnowIs78AndNamed) {
  const Standin& standin = shared_standin();
  for (const int status : {400, 200}) {
    standin.control(R"({"invalid_query_status":)" + std::to_string(status) + "}");
    StandinWorker worker(home_, standin.endpoint());
    const Error error = error_of([&] { worker.nivoda.count({.query_json = R"({"carat":1})"}); });
    EXPECT_EQ(error.exit_code(), ExitCode::config);
    EXPECT_NE(error.message().find("carat"), std::string::npos) << error.message();
  }
  standin.control(R"({"invalid_query_status":400})");
}

TEST_F(StandinCrawl, NoSecondHoldsMoreThanTheBudget) {
  const Standin standin({"--stones", "900"});
  char directory[] = "/tmp/am-tokens-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  StandinWorker first(home_, standin.endpoint(), {.tokens_in = directory, .rate = "25/s"});
  first.plan({0, 700, 900, 1500, 2400, 4000, 5300, 10000, 250000});
  standin.control(R"({"http_5xx":0.1,"revoke_tokens":true,"reset_counters":true})");
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      StandinWorker worker(home_, standin.endpoint(), {.tokens_in = directory, .rate = "25/s"});
      worker.crawl();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const test::StandinCounters counters = standin.counters();
  EXPECT_GT(counters.requests, 40);
  EXPECT_LE(counters.most_in_a_second, 25);
  EXPECT_EQ(counters.logins, 1);
  EXPECT_EQ(first.bed.stones(), standin.on_sale());
  std::system(("rm -rf " + std::string(directory)).c_str());
}

}  // namespace
}  // namespace am::feed
