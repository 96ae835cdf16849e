#include "text/post_processor.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "text/vocabulary.h"

namespace podium::text {
namespace {

size_t CountSpecial(const Template& items) {
  size_t count = 0;
  for (const TemplateItem& item : items) {
    count += item.ids.size();
  }
  return count;
}

void CountSpecial(PostProcessor& processor) {
  processor.special_tokens = {CountSpecial(processor.single), CountSpecial(processor.pair)};
  processor.is_template = true;
}

Result<int32_t> ParseId(io::JsonView json, std::string_view where) {
  const std::optional<int64_t> id = json.As<int64_t>();
  if (!id || *id < 0 || *id > Vocabulary::kMaxId) {
    return InvalidArgument(Format("{}: a token id must be an integer from 0 to {}, found {}", where,
                                  Vocabulary::kMaxId,
                                  id ? std::to_string(*id) : std::string(json.TypeName())));
  }
  return static_cast<int32_t>(*id);
}

// ["[SEP]", 102] under `key`.
Result<int32_t> ParseNamedId(io::JsonView json, std::string_view key, std::string_view where) {
  const std::optional<io::JsonView> pair = json.Find(key);
  std::optional<io::JsonView> last;
  if (pair && pair->is_array() && pair->size() == 2) {
    PODIUM_RETURN_IF_ERROR(pair->ForEachElement([&](io::JsonView element) {
      last = element;
      return Status::Ok();
    }));
  }
  if (!last) {
    return InvalidArgument(Format("{}: \"{}\" must be a token and its id", where, key));
  }
  return ParseId(*last, where);
}

Result<std::vector<int32_t>> ParseSpecialToken(io::JsonView json, std::string_view name,
                                               std::string_view where) {
  const std::optional<io::JsonView> table = json.Find("special_tokens");
  const std::optional<io::JsonView> token = table ? table->Find(name) : std::nullopt;
  const std::optional<io::JsonView> ids = token ? token->Find("ids") : std::nullopt;
  if (!ids || !ids->is_array()) {
    return InvalidArgument(Format("{}: \"special_tokens\" gives no ids for \"{}\"", where, name));
  }
  std::vector<int32_t> result;
  PODIUM_RETURN_IF_ERROR(ids->ForEachElement([&](io::JsonView element) {
    PODIUM_ASSIGN_OR_RETURN(const int32_t id, ParseId(element, where));
    result.push_back(id);
    return Status::Ok();
  }));
  return result;
}

Result<TemplateItem> ParseItem(io::JsonView json, io::JsonView processor, std::string_view where) {
  TemplateItem item;
  const std::optional<io::JsonView> special = json.Find("SpecialToken");
  const std::optional<io::JsonView> sequence = json.Find("Sequence");
  if (!special && !sequence) {
    return InvalidArgument(
        Format("{}: a piece must be a \"Sequence\" or a \"SpecialToken\"", where));
  }
  const io::JsonView piece = special ? *special : *sequence;
  PODIUM_ASSIGN_OR_RETURN(const std::string_view name,
                          io::ViewGet<std::string_view>(piece, "id", where));
  PODIUM_ASSIGN_OR_RETURN(const int64_t type, io::ViewGetOr(piece, "type_id", int64_t{0}, where));
  constexpr int64_t kMaxType = 1 << 20;
  if (type < 0 || type > kMaxType) {
    return InvalidArgument(Format("{}: \"type_id\" must be small, found {}", where, type));
  }
  item.type_id = static_cast<int32_t>(type);
  if (special) {
    PODIUM_ASSIGN_OR_RETURN(item.ids, ParseSpecialToken(processor, name, where));
    return item;
  }
  if (name != "A" && name != "B") {
    return InvalidArgument(Format("{}: sequence \"{}\" is neither A nor B", where, name));
  }
  item.sequence = name == "A" ? 0 : 1;
  return item;
}

// `sequences` is how many texts the template is for; each must be in it once.
Result<Template> ParseTemplate(io::JsonView processor, std::string_view key, int sequences,
                               std::string_view where) {
  const std::string place = Format("{}: \"{}\"", where, key);
  const std::optional<io::JsonView> pieces = processor.Find(key);
  if (!pieces || !pieces->is_array()) {
    return InvalidArgument(Format("{} must be an array of pieces", place));
  }
  Template items;
  std::array<int, 2> uses = {0, 0};
  PODIUM_RETURN_IF_ERROR(pieces->ForEachElement([&](io::JsonView piece) {
    PODIUM_ASSIGN_OR_RETURN(TemplateItem item, ParseItem(piece, processor, place));
    if (item.sequence >= 0) {
      ++uses[static_cast<size_t>(item.sequence)];
    }
    items.push_back(std::move(item));
    return Status::Ok();
  }));
  if (uses[0] != 1 || uses[1] != (sequences == 2 ? 1 : 0)) {
    return InvalidArgument(
        Format("{} must use {} once", place, sequences == 2 ? "A and B" : "A alone"));
  }
  return items;
}

Result<PostProcessor> ParseTemplateProcessing(io::JsonView json, std::string_view where) {
  PostProcessor processor;
  PODIUM_ASSIGN_OR_RETURN(processor.single, ParseTemplate(json, "single", 1, where));
  PODIUM_ASSIGN_OR_RETURN(processor.pair, ParseTemplate(json, "pair", 2, where));
  CountSpecial(processor);
  return processor;
}

Result<PostProcessor> ParseRoberta(io::JsonView json, std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const int32_t cls, ParseNamedId(json, "cls", where));
  PODIUM_ASSIGN_OR_RETURN(const int32_t sep, ParseNamedId(json, "sep", where));
  PostProcessor processor;
  PODIUM_ASSIGN_OR_RETURN(processor.trim_offsets, io::ViewGetOr(json, "trim_offsets", true, where));
  PODIUM_ASSIGN_OR_RETURN(processor.add_prefix_space,
                          io::ViewGetOr(json, "add_prefix_space", true, where));
  processor.single = {{-1, {cls}, 0}, {0, {}, 0}, {-1, {sep}, 0}};
  processor.pair = {{-1, {cls}, 0}, {0, {}, 0}, {-1, {sep, sep}, 0}, {1, {}, 0}, {-1, {sep}, 0}};
  CountSpecial(processor);
  return processor;
}

Result<PostProcessor> ParseSequence(io::JsonView json, std::string_view where) {
  const std::optional<io::JsonView> list = json.Find("processors");
  if (!list || !list->is_array()) {
    return InvalidArgument(Format("{}: \"processors\" must be an array", where));
  }
  PostProcessor all;
  PODIUM_RETURN_IF_ERROR(list->ForEachElement([&](io::JsonView element) {
    PODIUM_ASSIGN_OR_RETURN(PostProcessor one, ParsePostProcessor(element, where));
    if (one.is_template) {
      if (all.is_template) {
        return Unsupported(Format("{}: more than one post-processor with a template", where));
      }
      all.single = std::move(one.single);
      all.pair = std::move(one.pair);
      all.special_tokens = one.special_tokens;
      all.is_template = true;
    }
    if (one.trim_offsets) {
      all.trim_offsets = true;
      all.add_prefix_space = one.add_prefix_space;
    }
    return Status::Ok();
  }));
  return all;
}

}  // namespace

PostProcessor BertPostProcessor(int32_t cls, int32_t sep) {
  PostProcessor processor;
  processor.single = {{-1, {cls}, 0}, {0, {}, 0}, {-1, {sep}, 0}};
  processor.pair = {{-1, {cls}, 0}, {0, {}, 0}, {-1, {sep}, 0}, {1, {}, 1}, {-1, {sep}, 1}};
  CountSpecial(processor);
  return processor;
}

Result<PostProcessor> ParsePostProcessor(io::JsonView json, std::string_view where) {
  PODIUM_ASSIGN_OR_RETURN(const std::string_view type,
                          io::ViewGet<std::string_view>(json, "type", where));
  const std::string place = Format("{}: {}", where, type);
  if (type == "TemplateProcessing") {
    return ParseTemplateProcessing(json, place);
  }
  if (type == "BertProcessing") {
    PODIUM_ASSIGN_OR_RETURN(const int32_t cls, ParseNamedId(json, "cls", place));
    PODIUM_ASSIGN_OR_RETURN(const int32_t sep, ParseNamedId(json, "sep", place));
    return BertPostProcessor(cls, sep);
  }
  if (type == "RobertaProcessing") {
    return ParseRoberta(json, place);
  }
  if (type == "ByteLevel") {
    PostProcessor processor;
    PODIUM_ASSIGN_OR_RETURN(processor.trim_offsets,
                            io::ViewGetOr(json, "trim_offsets", true, place));
    PODIUM_ASSIGN_OR_RETURN(processor.add_prefix_space,
                            io::ViewGetOr(json, "add_prefix_space", true, place));
    return processor;
  }
  if (type == "Sequence") {
    return ParseSequence(json, where);
  }
  return Unsupported(Format("{}: post-processor \"{}\" is not known", where, type));
}

}  // namespace podium::text
