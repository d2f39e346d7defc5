#include "lab/report_page.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace beeflow {
namespace {

class ReportPage : public testing::Test {
 protected:
  void SetUp() override {
    web_ = testing::TempDir() + "/report_page_" +
           testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(web_);
    Write("report/report.html",
          "<style>{{styles}}</style><script>{{modules}}</script><script>{{plotly}}</script>"
          "<script>{{document}}</script>{{end}}");
    Write("report/report.css", "body {}");
    Write("report/main.js", "import \"#report/x.js\"; // 100 % \"ü\"");
    Write("node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
          "x='</script>{{document}}'");
  }
  void TearDown() override { std::filesystem::remove_all(web_); }

  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(web_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  std::string web_;
};

TEST_F(ReportPage, IsOneFileThatNothingInItEndsEarly) {
  const auto page = RenderReportPage(web_, {{"run_id", "</script><script>alert(1)"}});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(*page,
            "<style>body {}</style><script>{\"imports\":{\"#report/main.js\":\"data:text/"
            "javascript;charset=utf-8,import%20%22%23report/x.js%22;%20//%20100%20%25%20%22%C3%BC"
            "%22\"}}</script><script>x='<\\/script>{{document}}'</script><script>{\"run_id\":\"\\"
            "u003c/script>\\u003cscript>alert(1)\"}</script>{{end}}");
}

TEST_F(ReportPage, NamesThePartThatIsMissing) {
  std::filesystem::remove_all(web_ + "/node_modules");
  const auto page = RenderReportPage(web_, {});
  ASSERT_FALSE(page.ok());
  EXPECT_NE(page.error().message.find("plotly-cartesian.min.js; in a source tree, `make`"),
            std::string::npos);
}

TEST(ReadImages, ReadsWhatThePagePrints) {
  const auto images = ReadImages(
      "<html><pre id=\"images\">[{\"file\":\"a-b.svg\",\"base64\":\"PHN2Zz4=\"}]</pre></html>");
  ASSERT_TRUE(images.ok());
  ASSERT_EQ(images->size(), 1U);
  EXPECT_EQ(images->at(0).file, "a-b.svg");
  EXPECT_EQ(images->at(0).bytes, "<svg>");
}

TEST(ReadImages, WritesNowhereElse) {
  EXPECT_FALSE(
      ReadImages("<pre id=\"images\">[{\"file\":\"../a.svg\",\"base64\":\"PHN2\"}]</pre>").ok());
  EXPECT_FALSE(ReadImages("<pre id=\"images\">[{\"file\":\"a.svg\",\"base64\":\"?\"}]</pre>").ok());
  EXPECT_EQ(ReadImages("<html></html>").error().message, "the browser printed no images");
}

}  // namespace
}  // namespace beeflow
