#include "os/airflow_ignore.h"

#include <gtest/gtest.h>

namespace beeflow {
namespace {

IgnoreRules Rules(IgnoreSyntax syntax, const std::string& text,
                  std::vector<std::string>* problems = nullptr) {
  std::vector<std::string> ignored;
  return IgnoreRules(syntax).With("/dags", text, problems ? problems : &ignored);
}

TEST(AirflowIgnoreTest, ARegexpMatchesAnywhereInThePathBelowItsFolder) {
  const IgnoreRules rules = Rules(IgnoreSyntax::kRegexp, "project_a\ntenant_[\\d]  # numbered\n\n");
  EXPECT_TRUE(rules.Ignores("/dags/project_a_dag_1.py", false));
  EXPECT_TRUE(rules.Ignores("/dags/my_project_a", true));
  EXPECT_TRUE(rules.Ignores("/dags/x/tenant_1.py", false));
  EXPECT_FALSE(rules.Ignores("/dags/tenant_x.py", false));
  EXPECT_FALSE(rules.Ignores("/dags/project_b.py", false));
}

TEST(AirflowIgnoreTest, TheFolderItselfIsNotPartOfTheSubject) {
  EXPECT_FALSE(Rules(IgnoreSyntax::kRegexp, "dags").Ignores("/dags/a.py", false));
  EXPECT_TRUE(Rules(IgnoreSyntax::kRegexp, "^a").Ignores("/dags/a.py", false));
}

TEST(AirflowIgnoreTest, AnInvalidPatternIsNamedAndSkipped) {
  std::vector<std::string> problems;
  const IgnoreRules rules = Rules(IgnoreSyntax::kRegexp, "a(\nb\n", &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0], "/dags/.airflowignore: skipped the invalid pattern 'a('");
  EXPECT_TRUE(rules.Ignores("/dags/b.py", false));
}

TEST(AirflowIgnoreTest, CommentsAndEmptyLinesMatchNothing) {
  EXPECT_FALSE(Rules(IgnoreSyntax::kRegexp, "# all\n   \n\n").Ignores("/dags/a.py", false));
  EXPECT_FALSE(Rules(IgnoreSyntax::kGlob, "# a.py\n\n").Ignores("/dags/a.py", false));
}

TEST(AirflowIgnoreTest, InnerFilesAddToOuterOnes) {
  std::vector<std::string> problems;
  const IgnoreRules rules =
      Rules(IgnoreSyntax::kRegexp, "outer").With("/dags/in", "^inner", &problems);
  EXPECT_TRUE(rules.Ignores("/dags/in/outer.py", false));
  EXPECT_TRUE(rules.Ignores("/dags/in/inner.py", false));
  EXPECT_FALSE(rules.Ignores("/dags/in/other.py", false));
}

TEST(AirflowIgnoreTest, GlobsFollowGitignore) {
  const IgnoreRules rules =
      Rules(IgnoreSyntax::kGlob, "*.tmp.py\n/top.py\nbuild/\na/**/z.py\nlogs/**\n[!k]eep.py\n");
  EXPECT_TRUE(rules.Ignores("/dags/deep/x.tmp.py", false));
  EXPECT_TRUE(rules.Ignores("/dags/top.py", false));
  EXPECT_FALSE(rules.Ignores("/dags/deep/top.py", false));
  EXPECT_TRUE(rules.Ignores("/dags/deep/build", true));
  EXPECT_FALSE(rules.Ignores("/dags/build", false));
  EXPECT_TRUE(rules.Ignores("/dags/a/z.py", false));
  EXPECT_TRUE(rules.Ignores("/dags/a/b/c/z.py", false));
  EXPECT_TRUE(rules.Ignores("/dags/logs/x/y.py", false));
  EXPECT_TRUE(rules.Ignores("/dags/jeep.py", false));
  EXPECT_FALSE(rules.Ignores("/dags/keep.py", false));
}

TEST(AirflowIgnoreTest, TheLastGlobDecides) {
  const IgnoreRules rules = Rules(IgnoreSyntax::kGlob, "*.py\n!keep.py\n");
  EXPECT_TRUE(rules.Ignores("/dags/a.py", false));
  EXPECT_FALSE(rules.Ignores("/dags/keep.py", false));
}

TEST(AirflowIgnoreTest, AGlobIsNotARegexp) {
  const IgnoreRules rules = Rules(IgnoreSyntax::kGlob, "a.py\n");
  EXPECT_FALSE(rules.Ignores("/dags/abpy", false));
  EXPECT_FALSE(rules.Ignores("/dags/xa.py", false));
}

}  // namespace
}  // namespace beeflow
