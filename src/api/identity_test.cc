#include "api/identity.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

Identity Someone() {
  Identity who;
  who.username = "ann";
  who.permissions = {{Action::kRead, "DAGs"}, {Action::kRead, "XComs"}, {Action::kDelete, "XComs"}};
  who.dags = {{"sales", {Action::kRead, Action::kEdit}}};
  return who;
}

Identity NarrowedTo(const std::string& scope) {
  return Narrowed(Someone(), TokenScope::Parse(scope).value());
}

TEST(Identity, TheDagsOwnAccessAddsToThatOfAll) {
  const Identity who = Someone();
  EXPECT_TRUE(who.CanOnDag(Action::kRead, "other"));
  EXPECT_FALSE(who.CanOnDag(Action::kEdit, "other"));
  EXPECT_TRUE(who.CanOnDag(Action::kEdit, "sales"));
  EXPECT_FALSE(who.CanOnDag(Action::kDelete, "sales"));
}

TEST(Identity, AScopeOfEverythingTakesNothing) {
  EXPECT_EQ(NarrowedTo("all").permissions, Someone().permissions);
}

TEST(Identity, AReadOnlyScopeLeavesReading) {
  const Identity who = NarrowedTo("read-only");
  EXPECT_TRUE(who.Can(Action::kRead, "XComs"));
  EXPECT_FALSE(who.Can(Action::kDelete, "XComs"));
  EXPECT_TRUE(who.CanOnDag(Action::kRead, "sales"));
  EXPECT_FALSE(who.CanOnDag(Action::kEdit, "sales"));
}

TEST(Identity, AListedScopeGivesNothingThatTheUserLacks) {
  const Identity who = NarrowedTo("can_read on DAGs, can_edit on Variables, can_edit on DAGs");
  EXPECT_TRUE(who.Can(Action::kRead, "DAGs"));
  EXPECT_FALSE(who.Can(Action::kRead, "XComs"));
  EXPECT_FALSE(who.Can(Action::kEdit, "Variables"));
  EXPECT_FALSE(who.CanOnDag(Action::kEdit, "other"));
  EXPECT_TRUE(who.CanOnDag(Action::kEdit, "sales"));
}

TEST(Identity, AScopeMayNameOneDag) {
  const Identity who =
      NarrowedTo("can_read on DAG:other, can_edit on DAG:sales, can_edit on DAG:x");
  EXPECT_FALSE(who.Can(Action::kRead, "DAGs"));
  EXPECT_TRUE(who.CanOnDag(Action::kRead, "other"));
  EXPECT_FALSE(who.CanOnDag(Action::kRead, "sales"));
  EXPECT_TRUE(who.CanOnDag(Action::kEdit, "sales"));
  EXPECT_FALSE(who.CanOnDag(Action::kEdit, "x"));
}

}  // namespace
}  // namespace beeflow
