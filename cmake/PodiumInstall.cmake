# What `cmake --install` puts where, and the package that find_package(podium) loads from there:
#
#   find_package(podium 0.1 REQUIRED)
#   target_link_libraries(program PRIVATE podium::podium)
#
# Only include/podium/ is public. The static libraries need the third-party libraries again when a consumer links them, so the
# package carries ThirdParty.cmake and finds them by the same means as this build.
include(CMakePackageConfigHelpers)

# podium::podium: the whole library, for consumers and for examples/.
get_property(modules GLOBAL PROPERTY PODIUM_MODULES)
add_library(podium_library INTERFACE)
add_library(podium::podium ALIAS podium_library)
set_target_properties(podium_library PROPERTIES EXPORT_NAME podium)
list(TRANSFORM modules PREPEND podium_ OUTPUT_VARIABLE module_targets)
target_link_libraries(podium_library INTERFACE ${module_targets})
target_compile_features(podium_library INTERFACE cxx_std_20)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/podium)
install(TARGETS podium_library ${module_targets} EXPORT podiumTargets)
install(EXPORT podiumTargets NAMESPACE podium:: DESTINATION ${package_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/podium TYPE INCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md TYPE DOC)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/podiumConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/podiumConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/podiumConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/podiumConfig.cmake ${PROJECT_BINARY_DIR}/podiumConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/ThirdParty.cmake
        DESTINATION ${package_dir})

# Manual pages and completions, made by the program itself.
set(share ${PROJECT_BINARY_DIR}/share)
add_custom_command(OUTPUT ${share}/stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${share}
  COMMAND podium man --all ${share}/man/man1
  COMMAND ${CMAKE_COMMAND} -E make_directory ${share}/bash-completion/completions ${share}/zsh/site-functions
  COMMAND podium completion bash > ${share}/bash-completion/completions/podium
  COMMAND podium completion zsh > ${share}/zsh/site-functions/_podium
  COMMAND ${CMAKE_COMMAND} -E touch ${share}/stamp
  DEPENDS podium COMMENT "Writing manual pages and shell completions" VERBATIM)
add_custom_target(podium_share ALL DEPENDS ${share}/stamp)
install(DIRECTORY ${share}/man ${share}/bash-completion ${share}/zsh DESTINATION ${CMAKE_INSTALL_DATAROOTDIR})
