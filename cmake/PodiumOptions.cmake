# One interface target carries every flag of the project, so that no global variable does.
add_library(podium_options INTERFACE)
target_compile_features(podium_options INTERFACE cxx_std_20)
# Baseline of all common code; only the per-ISA kernel files raise it (src/kernels/CMakeLists.txt).
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(podium_options INTERFACE -march=x86-64-v2)
endif()
if(PODIUM_DEVELOPER_MODE)
  target_compile_options(podium_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False positives of GCC 12 on inlined std::string (gcc.gnu.org/PR105329, PR105651).
    target_compile_options(podium_options INTERFACE -Wno-restrict)
  endif()
endif()
if(PODIUM_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "PODIUM_BUILD_FUZZERS needs clang (preset fuzz): libFuzzer is part of it")
  endif()
  target_compile_options(podium_options INTERFACE -fsanitize=fuzzer-no-link)  # coverage for libFuzzer
endif()
if(PODIUM_SANITIZE)
  target_compile_options(podium_options INTERFACE -fsanitize=${PODIUM_SANITIZE}
                                                  -fno-omit-frame-pointer
                                                  -fno-sanitize-recover=all)
  target_link_options(podium_options INTERFACE -fsanitize=${PODIUM_SANITIZE})
endif()
