// Documents from CSV and TSV.
#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/utf8.h"
#include "io/document_record.h"
#include "io/json.h"

namespace podium::io {
namespace {

// Splits the lines of a CSV file (RFC 4180) into records of fields. Feed lines until one completes
// the record.
class CsvRecord {
 public:
  explicit CsvRecord(std::vector<std::string>& fields) : fields_(fields) {
    fields_.assign(1, std::string());
  }

  // False for a line that breaks the format: something stands after a closing quote.
  bool Feed(std::string_view line) {
    std::string_view body = line.substr(0, line.size() - (line.ends_with('\n') ? 1 : 0));
    body.remove_suffix(body.ends_with('\r') ? 1 : 0);
    for (const char c : body) {
      if (!FeedByte(c)) {
        return false;
      }
    }
    if (state_ == State::kQuoted) {
      fields_.back() += line.substr(body.size());
    }
    return true;
  }

  // Whether a line end now is the end of the record.
  bool complete() const { return state_ != State::kQuoted; }

 private:
  enum class State : uint8_t {
    kStart,       // of a field
    kPlain,       // in a field without quotes
    kQuoted,      // in quotes
    kQuoteEnded,  // after a quote in quotes: the end of the field, or half of a doubled quote
  };

  bool FeedByte(char c) {
    std::string& field = fields_.back();
    if (state_ == State::kQuoted) {
      if (c == '"') {
        state_ = State::kQuoteEnded;
      } else {
        field.push_back(c);
      }
    } else if (c == ',') {
      fields_.emplace_back();
      state_ = State::kStart;
    } else if (c == '"' && state_ == State::kStart) {
      state_ = State::kQuoted;
    } else if (c == '"' && state_ == State::kQuoteEnded) {
      field.push_back(c);
      state_ = State::kQuoted;
    } else if (state_ == State::kQuoteEnded) {
      return false;
    } else {
      field.push_back(c);
      state_ = State::kPlain;
    }
    return true;
  }

  std::vector<std::string>& fields_;
  State state_ = State::kStart;
};

class TableReader : public DocumentReader {
 public:
  TableReader(std::unique_ptr<LineReader> lines, const DocumentReaderOptions& options)
      : lines_(std::move(lines)),
        names_(options),
        csv_(options.format == DocumentFormat::kCsv),
        on_bad_(options.on_bad) {}

  // Finds out which column is what, from `columns` or the first line.
  Status Start(std::vector<std::string> columns) {
    if (columns.empty()) {
      PODIUM_ASSIGN_OR_RETURN(const bool more, ReadRecord(columns));
      if (!more) {
        return InvalidArgument(
            Format("{}: empty, expected a line with the names of the columns", lines_->name()));
      }
      PODIUM_RETURN_IF_ERROR(bad_);
    }
    columns_ = std::move(columns);
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (std::count(columns_.begin(), columns_.end(), columns_[i]) > 1) {
        return InvalidArgument(
            Format("{}: two columns are named \"{}\"", lines_->name(), columns_[i]));
      }
      const FieldNames::Match match = names_.Find(columns_[i]);
      Column& column = part_columns_[static_cast<size_t>(match.part)];
      if (match.part != Part::kOther && (!column.present || match.rank < column.rank)) {
        column = {true, match.rank, i};
      }
    }
    PODIUM_RETURN_IF_ERROR(RequireColumn("id", Part::kId));
    return RequireColumn("text", Part::kText);
  }

  Result<std::optional<Document>> Next() override {
    std::vector<std::string> fields;
    while (true) {
      PODIUM_ASSIGN_OR_RETURN(const bool more, ReadRecord(fields));
      if (!more) {
        return std::optional<Document>();
      }
      Document document;
      const Status status = bad_.ok() ? Convert(fields, document) : bad_;
      if (status.ok()) {
        return std::optional<Document>(std::move(document));
      }
      if (!on_bad_) {
        return status;
      }
      on_bad_(status);
    }
  }

 private:
  using Part = FieldNames::Part;
  struct Column {
    bool present = false;
    size_t rank = 0;
    size_t index = 0;
  };

  std::string Place() const { return Format("{}:{}", lines_->name(), record_line_); }

  Status RequireColumn(std::string_view what, Part part) const {
    if (part_columns_[static_cast<size_t>(part)].present) {
      return Status::Ok();
    }
    std::string found;
    for (const std::string& name : columns_) {
      found += (found.empty() ? "\"" : ", \"") + ReplaceInvalidUtf8(name) + "\"";
    }
    return InvalidArgument(Format("{}: no column for the {}: expected {}, found {}", lines_->name(),
                                  what, names_.Wanted(part), found));
  }

  // The fields of the next record; false at the end. Sets bad_ to what is wrong with the record.
  Result<bool> ReadRecord(std::vector<std::string>& fields) {
    std::optional<std::string_view> line;
    do {
      PODIUM_ASSIGN_OR_RETURN(line, csv_ ? lines_->NextWithEnd() : lines_->Next());
      if (!line) {
        return false;
      }
    } while (line->find_first_not_of("\r\n") == std::string_view::npos);
    record_line_ = lines_->line();
    bad_ = Status::Ok();
    if (csv_) {
      PODIUM_RETURN_IF_ERROR(ReadCsv(*line, fields));
    } else {
      SplitTsv(*line, fields);
    }
    for (const std::string& field : fields) {
      if (bad_.ok() && !IsValidUtf8(field)) {
        bad_ = InvalidArgument(Format("{}: not UTF-8", Place()));
      }
    }
    return true;
  }

  Status ReadCsv(std::string_view line, std::vector<std::string>& fields) {
    CsvRecord record(fields);
    size_t bytes = 0;
    while (true) {
      bytes += line.size();
      if (!record.Feed(line)) {
        bad_ = InvalidArgument(Format("{}: text after a closing quote", Place()));
        return Status::Ok();
      }
      if (record.complete()) {
        return Status::Ok();
      }
      if (bytes > kMaxLineBytes) {
        return InvalidArgument(
            Format("{}: the record is longer than {} bytes", Place(), kMaxLineBytes));
      }
      PODIUM_ASSIGN_OR_RETURN(const std::optional<std::string_view> more, lines_->NextWithEnd());
      if (!more) {
        bad_ = InvalidArgument(Format("{}: a quote is never closed", Place()));
        return Status::Ok();
      }
      line = *more;
    }
  }

  static void SplitTsv(std::string_view line, std::vector<std::string>& fields) {
    fields.clear();
    size_t begin = 0;
    for (size_t tab = line.find('\t'); tab != std::string_view::npos;
         tab = line.find('\t', begin)) {
      fields.emplace_back(line.substr(begin, tab - begin));
      begin = tab + 1;
    }
    fields.emplace_back(line.substr(begin));
  }

  Status Convert(std::vector<std::string>& fields, Document& document) const {
    if (fields.size() != columns_.size()) {
      return InvalidArgument(
          Format("{}: expected {} columns, found {}", Place(), columns_.size(), fields.size()));
    }
    Json others = Json::object();
    for (size_t i = 0; i < fields.size(); ++i) {
      if (IsColumn(Part::kId, i)) {
        document.id = std::move(fields[i]);
      } else if (IsColumn(Part::kTitle, i)) {
        document.title = std::move(fields[i]);
      } else if (IsColumn(Part::kText, i)) {
        document.text = std::move(fields[i]);
      } else {
        others[columns_[i]] = std::move(fields[i]);
      }
    }
    if (!others.empty()) {
      document.fields = DumpJson(others);
    }
    return document.id.empty() ? InvalidArgument(Format("{}: the id is empty", Place()))
                               : Status::Ok();
  }

  bool IsColumn(Part part, size_t index) const {
    const Column& column = part_columns_[static_cast<size_t>(part)];
    return column.present && column.index == index;
  }

  std::unique_ptr<LineReader> lines_;
  FieldNames names_;
  const bool csv_;
  std::function<void(const Status&)> on_bad_;
  std::vector<std::string> columns_;
  Column part_columns_[4];  // by Part
  uint64_t record_line_ = 0;
  Status bad_;
};

}  // namespace

Result<std::unique_ptr<DocumentReader>> NewTableReader(std::unique_ptr<LineReader> lines,
                                                       const DocumentReaderOptions& options) {
  auto reader = std::make_unique<TableReader>(std::move(lines), options);
  PODIUM_RETURN_IF_ERROR(reader->Start(options.columns));
  return std::unique_ptr<DocumentReader>(std::move(reader));
}

}  // namespace podium::io
