#include "lab/csv.h"

#include <gtest/gtest.h>

#include <sstream>

namespace beeflow {
namespace {

TEST(WriteCsvRow, QuotesOnlyWhatNeedsIt) {
  std::ostringstream out;
  WriteCsvRow({"plain", std::nullopt, "", "a,b", "say \"hi\"", "two\nlines"}, out);
  EXPECT_EQ(out.str(), "plain,,\"\",\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
}

using Rows = std::vector<CsvRow>;

// The rows of a text, or the message of the failure as the only cell of the last one.
Rows Read(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(&in, "file.csv");
  Rows rows;
  CsvRow row;
  while (true) {
    const auto found = reader.Next(&row);
    if (!found.ok()) rows.push_back({found.error().message});
    if (!found.ok() || !*found) return rows;
    rows.push_back(row);
  }
}

TEST(CsvReader, ReadsWhatIsWritten) {
  const CsvRow row = {"plain", std::nullopt, "", "a,b", "say \"hi\"", "two\r\nlines", "ü"};
  std::ostringstream out;
  WriteCsvRow(row, out);
  WriteCsvRow({std::nullopt, std::nullopt}, out);
  EXPECT_EQ(Read(out.str()), (Rows{row, {std::nullopt, std::nullopt}}));
}

TEST(CsvReader, TakesEveryLineEnd) {
  EXPECT_EQ(Read("\xEF\xBB\xBF"
                 "a,b\r\nc,d\ne,f\r\r\n\ng,\"h\""),
            (Rows{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}}));
  EXPECT_EQ(Read("a,"), (Rows{{"a", std::nullopt}}));
  EXPECT_EQ(Read(""), Rows());
  EXPECT_EQ(Read("it's 5\" wide,x"), (Rows{{"it's 5\" wide", "x"}}));
}

TEST(CsvReader, TellsTheLineOfAWrongQuote) {
  EXPECT_EQ(Read("a\n\"b\nc\"\n\"d").back(),
            CsvRow{"file.csv:4: a quoted cell does not end; close its quote"});
  EXPECT_EQ(Read("a\n\"b\"c\n").back(),
            CsvRow{"file.csv:2: text follows the quote that closes a cell; write a quote within a "
                   "cell as \"\""});
}

TEST(CsvReader, DoesNotReadAFileIntoOneRow) {
  const std::string much(size_t{1} << 24, 'x');
  EXPECT_EQ(Read("\"" + much + much).back(),
            CsvRow{"file.csv:1: a row is longer than 16 MiB; a closing quote may be missing"});
  EXPECT_EQ(Read(std::string(much.size(), ',')).size(), 1U);
}

TEST(CsvReader, ReadsCellsAcrossItsBuffer) {
  const std::string cell((size_t{1} << 16) + 17, 'y');
  EXPECT_EQ(Read(cell + ",\"" + cell + "\"\r\n"), (Rows{{cell, cell}}));
}

}  // namespace
}  // namespace beeflow
