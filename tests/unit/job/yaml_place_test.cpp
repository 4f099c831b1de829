#include <gtest/gtest.h>

#include "job/yaml.h"

namespace weir::job {
namespace {

// Where the first occurrence of `word` in the value of `f` stands in the file.
Position position_of(const std::string& file, std::string_view word) {
  const Source source("job.yaml", file);
  Diagnostics found(source);
  const auto tree = read_yaml(found);
  const Node& scalar = *tree->find("f");
  const std::size_t index = scalar.text.find(word);
  EXPECT_NE(index, std::string::npos) << scalar.text;
  return source.position(offset_in_file(source, scalar, index));
}

TEST(YamlPlace, OfPlainText) {
  EXPECT_EQ(position_of("f: amount > limit", "limit"), (Position{1, 13}));
  EXPECT_EQ(position_of("f: amount >\n     limit", "limit"), (Position{2, 6}));
}

TEST(YamlPlace, OfQuotedText) {
  EXPECT_EQ(position_of("f: 'it''s a word'", "word"), (Position{1, 13}));
  EXPECT_EQ(position_of("f: \"a\\tb \\u00e9 word\"", "word"), (Position{1, 17}));
  EXPECT_EQ(position_of("f: \"one \\\n   word\"", "word"), (Position{2, 4}));
}

TEST(YamlPlace, OfFoldedAndLiteralBlocks) {
  const std::string folded = "f: >-\n  case when a\n    then b\n\n  else word end\n";
  EXPECT_EQ(position_of(folded, "word"), (Position{5, 8}));
  EXPECT_EQ(position_of(folded, "then"), (Position{3, 5}));
  EXPECT_EQ(position_of("f: |\n    a\n    word\n", "word"), (Position{3, 5}));
  EXPECT_EQ(position_of("f: >-   # a comment\n  word\n", "word"), (Position{2, 3}));
}

TEST(YamlPlace, OfARangeCoversIt) {
  const Source source("job.yaml", "f: 'a  word b'");
  Diagnostics found(source);
  const auto tree = read_yaml(found);
  const Node& scalar = *tree->find("f");
  EXPECT_EQ(source.text(place_in_file(source, scalar, 3, 7)), "word");
  EXPECT_EQ(source.text(place_in_file(source, scalar, 0, 9)), "a  word b");
  EXPECT_EQ(source.text(scalar.place), "'a  word b'");
}

TEST(YamlPlace, OfTextFromOutsideIsTheScalar) {
  const Source source("job.yaml", "f: ${X}");
  Diagnostics found(source);
  auto tree = read_yaml(found);
  Node& scalar = *tree->find("f");
  scalar.from_outside = true;
  scalar.text = "something long";
  EXPECT_EQ(source.text(place_in_file(source, scalar, 3, 7)), "${X}");
}

}  // namespace
}  // namespace weir::job
