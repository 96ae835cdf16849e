#include "io/document_reader.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podium::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DocumentReaderTest : public ::testing::Test {
 protected:
  DocumentReaderTest() {
    std::string name = (std::filesystem::temp_directory_path() / "podium-test-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~DocumentReaderTest() override { std::filesystem::remove_all(directory_); }

  std::string Write(std::string_view name, std::string_view bytes) const {
    const std::filesystem::path path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::remove(path);  // some file systems flush a file that is written over
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }

  static Result<std::vector<Document>> ReadAll(const std::string& path,
                                               const DocumentReaderOptions& options = {}) {
    PODIUM_ASSIGN_OR_RETURN(const auto reader, OpenDocuments(path, options));
    std::vector<Document> documents;
    while (true) {
      PODIUM_ASSIGN_OR_RETURN(std::optional<Document> document, reader->Next());
      if (!document) {
        return documents;
      }
      documents.push_back(*std::move(document));
    }
  }

  // "id|title|text|fields" of every document, or the error.
  static std::vector<std::string> Show(const std::string& path,
                                       const DocumentReaderOptions& options = {}) {
    const Result<std::vector<Document>> documents = ReadAll(path, options);
    if (!documents.ok()) {
      return {documents.status().message()};
    }
    std::vector<std::string> lines;
    for (const Document& document : *documents) {
      lines.push_back(document.id + "|" + document.title + "|" + document.text + "|" +
                      document.fields);
    }
    return lines;
  }

  // The error for one bad file, without the directory.
  std::string ErrorOf(std::string_view name, std::string_view bytes,
                      const DocumentReaderOptions& options = {}) const {
    const Result<std::vector<Document>> documents = ReadAll(Write(name, bytes), options);
    EXPECT_FALSE(documents.ok()) << bytes;
    const std::string message = documents.status().message();
    return message.substr(message.find(std::string(name)));
  }

  std::filesystem::path directory_;
};

TEST_F(DocumentReaderTest, ReadsBeirLines) {
  const std::string path = Write("corpus.jsonl",
                                 "\xEF\xBB\xBF"
                                 R"({"_id": "a", "title": "T", "text": "x\ny", "metadata": {}})"
                                 "\r\n\n"
                                 R"({"_id": 7, "text": "", "title": null, "year": 1990, "n": 1.50})"
                                 "\n");
  EXPECT_THAT(Show(path),
              ElementsAre("a|T|x\ny|{\"metadata\":{}}", "7|||{\"year\":1990,\"n\":1.5}"));
}

TEST_F(DocumentReaderTest, PrefersTheFirstOfSeveralNames) {
  EXPECT_THAT(Show(Write("a.jsonl", R"({"id": "2", "_id": "1", "contents": "c"})")),
              ElementsAre("1||c|{\"id\":\"2\"}"));
}

TEST_F(DocumentReaderTest, FieldsCanBeNamed) {
  DocumentReaderOptions options;
  options.id_field = "key";
  options.text_field = "body";
  options.title_field = "head";
  EXPECT_THAT(
      Show(Write("a.jsonl", R"({"key":"k","body":"b","head":"h","id":1,"q\"":[1,{"z":null}]})"),
           options),
      ElementsAre(R"(k|h|b|{"id":1,"q\"":[1,{"z":null}]})"));
}

TEST_F(DocumentReaderTest, BadLinesAreNamed) {
  const std::string good = R"({"_id":"a","text":"t"})"
                           "\n";
  const auto error = [&](std::string_view line) {
    return ErrorOf("c.jsonl", good + std::string(line));
  };
  EXPECT_THAT(error("{\"_id\": \"b\", "), HasSubstr("c.jsonl:2: column"));
  EXPECT_THAT(error("[1]"), HasSubstr("c.jsonl:2: expected a JSON object, found an array"));
  EXPECT_THAT(error(R"({"text":"t"})"),
              HasSubstr("c.jsonl:2: no id: expected a field \"_id\", \"id\" or \"docid\""));
  EXPECT_THAT(error(R"({"_id":"b"})"),
              HasSubstr("c.jsonl:2: no text: expected a field \"text\" or \"contents\""));
  EXPECT_THAT(error(R"({"_id":true,"text":"t"})"),
              HasSubstr("c.jsonl:2: the id must be a string or a number, found true or false"));
  EXPECT_THAT(error(R"({"_id":"","text":"t"})"), HasSubstr("c.jsonl:2: the id is empty"));
  EXPECT_THAT(error(R"({"_id":"b","text":null})"),
              HasSubstr("c.jsonl:2: the text must be a string, found null"));
  EXPECT_THAT(error(R"({"_id":"b","text":"t","title":[]})"),
              HasSubstr("c.jsonl:2: the title must be a string, found an array"));
  EXPECT_THAT(error("{\"_id\":\"b\",\"text\":\"\xFF\"}"),
              HasSubstr("c.jsonl:2: not UTF-8 at byte 20"));
  EXPECT_THAT(error(R"({"_id":"b","text":"\ud800"})"), HasSubstr("c.jsonl:2:"));
  EXPECT_THAT(error(R"({"_id":"b","text":"t","deep":)" + std::string(300, '[') +
                    std::string(300, ']') + "}"),
              HasSubstr("c.jsonl:2: JSON nested deeper than 200 levels"));
}

TEST_F(DocumentReaderTest, BadLinesCanBeSkipped) {
  std::vector<std::string> bad;
  DocumentReaderOptions options;
  options.on_bad = [&bad](const Status& status) { bad.push_back(status.message()); };
  const std::string path = Write("c.jsonl",
                                 "{\n"
                                 R"({"_id":"a","text":"t"})"
                                 "\nnull\n"
                                 R"({"_id":"b","text":"u"})");
  EXPECT_THAT(Show(path, options), ElementsAre("a||t|", "b||u|"));
  EXPECT_THAT(bad, ElementsAre(HasSubstr("c.jsonl:1:"), HasSubstr("c.jsonl:3: expected a JSON")));
}

TEST_F(DocumentReaderTest, ReadsCsvWithQuotes) {
  const std::string path = Write("c.csv",
                                 "id,title,text,year\r\n"
                                 "1,\"a, \"\"b\"\"\",\"two\r\nlines\n\",1990\r\n"
                                 "\r\n"
                                 "2,,it \"is\" plain,\n");
  EXPECT_THAT(Show(path), ElementsAre("1|a, \"b\"|two\r\nlines\n|{\"year\":\"1990\"}",
                                      "2||it \"is\" plain|{\"year\":\"\"}"));
}

TEST_F(DocumentReaderTest, ReadsTsvWithoutQuotes) {
  EXPECT_THAT(Show(Write("c.tsv", "text\tid\n\"un\tclosed\nb\t2\n")),
              ElementsAre("closed||\"un|", "2||b|"));
  DocumentReaderOptions options;
  options.columns = {"id", "text"};
  EXPECT_THAT(Show(Write("c.tsv", "0\tfirst\n1\tsecond"), options),
              ElementsAre("0||first|", "1||second|"));
}

TEST_F(DocumentReaderTest, BadTablesAreNamed) {
  EXPECT_THAT(ErrorOf("c.csv", "id,text\n1,a\n2\n"),
              HasSubstr("c.csv:3: expected 2 columns, found 1"));
  EXPECT_THAT(ErrorOf("c.csv", "id,text\n\"1\"x,a\n"),
              HasSubstr("c.csv:2: text after a closing quote"));
  EXPECT_THAT(ErrorOf("c.csv", "id,text\n1,a\n2,\"b\n3,c\n"),
              HasSubstr("c.csv:3: a quote is never closed"));
  EXPECT_THAT(ErrorOf("c.csv", "id,text\n,a\n"), HasSubstr("c.csv:2: the id is empty"));
  EXPECT_THAT(ErrorOf("c.csv", "id,text\n1,\xC3\n"), HasSubstr("c.csv:2: not UTF-8"));
  EXPECT_THAT(ErrorOf("c.csv", "id,body\n1,a\n"),
              HasSubstr("c.csv: no column for the text: expected \"text\" or \"contents\", found "
                        "\"id\", \"body\""));
  EXPECT_THAT(ErrorOf("c.tsv", "id\ttext\tid\n"), HasSubstr("c.tsv: two columns are named \"id\""));
  EXPECT_THAT(ErrorOf("c.tsv", ""), HasSubstr("c.tsv: empty, expected a line"));
}

TEST_F(DocumentReaderTest, ReadsFoldersInOrder) {
  Write("d/b.txt", "bee");
  Write("d/a/z.md", "\xEF\xBB\xBFzed");
  Write("d/c.pdf", "no");
  Write("d/a.TXT", "upper");
  EXPECT_THAT(Show((directory_ / "d").string()),
              ElementsAre("a.TXT||upper|", "a/z.md||zed|", "b.txt||bee|"));
  const std::string one = Write("one.txt", "1");
  EXPECT_THAT(Show(one), ElementsAre(one + "||1|"));
}

TEST_F(DocumentReaderTest, BadFoldersAreNamed) {
  EXPECT_THAT(ErrorOf("d/b.txt", "a\nb\xFF").substr(2), "b.txt:2: not UTF-8");
  std::filesystem::create_directory(directory_ / "empty");
  EXPECT_THAT(Show((directory_ / "empty").string()),
              ElementsAre(HasSubstr("no .txt or .md file in this folder")));
  DocumentReaderOptions options;
  options.format = DocumentFormat::kFolder;
  EXPECT_THAT(Show(Write("x.csv", ""), options), ElementsAre(HasSubstr("x.csv: not a folder")));
  options.format = DocumentFormat::kCsv;
  EXPECT_THAT(Show(directory_.string(), options), ElementsAre(HasSubstr("a folder, but")));
}

TEST_F(DocumentReaderTest, TellsTheFormatByNameAndFirstByte) {
  EXPECT_THAT(Show(Write("noname", " {\"id\":1,\"text\":\"t\"}")), ElementsAre("1||t|"));
  EXPECT_THAT(Show(Write("c.TSV", "id\ttext\n1\tt")), ElementsAre("1||t|"));
  EXPECT_THAT(Show(Write("c.csv.gz", "id,text\n1,t")), ElementsAre("1||t|"));
  EXPECT_THAT(ErrorOf("noname", "id,text\n"), HasSubstr("cannot tell the format"));
  EXPECT_THAT(Show(Write("empty", "")), IsEmpty());
  DocumentReaderOptions options;
  options.format = DocumentFormat::kCsv;
  EXPECT_THAT(Show(Write("noname", "id,text\n1,t"), options), ElementsAre("1||t|"));
  EXPECT_THAT(Show("/nonexistent.jsonl"), ElementsAre(HasSubstr("cannot open /nonexistent.jsonl")));
}

TEST_F(DocumentReaderTest, FormatNamesAreParsed) {
  EXPECT_EQ(ParseDocumentFormat("tsv").value(), DocumentFormat::kTsv);
  EXPECT_EQ(ParseDocumentFormat("xml").status().message(),
            "unknown format \"xml\": expected auto, jsonl, csv, tsv or folder");
}

// Damage anywhere gives documents or an error, never a crash.
TEST_F(DocumentReaderTest, DamageIsSurvived) {
  const std::string json = "{\"_id\":\"a\",\"text\":\"t\\u00e9\",\"n\":[1,{\"b\":2}]}\n";
  const std::string csv = "id,text\n\"1\",\"a\"\"b\nc\"\n";
  for (const auto& [name, bytes] :
       {std::pair<std::string, std::string>{"c.jsonl", json}, {"c.csv", csv}}) {
    for (size_t at = 0; at < bytes.size(); ++at) {
      (void)ReadAll(Write(name, bytes.substr(0, at)));
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        (void)ReadAll(Write(name, damaged));
      }
    }
  }
}

}  // namespace
}  // namespace podium::io
