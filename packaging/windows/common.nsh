; What both installers do alike. Before it: KIND ("pc" or "server"), TITLE, and COMMAND, the lovhub
; command that sets up, stops and takes away ("agent" or "serve").

Target amd64-unicode
SetCompressor /SOLID lzma
ManifestDPIAware true
RequestExecutionLevel admin
Name "${TITLE} ${VERSION}"
OutFile "${OUT}"
ShowInstDetails show
ShowUninstDetails show

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${TITLE}"
!define PYTHON '"$INSTDIR\python\python.exe" -m lovhub ${COMMAND}'

!define MUI_ABORTWARNING

; Run a command of ours and show what it says; leave with a message if it fails.
!macro Run WORDS PROBLEM
  nsExec::ExecToLog '${PYTHON} ${WORDS}'
  Pop $0
  ${If} $0 != 0
    DetailPrint "${PROBLEM}"
    SetErrorLevel 2
    MessageBox MB_ICONSTOP|MB_OK "${PROBLEM}" /SD IDOK
    Abort "${PROBLEM}"
  ${EndIf}
!macroend

; A folder of the version before is put aside first: as long as a program of it runs, nothing is changed.
!macro PutAside NAME
  RMDir /r "$INSTDIR\${NAME}.old"
  ClearErrors
  ${If} ${FileExists} "$INSTDIR\${NAME}\*.*"
    Rename "$INSTDIR\${NAME}" "$INSTDIR\${NAME}.old"
    ${If} ${Errors}
      ${If} ${FileExists} "$INSTDIR\python.old\*.*"
        Rename "$INSTDIR\python.old" "$INSTDIR\python"
      ${EndIf}
      SetErrorLevel 3
      MessageBox MB_ICONSTOP|MB_OK "Программы LoVHub ещё работают, ничего не изменено. Закройте их и начните снова." /SD IDOK
      Abort "Программы LoVHub ещё работают, ничего не изменено."
    ${EndIf}
  ${EndIf}
!macroend

!macro PutFiles
  SetRegView 64
  ${If} ${FileExists} "$INSTDIR\python\python.exe"
    nsExec::ExecToLog '${PYTHON} stop'
    Pop $0
  ${EndIf}
  !insertmacro PutAside python
  !insertmacro PutAside lib
  SetOutPath "$INSTDIR"
  File /r "${FILES}/*"
  FileOpen $0 "$INSTDIR\lovhub.cmd" w
  FileWrite $0 '@"%~dp0python\python.exe" -X utf8 -m lovhub %*$\r$\n'
  FileClose $0
  ; Python could not keep its bytecode here later: only administrators may write.
  DetailPrint "Подготовка программ к быстрому запуску"
  nsExec::Exec '"$INSTDIR\python\python.exe" -m compileall -q "$INSTDIR\lib"'
  Pop $0
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayName" "${TITLE}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "Publisher" "LoVHub"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoRepair" 1
!macroend

!macro ForgetOldFiles
  RMDir /r "$INSTDIR\python.old"
  RMDir /r "$INSTDIR\lib.old"
!macroend

!macro RemoveFiles
  SetRegView 64
  RMDir /r "$INSTDIR\python.old"
  RMDir /r "$INSTDIR\lib.old"
  RMDir /r "$INSTDIR\python"
  RMDir /r "$INSTDIR\lib"
  Delete "$INSTDIR\lovhub.cmd"
  Delete "$INSTDIR\problem.txt"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\licences.txt"
  Delete "$INSTDIR\applocker.xml"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${UNINSTALL_KEY}"
!macroend
