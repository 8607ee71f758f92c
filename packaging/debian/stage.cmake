# Run by CPack in the staged tree: what the Debian package has besides `make install`, or in another form.
# CPack fixes the owner (root); md5sums and control are made after this.
set(root ${CPACK_TEMPORARY_DIRECTORY})
set(here ${CPACK_AM_SOURCE_DIR}/packaging/debian)
set(doc ${root}/usr/share/doc/am)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# A package whose changelog is of another version is not a release. Rehearsals give CPACK_DEBIAN_PACKAGE_VERSION.
file(STRINGS ${here}/changelog first LIMIT_COUNT 1)
if(NOT first MATCHES "^am \\(${CPACK_PACKAGE_VERSION}\\) ")
  message(FATAL_ERROR "packaging/debian/changelog: ${first} (expected version ${CPACK_PACKAGE_VERSION})")
endif()
run(install -m 644 ${here}/changelog ${doc}/changelog)
run(install -m 644 ${here}/copyright ${doc}/copyright)
run(install -D -m 644 ${here}/lintian-overrides ${root}/usr/share/lintian/overrides/am)
file(REMOVE ${doc}/LICENSE)  # it is in copyright

file(GLOB compressed ${root}/usr/share/man/man1/*.1 ${doc}/changelog)
run(gzip -9nf ${compressed})

# Every key as a comment, for /etc/am/am.toml. The example's own head speaks of copying it there.
file(READ ${CPACK_AM_SOURCE_DIR}/examples/am.toml text)
string(FIND "${text}" "\n\n" end)
string(SUBSTRING "${text}" ${end} -1 text)
string(PREPEND text
  "# Configuration of am. Every key is here with its default: uncomment what you change. Then `am config check`; `am\n"
  "# config show --origin` says what holds. Environment variables and flags beat this file. Everyone may read it:\n"
  "# secrets belong into /etc/am/credentials, one file each. The keys in full: /usr/share/doc/am/docs/configuration.md.")
file(WRITE ${root}/etc/am/am.toml "${text}")
run(chmod 755 ${root}/etc ${root}/etc/am ${root}/usr/share/lintian ${root}/usr/share/lintian/overrides)
run(chmod 644 ${root}/etc/am/am.toml)
