#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <weir/function_ref.h>

namespace weir {
namespace {

int call(FunctionRef<int(int)> f) { return f(20); }
std::string text(FunctionRef<std::string(const std::string&, int)> f) { return f("a", 3); }
void tell(FunctionRef<void(int)> f) { f(7); }

struct Adder {
  int by;
  int operator()(int n) const { return n + by; }
};

TEST(FunctionRef, CallsLambdasObjectsAndFunctionPointers) {
  EXPECT_EQ(call([](int n) { return n + 1; }), 21);
  const Adder adder{5};
  EXPECT_EQ(call(adder), 25);
  int (*const pointer)(int) = [](int n) { return n * 2; };
  EXPECT_EQ(call(pointer), 40);
}

TEST(FunctionRef, WorksOnTheCallersOwnObject) {
  int calls = 0;
  auto counting = [&calls, own = 0](int n) mutable {
    ++calls;
    return n + ++own;
  };
  EXPECT_EQ(call(counting), 21);
  EXPECT_EQ(call(counting), 22);  // It is not a copy that is called.
  EXPECT_EQ(calls, 2);
}

TEST(FunctionRef, PassesArgumentsAndConvertsResults) {
  EXPECT_EQ(text([](const std::string& s, int n) { return s + std::to_string(n); }), "a3");
  EXPECT_EQ(text([](const std::string&, int) { return "plain"; }), "plain");
  int heard = 0;
  tell([&](int n) { return heard = n; });  // A result that nobody asked for.
  EXPECT_EQ(heard, 7);
}

TEST(FunctionRef, TakesWhatCanOnlyBeMoved) {
  const auto worth = [](std::unique_ptr<int> p) { return *p; };
  const FunctionRef<int(std::unique_ptr<int>)> take = worth;
  EXPECT_EQ(take(std::make_unique<int>(9)), 9);
}

TEST(FunctionRef, IsACopyOfTheReference) {
  int calls = 0;
  auto counting = [&calls] { return ++calls; };
  const FunctionRef<int()> first = counting;
  const FunctionRef<int()> second = first;
  EXPECT_EQ(first(), 1);
  EXPECT_EQ(second(), 2);
}

}  // namespace
}  // namespace weir
