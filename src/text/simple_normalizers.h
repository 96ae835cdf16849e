// Normalizers of a few lines each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "text/canonical.h"
#include "text/normalizer.h"
#include "text/regex.h"

namespace podium::text {

std::unique_ptr<const Normalizer> NewCanonicalNormalizer(CanonicalForm form);
std::unique_ptr<const Normalizer> NewLowercase();
// Drops marks (category M): meant to follow a decomposition.
std::unique_ptr<const Normalizer> NewStripAccents();
// Drops whitespace at the beginning and the end.
std::unique_ptr<const Normalizer> NewStrip(bool left, bool right);
// Drops control characters, turns exotic whitespace into ' ' (SentencePiece's "nmt" rules).
std::unique_ptr<const Normalizer> NewNmt();
// Puts `prefix` before a text that is not empty.
std::unique_ptr<const Normalizer> NewPrepend(std::string prefix);
// Puts `content` for every match.
std::unique_ptr<const Normalizer> NewReplace(Regex pattern, std::string content);
std::unique_ptr<const Normalizer> NewNormalizerSequence(
    std::vector<std::unique_ptr<const Normalizer>> steps);

}  // namespace podium::text
