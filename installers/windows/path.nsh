; The user's PATH, with the folder $0 in it or not.
;
; NSIS's strings hold 1024 characters, and the usual way (ReadRegStr, WriteRegStr) would cut off or
; lose a longer PATH. So the value never becomes a string of NSIS: it is read into memory of the
; size that Windows names, changed there by Windows's functions, and written with the type it had.
; ";" is put around it, so that ";folder;" is found anywhere.

!include "WinMessages.nsh"

!define USER -2147483647 ; HKEY_CURRENT_USER, whose sign counts where pointers have 64 bits
!define READ_AND_WRITE 0x20007
!define REG_SZ_TYPE 1
!define REG_EXPAND_SZ_TYPE 2
!define SPARE 4096 ; bytes: a folder of 1024 characters, and the separators

; $1: the memory, or 0 if PATH cannot be read. $2: its type. $3: the opened key.
; $5: ";folder;" where it was found, or 0. $6: the result of the last call.
!macro PathFunctions un
  Function ${un}OpenPath
    StrCpy $1 0
    System::Call 'advapi32::RegOpenKeyExW(p ${USER}, w "Environment", i 0, \
      i ${READ_AND_WRITE}, *p .r3) i .r6'
    ${If} $6 <> 0
      StrCpy $3 0
      Return
    ${EndIf}
    System::Call 'advapi32::RegQueryValueExW(p r3, w "Path", p 0, *i .r2, p 0, *i .r4) i .r6'
    ${If} $6 = 2 ; there is none
      StrCpy $2 ${REG_EXPAND_SZ_TYPE}
      StrCpy $4 0
    ${ElseIf} $6 <> 0
      Return
    ${EndIf}
    ${If} $2 <> ${REG_SZ_TYPE}
    ${AndIf} $2 <> ${REG_EXPAND_SZ_TYPE}
      Return
    ${EndIf}
    Call ${un}LoadPath
  FunctionEnd

  Function ${un}LoadPath ; $4 bytes
    IntOp $5 $4 + ${SPARE}
    System::Alloc $5 ; filled with 0
    Pop $1
    System::Call 'kernel32::lstrcpyW(p r1, w ";")'
    ${If} $4 > 0
      IntPtrOp $5 $1 + 2
      System::Call 'advapi32::RegQueryValueExW(p r3, w "Path", p 0, p 0, p r5, *i r4) i .r6'
      ${If} $6 <> 0
        System::Free $1
        StrCpy $1 0
        Return
      ${EndIf}
    ${EndIf}
    System::Call 'kernel32::lstrcatW(p r1, w ";")'
    System::Call 'shlwapi::StrStrIW(p r1, w ";$0;") p .r5'
  FunctionEnd

  ; Writes what is in the memory from the second character on, which is not there if it is empty.
  Function ${un}WritePath
    IntPtrOp $5 $1 + 2
    System::Call 'kernel32::lstrlenW(p r5) i .r4'
    ${If} $4 = 0
      System::Call 'advapi32::RegDeleteValueW(p r3, w "Path")'
    ${Else}
      IntOp $4 $4 + 1
      IntOp $4 $4 * 2
      System::Call 'advapi32::RegSetValueExW(p r3, w "Path", i 0, i r2, p r5, i r4) i .r6'
    ${EndIf}
    ; Windows that are open learn of it, so that the next terminal knows.
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
  FunctionEnd

  Function ${un}ClosePath
    ${If} $1 <> 0
      System::Free $1
    ${EndIf}
    ${If} $3 <> 0
      System::Call 'advapi32::RegCloseKey(p r3)'
    ${EndIf}
  FunctionEnd

  Function ${un}RemoveFromPath
    Call ${un}OpenPath
    ${If} $1 <> 0
    ${AndIf} $5 <> 0
      StrLen $4 ";$0"
      IntOp $4 $4 * 2
      IntPtrOp $6 $5 + $4 ; from here on it moves to $5
      System::Call 'kernel32::lstrlenW(p r6) i .r4'
      IntOp $4 $4 + 1
      IntOp $4 $4 * 2
      System::Call 'kernel32::RtlMoveMemory(p r5, p r6, p r4)'
      Call ${un}DropLast
      Call ${un}WritePath
    ${EndIf}
    Call ${un}ClosePath
  FunctionEnd

  Function ${un}DropLast ; the ";" that was put behind
    System::Call 'kernel32::lstrlenW(p r1) i .r4'
    IntOp $4 $4 - 1
    IntOp $4 $4 * 2
    IntPtrOp $5 $1 + $4
    System::Call '*$5(&i2 0)'
  FunctionEnd
!macroend

!insertmacro PathFunctions ""
!insertmacro PathFunctions "un."

Function AddToPath
  Call OpenPath
  ${If} $1 <> 0
  ${AndIf} $5 = 0
    System::Call 'kernel32::lstrlenW(p r1) i .r4'
    ${If} $4 = 2 ; ";;": it was empty
      System::Call 'kernel32::lstrcpyW(p r1, w ";")'
    ${EndIf}
    System::Call 'kernel32::lstrcatW(p r1, w "$0")'
    Call WritePath
  ${EndIf}
  Call ClosePath
FunctionEnd

; Leaves 1 or 0 in $1.
Function IsInPath
  Call OpenPath
  StrCpy $4 0
  ${If} $1 <> 0
  ${AndIf} $5 <> 0
    StrCpy $4 1
  ${EndIf}
  Call ClosePath
  StrCpy $1 $4
FunctionEnd
