# podium_module(<name> SOURCES … [DEPS module…] [EXT third-party…] [TESTS …] [BENCHES …])
#
# One static library podium::<name> from src/<name>/. DEPS and EXT are the whole truth about what the
# module may include: tools/check_layering.py reads them. Each TESTS file becomes an executable
# registered with ctest (label "unit"; files named *_slow_test.cc get label "slow"), each BENCHES
# file an executable.
function(podium_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;EXT;TESTS;BENCHES" ${ARGN})
  set(target podium_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(podium::${name} ALIAS ${target})
  set_property(GLOBAL APPEND PROPERTY PODIUM_MODULES ${name})  # for cmake/PodiumInstall.cmake
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
           $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(${target} PUBLIC podium::${dep})
  endforeach()
  foreach(ext IN LISTS ARG_EXT)
    target_link_libraries(${target} PUBLIC $<BUILD_INTERFACE:podium::ext::${ext}>
                                           $<INSTALL_INTERFACE:$<LINK_ONLY:podium::installed_ext::${ext}>>)
  endforeach()
  target_link_libraries(${target} PUBLIC $<BUILD_INTERFACE:podium_options>)
  if(NOT PODIUM_DEVELOPER_MODE)
    return()
  endif()
  foreach(test_source IN LISTS ARG_TESTS)
    podium_test(${test_source} DEPS ${name})
  endforeach()
  foreach(bench_source IN LISTS ARG_BENCHES)
    get_filename_component(bench ${bench_source} NAME_WE)
    add_executable(${bench} ${bench_source})
    target_link_libraries(${bench} PRIVATE podium::${name} benchmark::benchmark_main)
  endforeach()
endfunction()

# podium_test(<file> DEPS module…): one GoogleTest executable, its tests found at build time.
# PODIUM_TEST_DATA is the absolute path of tests/ for the data that tests read.
function(podium_test source)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  get_filename_component(test ${source} NAME_WE)
  add_executable(${test} ${source})
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(${test} PRIVATE podium::${dep})
  endforeach()
  target_link_libraries(${test} PRIVATE GTest::gmock GTest::gtest_main)
  target_compile_definitions(${test} PRIVATE PODIUM_TEST_DATA="${PROJECT_SOURCE_DIR}/tests")
  if(test MATCHES "_slow_test$")
    set(label slow)
  else()
    set(label unit)
  endif()
  gtest_discover_tests(${test} TEST_PREFIX "${test}." DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS ${label} TIMEOUT 300)
endfunction()
