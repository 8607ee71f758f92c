// The order path, cut off at every call: whatever happens, the broker gets an order once, and each fill is booked once.

#include <algorithm>
#include <random>
#include <thread>

#include "gateway_bed.hpp"
#include "support/crash_sweep.hpp"
#include "support/soak.hpp"

namespace am::strategy {
namespace {

using test::Crash;
using test::CrashPoint;
using Do = test::ScriptedBroker::Do;

/// What one user and one broker go through: a buy that fills, one that fills in two parts, a sale.
struct OrderStory {
  explicit OrderStory(kernel::Db& db) : session(insert_session(db)) {
    posts = {signal_post(session, Side::buy, "5", "100.37"), signal_post(session, Side::buy, "10", "33.335"),
             signal_post(session, Side::sell, "4", "101.11")};
  }
  const std::string session;
  std::vector<SignalPost> posts;
  test::ScriptedBroker broker;

  /// Done again with the same signals, it goes on where it was.
  void tell(GatewayProcess& process) {
    process.execute(posts[0]);
    if (broker.orders().size() < 2) broker.will({Do::keep});
    process.execute(posts[1]);
    broker.will({});
    for (const test::ScriptedBroker::Known& each : broker.orders()) {
      if (!each.order.open) continue;
      if (each.order.filled_quantity.is_zero())
        broker.fill(each.order.client_order_id, Decimal::of("3.3"), Decimal::of("33.333"));
      process.sweep();
      broker.fill(each.order.client_order_id, Decimal::of("6.7"), Decimal::of("33.1"));
    }
    process.sweep();
    process.execute(posts[2]);
    process.sweep();
  }
};

GatewayOptions impatient_options() {
  GatewayOptions options = roomy_options();
  options.times.settle = std::chrono::milliseconds(0);
  options.times.repeat_wait = std::chrono::milliseconds(0);
  return options;
}

/// One life of the gateway, which ends at the n-th call.
void live_until(const test::TestDb& home, OrderStory& story, CrashPoint& point) {
  story.broker.probe([&](std::string_view what) { point(what); });
  try {
    GatewayProcess process(home, story.broker, impatient_options(),
                           [&](std::string_view what) { point(what); });
    story.tell(process);
  } catch (const Error&) {  // the database at the start of a sweep: the process would end
  }
  story.broker.probe([](std::string_view) {});
}

void check_story(kernel::Db& db, const OrderStory& story, GatewayProcess& process) {
  for (const std::string& problem : test::conservation_problems(db)) ADD_FAILURE() << problem;
  EXPECT_EQ(test::value_of(db, "SELECT count(*) FROM trading.orders WHERE closed_at IS NULL"), "0");
  EXPECT_EQ(test::value_of(db, "SELECT reserved FROM trading.users"), "0.00");
  EXPECT_TRUE(compare_positions(db, process.gateway).empty());
  for (const test::ScriptedBroker::Known& each : story.broker.orders()) {
    EXPECT_EQ(each.placed, 1);
    EXPECT_EQ(
        test::value_of(db,
                       "SELECT trim_scale(filled_quantity) FROM trading.orders WHERE client_order_id = $1",
                       kernel::sql_values(each.order.client_order_id)),
        test::value_of(db, "SELECT trim_scale($1::numeric)", kernel::sql_values(each.order.filled_quantity)));
  }
}

class GatewaySweep : public testing::TestWithParam<Crash> {};

TEST_P(GatewaySweep, AGatewayThatIsCutOffAnywhereOrdersOnceAndBooksOnce) {
  int points = 0;
  {
    const test::TestDb home;
    const auto db = home.open();
    OrderStory story(*db);
    CrashPoint never(home, GetParam(), 0);
    live_until(home, story, never);
    points = never.count();
    EXPECT_EQ(story.broker.orders().size(), 3U);
    EXPECT_EQ(test::value_of(*db, "SELECT count(*) FROM trading.trades"), "4");
  }
  ASSERT_GT(points, 40);
  test::for_each_point("the order path, " + std::string(test::crash_name(GetParam())), points, [&](int n) {
    const test::TestDb home;
    const auto db = home.open();
    OrderStory story(*db);
    CrashPoint point(home, GetParam(), n);
    live_until(home, story, point);
    GatewayProcess next(home, story.broker, impatient_options());
    next.sweep();
    story.tell(next);
    next.sweep();
    check_story(*db, story, next);
  });
}

INSTANTIATE_TEST_SUITE_P(Everywhere, GatewaySweep,
                         testing::Values(Crash::error_once, Crash::death, Crash::lost_connection),
                         [](const auto& one) {
                           std::string name(test::crash_name(one.param));
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

/// Orders, partial fills, ends, lost answers, cancels, sweeps and crashes in any order.
class RandomGateway {
 public:
  RandomGateway(const test::TestDb& home, unsigned seed) : home_(home), random_(seed) {
    broker_.fee_bps(Decimal::of("7.5"));
  }

  void step() {
    switch (pick(0, 9)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return order(0);
      case 4:
        return order(pick(1, 40));
      case 5:
      case 6:
        return fill();
      case 7:
        return finish();
      default:
        return sweep(pick(0, 3) == 0 ? pick(1, 25) : 0);
    }
  }

  void check() {
    for (const std::string& problem : test::conservation_problems(*db_)) ADD_FAILURE() << problem;
    for (const test::ScriptedBroker::Known& each : broker_.orders()) ASSERT_EQ(each.placed, 1);
  }
  void settle() {
    GatewayProcess process(home_, broker_, options());
    for (const std::string& id : broker_.open_ids()) broker_.finish(id, "canceled");
    process.sweep();
    process.sweep();
    EXPECT_EQ(test::value_of(*db_, "SELECT count(*) FROM trading.orders WHERE closed_at IS NULL"), "0");
    EXPECT_EQ(test::value_of(*db_, "SELECT count(*) FROM trading.sessions WHERE trading = 'HALTED'"), "0");
    EXPECT_TRUE(compare_positions(*db_, process.gateway).empty());
  }
  int trades() { return std::stoi(test::value_of(*db_, "SELECT count(*) FROM trading.trades")); }

 private:
  static GatewayOptions options() {
    GatewayOptions options = impatient_options();
    options.limits.fee_bps = Decimal::of("7.5");
    return options;
  }
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  /// A life of the gateway, until the n-th call (0: to its end).
  template <class Work>
  void live(int n, Work work) {
    CrashPoint point(home_, Crash::death, n);
    const auto probe = [&](std::string_view what) { point(what); };
    broker_.probe(probe);
    try {
      GatewayProcess process(home_, broker_, options(), probe);
      work(process);
    } catch (const Error&) {
    }
    broker_.probe([](std::string_view) {});
  }

  void order(int n) {
    const Do all[] = {Do::fill, Do::keep, Do::keep, Do::refuse, Do::take_unsaid, Do::keep_unsaid, Do::lose};
    broker_.will({all[pick(0, 6)]});
    SignalPost post = signal_post(session_, pick(0, 2) == 0 ? Side::sell : Side::buy, "1");
    post.quantity = Decimal(pick(1, 9'000)) * Decimal::of("0.001");
    post.price = Decimal(pick(90'000, 110'000)) * Decimal::of("0.001");
    live(n, [&](GatewayProcess& process) {
      process.execute(post);
      if (pick(0, 3) == 0) process.execute(post);
    });
    broker_.will({});
  }
  void fill() {
    const auto all = broker_.orders();
    std::vector<test::ScriptedBroker::Known> open;
    for (const auto& each : all)
      if (each.order.open) open.push_back(each);
    if (open.empty()) return;
    const auto& known = open[static_cast<std::size_t>(pick(0, static_cast<int>(open.size()) - 1))];
    const Decimal left = known.request.quantity - known.order.filled_quantity;
    Decimal part = pick(0, 1) == 0 ? left : rounded(left * Decimal(pick(1, 99)) / 100, 3);
    if (!part.is_positive() || part > left) part = left;
    // At the limit or better by up to a cent.
    const Decimal better = Decimal(pick(0, 100)) * Decimal::of("0.0001");
    const Decimal price = known.request.side == Side::buy ? known.request.limit_price - better
                                                          : known.request.limit_price + better;
    broker_.fill(known.order.client_order_id, part, price);
  }
  void finish() {
    const auto open = broker_.open_ids();
    if (!open.empty()) broker_.finish(open.front(), pick(0, 1) == 0 ? "canceled" : "expired");
  }
  void sweep(int n) {
    live(n, [](GatewayProcess& process) { process.sweep(); });
  }

  const test::TestDb& home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
  const std::string session_ = insert_session(*db_, "3000");
  test::ScriptedBroker broker_;
  std::mt19937 random_;
};

TEST(GatewayMoney, IsConservedWhateverComesInWhicheverOrder) {
  const test::TestDb home;
  const int steps = test::size_of("AM_SOAK_GATEWAY_STEPS", 150);
  RandomGateway gateway(home, 20261127);
  for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    gateway.step();
    gateway.check();
  }
  gateway.settle();
  gateway.check();
  EXPECT_GT(gateway.trades(), steps / 10);
}

TEST(TwoGateways, ExecuteASignalOnce) {
  const test::TestDb home;
  const auto db = home.open();
  const std::string session = insert_session(*db);
  test::ScriptedBroker broker;
  constexpr int kSignals = 12;
  std::vector<SignalPost> posts;
  for (int i = 0; i < kSignals; ++i) posts.push_back(signal_post(session, Side::buy, "1"));
  std::vector<std::unique_ptr<GatewayProcess>> gateways;
  for (int i = 0; i < 2; ++i) gateways.push_back(std::make_unique<GatewayProcess>(home, broker));
  std::vector<std::thread> threads;
  std::atomic<int> created = 0;
  for (auto& gateway : gateways) {
    threads.emplace_back([&, each = gateway.get()] {
      for (const SignalPost& post : posts) {
        GatewayAnswer answer = each->execute(post);
        while (answer.status == 503) answer = each->execute(post);
        created += answer.status == 201 ? 1 : 0;
        each->sweep();
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(created, 2 * kSignals);
  EXPECT_EQ(broker.orders().size(), static_cast<std::size_t>(kSignals));
  EXPECT_EQ(broker.places(), kSignals);
  EXPECT_EQ(test::value_of(*db, "SELECT count(*) FROM trading.trades"), std::to_string(kSignals));
  EXPECT_TRUE(test::conservation_problems(*db).empty());
}

}  // namespace
}  // namespace am::strategy
