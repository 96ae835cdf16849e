#include "io/document_reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/format.h"
#include "base/utf8.h"
#include "io/document_record.h"
#include "io/file.h"

namespace podium::io {
namespace {

struct NamedFormat {
  std::string_view name;
  DocumentFormat format;
};
constexpr std::array<NamedFormat, 5> kFormats = {{{"auto", DocumentFormat::kAuto},
                                                  {"jsonl", DocumentFormat::kJsonl},
                                                  {"csv", DocumentFormat::kCsv},
                                                  {"tsv", DocumentFormat::kTsv},
                                                  {"folder", DocumentFormat::kFolder}}};

std::string LowerAscii(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// ".jsonl" of "a/corpus.jsonl.gz".
std::string ContentExtension(const std::filesystem::path& path) {
  const std::string last = LowerAscii(path.extension().string());
  const bool compressed = last == ".gz" || last == ".gzip" || last == ".zst" || last == ".zstd";
  return compressed ? LowerAscii(path.stem().extension().string()) : last;
}

bool IsTextExtension(const std::string& extension) {
  return extension == ".txt" || extension == ".md";
}

DocumentFormat FormatOfName(const std::string& path) {
  const std::string extension = ContentExtension(path);
  if (extension == ".jsonl" || extension == ".ndjson" || extension == ".json") {
    return DocumentFormat::kJsonl;
  }
  if (extension == ".csv") {
    return DocumentFormat::kCsv;
  }
  if (extension == ".tsv") {
    return DocumentFormat::kTsv;
  }
  return DocumentFormat::kAuto;
}

// One file is one document.
class TextFileReader : public DocumentReader {
 public:
  struct Entry {
    std::string path;
    std::string id;
  };

  TextFileReader(std::vector<Entry> entries, std::function<void(const Status&)> on_bad)
      : entries_(std::move(entries)), on_bad_(std::move(on_bad)) {}

  Result<std::optional<Document>> Next() override {
    while (next_ < entries_.size()) {
      const Entry& entry = entries_[next_++];
      PODIUM_ASSIGN_OR_RETURN(Document document, ReadText(entry));
      const Status status = Check(entry, document);
      if (status.ok()) {
        return std::optional<Document>(std::move(document));
      }
      if (!on_bad_) {
        return status;
      }
      on_bad_(status);
    }
    return std::optional<Document>();
  }

 private:
  static Result<Document> ReadText(const Entry& entry) {
    PODIUM_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(entry.path));
    Document document;
    document.id = entry.id;
    std::string_view bytes = file.bytes().substr(0, kMaxLineBytes + 1);
    if (bytes.starts_with("\xEF\xBB\xBF")) {
      bytes.remove_prefix(3);
    }
    document.text = bytes;
    return document;
  }

  static Status Check(const Entry& entry, const Document& document) {
    if (document.text.size() > kMaxLineBytes) {
      return InvalidArgument(Format("{}: larger than {} bytes", entry.path, kMaxLineBytes));
    }
    const size_t valid = ValidUtf8Prefix(document.text);
    if (valid < document.text.size()) {
      const auto line = 1 + std::count(document.text.begin(),
                                       document.text.begin() + static_cast<ptrdiff_t>(valid), '\n');
      return InvalidArgument(Format("{}:{}: not UTF-8", entry.path, line));
    }
    return IsValidUtf8(document.id) ? Status::Ok()
                                    : InvalidArgument(Format("{}: the name is not UTF-8",
                                                             ReplaceInvalidUtf8(entry.path)));
  }

  std::vector<Entry> entries_;
  std::function<void(const Status&)> on_bad_;
  size_t next_ = 0;
};

Result<std::unique_ptr<DocumentReader>> OpenStream(const std::string& path,
                                                   DocumentReaderOptions options) {
  PODIUM_ASSIGN_OR_RETURN(std::unique_ptr<LineReader> lines, LineReader::Open(path));
  if (options.format == DocumentFormat::kAuto) {
    options.format = FormatOfName(path);
  }
  if (options.format == DocumentFormat::kAuto) {
    PODIUM_ASSIGN_OR_RETURN(const std::optional<char> first, lines->PeekContent());
    if (first.has_value() && *first != '{') {
      return InvalidArgument(Format(
          "{}: cannot tell the format from the name or the first byte; say jsonl, csv or tsv",
          SourceName(path)));
    }
    options.format = DocumentFormat::kJsonl;
  }
  return options.format == DocumentFormat::kJsonl ? NewJsonlReader(std::move(lines), options)
                                                  : NewTableReader(std::move(lines), options);
}

}  // namespace

Result<DocumentFormat> ParseDocumentFormat(std::string_view name) {
  for (const NamedFormat& known : kFormats) {
    if (known.name == name) {
      return known.format;
    }
  }
  return InvalidArgument(
      Format("unknown format \"{}\": expected auto, jsonl, csv, tsv or folder", name));
}

FieldNames::FieldNames(const DocumentReaderOptions& options)
    : id_(options.id_field.empty() ? std::vector<std::string>{"_id", "id", "docid"}
                                   : std::vector<std::string>{options.id_field}),
      title_({options.title_field.empty() ? "title" : options.title_field}),
      text_(options.text_field.empty() ? std::vector<std::string>{"text", "contents"}
                                       : std::vector<std::string>{options.text_field}) {}

const std::vector<std::string>& FieldNames::Names(Part part) const {
  return part == Part::kId ? id_ : part == Part::kTitle ? title_ : text_;
}

FieldNames::Match FieldNames::Find(std::string_view name) const {
  for (const Part part : {Part::kId, Part::kTitle, Part::kText}) {
    const std::vector<std::string>& names = Names(part);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
      return {part, static_cast<size_t>(found - names.begin())};
    }
  }
  return {};
}

std::string FieldNames::Wanted(Part part) const {
  const std::vector<std::string>& names = Names(part);
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    text += "\"" + names[i] + "\"";
  }
  return text;
}

Result<std::unique_ptr<DocumentReader>> NewFolderReader(const std::string& path,
                                                        const DocumentReaderOptions& options) {
  std::vector<TextFileReader::Entry> entries;
  std::error_code error;
  const std::filesystem::path root(path);
  for (std::filesystem::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;  // a dangling link is no regular file
    if (IsTextExtension(LowerAscii(it->path().extension().string())) &&
        it->is_regular_file(ignored)) {
      entries.push_back(
          {it->path().string(), it->path().lexically_relative(root).generic_string()});
    }
  }
  if (error) {
    return IoError(Format("cannot read folder {}: {}", path, error.message()));
  }
  if (entries.empty()) {
    return NotFound(Format("{}: no .txt or .md file in this folder", path));
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return std::unique_ptr<DocumentReader>(
      std::make_unique<TextFileReader>(std::move(entries), options.on_bad));
}

Result<std::unique_ptr<DocumentReader>> OpenDocuments(const std::string& path,
                                                      const DocumentReaderOptions& options) {
  if (path == "-") {
    return OpenStream(path, options);
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    if (options.format != DocumentFormat::kAuto && options.format != DocumentFormat::kFolder) {
      return InvalidArgument(Format("{}: a folder, but another format was asked for", path));
    }
    return NewFolderReader(path, options);
  }
  if (options.format == DocumentFormat::kFolder) {
    return InvalidArgument(Format("{}: not a folder", path));
  }
  if (options.format == DocumentFormat::kAuto &&
      IsTextExtension(LowerAscii(std::filesystem::path(path).extension().string()))) {
    std::vector<TextFileReader::Entry> one = {{path, path}};
    return std::unique_ptr<DocumentReader>(
        std::make_unique<TextFileReader>(std::move(one), options.on_bad));
  }
  return OpenStream(path, options);
}

}  // namespace podium::io
