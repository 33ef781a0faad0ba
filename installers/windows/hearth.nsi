; Hearth's installer for Windows. Compiled by nsis.py beside it, which names on the command line:
;   TARGET, VERSION, FOUR_NUMBERS, PAYLOAD, OUTPUT, ROOM, SIZE_KB, SIGN_COMMAND (where one signs),
;   WINDOW_PROGRAM, CONSOLE_PROGRAM, and TEXTS, the folder of this file.
;
; For one user, without an administrator. Silently: SETUP.exe /S [/D=C:\folder, unquoted and last],
; and uninstall-hearth.exe /S [/DELETEDATA]. Exit codes: 0 done, 1 cancelled, 2 a file could not be
; written or removed, 3 Hearth is running, 4 this Windows is too old, 5 the folder cannot be used.
;
; It owns the two programs, the uninstaller and the folder _internal, which is removed as a whole
; (as _internal.old): files of older versions break newer ones. Whatever else lies in the folder is
; the user's. Conversations, settings and models are in ${DATA}, never here.
;
; The shortcut has no AppUserModelID on purpose: the program sets none, and one here that its
; windows lack would give them a second button in the taskbar.

Target ${TARGET}
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetCompressorDictSize 32
AllowSkipFiles off

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "Sections.nsh"
!include "WinVer.nsh"
!include "x64.nsh"

!define NAME "Hearth"
!define PUBLISHER "The Hearth authors"
!define UNINSTALLER "uninstall-hearth.exe" ; a name of its own: the folder may be in PATH
!define DATA "$LOCALAPPDATA\hearth" ; what platformdirs.user_data_path("hearth", False) says
!define SETTINGS "Software\Hearth"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Hearth"
!define MENU_SHORTCUT "$SMPROGRAMS\Hearth.lnk"
!define DESKTOP_SHORTCUT "$DESKTOP\Hearth.lnk"
!define OLDEST_BUILD 17763 ; Windows 10, version 1809
!define LONGEST_PATH 259
!define FILES_STAY 2
!define IS_RUNNING 3
!define OLD_WINDOWS 4
!define BAD_FOLDER 5

Name "${NAME}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\Hearth"
InstallDirRegKey HKCU "${SETTINGS}" "InstallDir"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${FOUR_NUMBERS}"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} Setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "${PUBLISHER}, Apache License 2.0"

!ifdef SIGN_COMMAND
  !uninstfinalize `${SIGN_COMMAND}` = 0
  !finalize `${SIGN_COMMAND}` = 0
!endif

!define MUI_ICON "${TEXTS}/hearth.ico"
!define MUI_UNICON "${TEXTS}/hearth.ico"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${TEXTS}/side.bmp"
!define MUI_HEADERIMAGE
!define MUI_HEADERIMAGE_RIGHT
!define MUI_HEADERIMAGE_BITMAP "${TEXTS}/header.bmp"
!define MUI_HEADERIMAGE_UNBITMAP "${TEXTS}/header.bmp"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_WELCOMEPAGE_TEXT "$(WelcomeText)"
!define MUI_FINISHPAGE_RUN "$INSTDIR\${WINDOW_PROGRAM}"

!insertmacro MUI_PAGE_WELCOME
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE RefuseFolderInWords
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
UninstPage custom un.AskForData un.KeepAnswer
!insertmacro MUI_UNPAGE_INSTFILES

!include "${TEXTS}/texts.nsh"
!include "${TEXTS}/path.nsh"

; What the installer and the uninstaller both do, with the program in the folder $R0.
!macro ProgramFunctions un
  Function ${un}RefuseWhileRunning
    StrCpy $R2 0
    Again:
      ; A running program cannot be opened for writing. A virus scanner may hold it for a moment.
      IntOp $R2 $R2 + 1
      StrCpy $R1 0
      !insertmacro CountIfHeld "$R0\${WINDOW_PROGRAM}"
      !insertmacro CountIfHeld "$R0\${CONSOLE_PROGRAM}"
      ${If} $R1 > 0
      ${AndIf} $R2 < 4
        Sleep 500
        Goto Again
      ${EndIf}
    ${If} $R1 > 0
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(IsRunning)" /SD IDCANCEL IDRETRY Again
      SetErrorLevel ${IS_RUNNING}
      Quit
    ${EndIf}
  FunctionEnd

  ; Windows renames a folder only while no file in it is used: so all of it goes, or nothing.
  Function ${un}RemoveProgram
    RMDir /r "$R0\_internal.old"
    Rename "$R0\_internal" "$R0\_internal.old"
    RMDir /r "$R0\_internal.old" ; says nothing of files that it leaves
    ${IfNot} ${FileExists} "$R0\_internal\*.*"
    ${AndIfNot} ${FileExists} "$R0\_internal.old\*.*"
      Delete "$R0\${WINDOW_PROGRAM}"
      Delete "$R0\${CONSOLE_PROGRAM}"
    ${Else}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(FilesStay)" /SD IDOK
      SetErrorLevel ${FILES_STAY}
      Quit ; the uninstaller is still there
    ${EndIf}
    Delete "$R0\${UNINSTALLER}"
    RMDir "$R0" ; only if it is empty
  FunctionEnd
!macroend

!macro CountIfHeld file
  ${If} ${FileExists} "${file}"
    ClearErrors
    FileOpen $0 "${file}" a
    ${If} ${Errors}
      IntOp $R1 $R1 + 1
    ${Else}
      FileClose $0
    ${EndIf}
  ${EndIf}
!macroend

!insertmacro ProgramFunctions ""
!insertmacro ProgramFunctions "un."

Section "${NAME}" SectionProgram
  SectionIn RO
  AddSize ${SIZE_KB}
  ${If} ${Silent}
    Call RefuseFolderInWords
  ${EndIf}
  ReadRegStr $R0 HKCU "${SETTINGS}" "InstallDir"
  ${If} $R0 != ""
  ${AndIf} $R0 != $INSTDIR
  ${AndIf} ${FileExists} "$R0\${UNINSTALLER}" ; else it is no longer Hearth's
    Call RefuseWhileRunning
    Call RemoveProgram
    StrCpy $0 $R0
    Call RemoveFromPath
  ${EndIf}
  StrCpy $R0 $INSTDIR
  Call RefuseWhileRunning
  Call RemoveProgram
  Call WriteProgram
SectionEnd

Section "$(InTerminals)" SectionTerminals
SectionEnd

Section /o "$(OnDesktop)" SectionDesktop
SectionEnd

; After the others, as what was wanted last time may be unwanted now.
Section "-choices"
  StrCpy $0 $INSTDIR
  ${If} ${SectionIsSelected} ${SectionTerminals}
    Call AddToPath
  ${Else}
    Call RemoveFromPath
  ${EndIf}
  ${If} ${SectionIsSelected} ${SectionDesktop}
    CreateShortcut "${DESKTOP_SHORTCUT}" "$INSTDIR\${WINDOW_PROGRAM}"
  ${Else}
    Delete "${DESKTOP_SHORTCUT}"
  ${EndIf}
SectionEnd

; The way back comes first: what a full disk interrupts can be uninstalled.
Function WriteProgram
  SetOutPath "$INSTDIR"
  WriteUninstaller "$INSTDIR\${UNINSTALLER}"
  WriteRegStr HKCU "${SETTINGS}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${WINDOW_PROGRAM}"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\${UNINSTALLER}"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\${UNINSTALLER}" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  File /r "${PAYLOAD}/*.*"
  SetOutPath "$PROFILE" ; where what the shortcuts open begins
  CreateShortcut "${MENU_SHORTCUT}" "$INSTDIR\${WINDOW_PROGRAM}"
FunctionEnd

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastBuild} ${OLDEST_BUILD}
    MessageBox MB_OK|MB_ICONSTOP "$(WindowsIsOld)" /SD IDOK
    SetErrorLevel ${OLD_WINDOWS}
    Quit
  ${EndIf}
  Call ChooseAsLastTime
FunctionEnd

; An upgrade offers what is there.
Function ChooseAsLastTime
  ReadRegStr $0 HKCU "${SETTINGS}" "InstallDir"
  ${If} $0 != ""
    Call IsInPath
    ${If} $1 = 0
      !insertmacro UnselectSection ${SectionTerminals}
    ${EndIf}
    ${If} ${FileExists} "${DESKTOP_SHORTCUT}"
      !insertmacro SelectSection ${SectionDesktop}
    ${EndIf}
  ${EndIf}
FunctionEnd

Function RefuseFolderInWords
  StrCpy $R1 ""
  Call LookAtFolder
  ${If} $R1 != ""
    MessageBox MB_OK|MB_ICONEXCLAMATION "$R1" /SD IDOK
    ${If} ${Silent}
      SetErrorLevel ${BAD_FOLDER}
      Quit
    ${EndIf}
    Abort ; back to the page
  ${EndIf}
FunctionEnd

; Leaves in $R1 why $INSTDIR cannot be used.
Function LookAtFolder
  StrLen $0 "${DATA}\"
  StrCpy $1 "$INSTDIR\" $0
  ${If} $1 == "${DATA}\" ; == does not look at the case
    StrCpy $R1 "$(FolderIsData)"
  ${EndIf}
  StrLen $0 $INSTDIR
  IntOp $0 $0 + ${ROOM}
  ${If} $0 > ${LONGEST_PATH}
    StrCpy $R1 "$(FolderIsLong)"
  ${EndIf}
  ${IfNot} ${FileExists} "$INSTDIR\${UNINSTALLER}"
    ${If} ${FileExists} "$INSTDIR\${WINDOW_PROGRAM}"
    ${OrIf} ${FileExists} "$INSTDIR\${CONSOLE_PROGRAM}"
    ${OrIf} ${FileExists} "$INSTDIR\_internal\*.*"
      StrCpy $R1 "$(FolderIsAnothers)"
    ${EndIf}
  ${EndIf}
FunctionEnd

Var DeleteData
Var Tick

Function un.onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/DELETEDATA" $1
  StrCpy $DeleteData 0
  ${IfNot} ${Errors}
    StrCpy $DeleteData 1
  ${EndIf}
FunctionEnd

Function un.AskForData
  !insertmacro MUI_HEADER_TEXT "$(RemoveTitle)" "$(RemoveSubtitle)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 0 100% 28u "$(RemoveText)"
  Pop $0
  ${NSD_CreateCheckbox} 0 40u 100% 12u "$(AlsoData)"
  Pop $Tick
  ${NSD_SetState} $Tick $DeleteData
  ${NSD_CreateLabel} 12u 54u 95% 40u "$(AboutData)"
  Pop $0
  nsDialogs::Show
FunctionEnd

Function un.KeepAnswer
  ${NSD_GetState} $Tick $DeleteData
FunctionEnd

Section "Uninstall"
  StrCpy $R0 $INSTDIR
  Call un.RefuseWhileRunning
  Delete "${MENU_SHORTCUT}"
  Delete "${DESKTOP_SHORTCUT}"
  SetOutPath "$TEMP" ; a folder that somebody is in cannot be removed
  Call un.RemoveProgram
  ReadRegStr $0 HKCU "${SETTINGS}" "InstallDir" ; $INSTDIR is as the uninstaller was called
  ${If} $0 != ""
    Call un.RemoveFromPath
  ${EndIf}
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${SETTINGS}"
  ${If} $DeleteData = 1
    RMDir /r "${DATA}"
  ${EndIf}
SectionEnd
