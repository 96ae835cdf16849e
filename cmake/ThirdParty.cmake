# Every dependency gets one alias podium::ext::<name>; nothing else in the tree calls find_package.
# All of them are Debian 12 packages; docs/decisions/ says why each was chosen.
# The installed package includes this file too, with PODIUM_LIBRARY_ONLY: then without what only the program and the tests use,
# and under podium::installed_ext, the name that the exported libraries ask for (CMake exports no alias of the build's own).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

if(PODIUM_LIBRARY_ONLY)
  set(podium_ext_namespace podium::installed_ext)
else()
  set(podium_ext_namespace podium::ext)
endif()

function(podium_ext_alias name target)
  add_library(podium_ext_${name} INTERFACE)
  target_link_libraries(podium_ext_${name} INTERFACE ${target})
  # SYSTEM: warnings of other people's headers are not ours.
  get_target_property(dirs ${target} INTERFACE_INCLUDE_DIRECTORIES)
  if(dirs)
    target_include_directories(podium_ext_${name} SYSTEM INTERFACE ${dirs})
  endif()
  add_library(${podium_ext_namespace}::${name} ALIAS podium_ext_${name})
endfunction()

function(podium_ext_pkgconfig name module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  podium_ext_alias(${name} PkgConfig::${name})
endfunction()

podium_ext_alias(threads Threads::Threads)

find_package(fmt REQUIRED)
podium_ext_alias(fmt fmt::fmt)
find_package(spdlog REQUIRED)
podium_ext_alias(spdlog spdlog::spdlog)
find_package(simdjson REQUIRED)
podium_ext_alias(simdjson simdjson::simdjson)
find_package(nlohmann_json REQUIRED)
podium_ext_alias(nlohmann_json nlohmann_json::nlohmann_json)
find_package(ZLIB REQUIRED)
podium_ext_alias(zlib ZLIB::ZLIB)
if(NOT PODIUM_LIBRARY_ONLY)
  find_package(CLI11 REQUIRED)
  podium_ext_alias(cli11 CLI11::CLI11)
endif()
podium_ext_pkgconfig(zstd libzstd)
podium_ext_pkgconfig(utf8proc libutf8proc)
podium_ext_pkgconfig(pcre2 libpcre2-8)
podium_ext_pkgconfig(xapian xapian-core)

find_library(PODIUM_STEMMER_LIBRARY stemmer REQUIRED)
find_path(PODIUM_STEMMER_INCLUDE libstemmer.h REQUIRED)
add_library(podium_ext_stemmer INTERFACE)
target_link_libraries(podium_ext_stemmer INTERFACE ${PODIUM_STEMMER_LIBRARY})
target_include_directories(podium_ext_stemmer SYSTEM INTERFACE ${PODIUM_STEMMER_INCLUDE})
add_library(${podium_ext_namespace}::stemmer ALIAS podium_ext_stemmer)

if(PODIUM_DEVELOPER_MODE AND NOT PODIUM_LIBRARY_ONLY)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  include(GoogleTest)
endif()
