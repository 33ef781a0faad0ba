; A stand-in for the frozen programs: leaves a file in TEMP that says it ran, and stays a while.
Target amd64-unicode
SilentInstall silent
RequestExecutionLevel user
OutFile "${OUTPUT}"
Section
  FileOpen $0 "$TEMP\$EXEFILE.ran" w
  FileClose $0
  Sleep 60000
SectionEnd
