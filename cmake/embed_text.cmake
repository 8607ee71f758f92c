# cmake -DOUT=file.cpp "-DFILES=a.py;b.py" -DHEADER=path/of/its.hpp -DNAMESPACE=am::x -DFUNCTION=name -P embed_text.cmake
# Writes texts, one behind the other, into a C++ source, as what a function returns, so that the binary carries them.
cmake_minimum_required(VERSION 3.25)

set(delimiter "am_text")
set(text "")
foreach(file IN LISTS FILES)
  file(READ ${file} one)
  string(APPEND text "R\"${delimiter}(${one})${delimiter}\"\n")
  string(FIND "${one}" ")${delimiter}\"" found)
  if(NOT found EQUAL -1)
    message(FATAL_ERROR "${file} contains the delimiter of the raw string")
  endif()
endforeach()
file(WRITE ${OUT} "// Made by cmake/embed_text.cmake.\n\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\n"
  "std::string_view ${FUNCTION}() {\n  return ${text}  ;\n}\n\n}  // namespace ${NAMESPACE}\n")
