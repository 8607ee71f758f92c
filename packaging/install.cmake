# What `make install` puts where, below a prefix and DESTDIR. Nothing is enabled or started.
# The Debian package is this tree for the prefix /usr, plus packaging/debian/stage.cmake.

# Whatever the umask is.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)

install(TARGETS am RUNTIME DESTINATION bin)
# The queue over a message broker, where Proton was found: loaded from beside the program (src/kernel/amqp_library.cpp).
if(TARGET am_amqp)
  install(TARGETS am_amqp LIBRARY DESTINATION lib/am)
endif()

install(DIRECTORY docs/man/ DESTINATION share/man/man1 FILES_MATCHING PATTERN "*.1")
install(FILES completions/am.bash DESTINATION share/bash-completion/completions RENAME am)
install(FILES completions/am.fish DESTINATION share/fish/vendor_completions.d)

# The pages' links to each other hold; man pages have their own place.
install(FILES README.md LICENSE CHANGELOG.md DESTINATION share/doc/am)
install(DIRECTORY docs DESTINATION share/doc/am FILES_MATCHING PATTERN "*.md" PATTERN man EXCLUDE)
install(DIRECTORY examples deploy DESTINATION share/doc/am)

# What depends on the prefix, which is known only when installing.
install(CODE "set(AM_SOURCE_DIR \"${CMAKE_SOURCE_DIR}\")\nset(AM_BINARY_DIR \"${CMAKE_BINARY_DIR}\")")
install(SCRIPT packaging/install_for_prefix.cmake)
