; The installer of the club's server. Silent: lovhub-server.exe /S [/PORT=5000] [/D=folder (last, without quotes)]
; Its uninstall.exe keeps the club (database, keys, backups) unless it is given /DATA.

!define TITLE "LoVHub Server"
!define COMMAND "serve"
!include "common.nsh"
InstallDir "$PROGRAMFILES64\LoVHub Server"

Var Port
Var Options

!insertmacro MUI_PAGE_LICENSE "${FILES}/LICENSE.txt"
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "Russian"

Function .onInit
  ${GetParameters} $0
  ${GetOptions} $0 "/PORT=" $Port
FunctionEnd

Section
  !insertmacro PutFiles
  StrCpy $Options ""
  ${If} $Port != ""
    StrCpy $Options ' --port "$Port"'
  ${EndIf}
  !insertmacro Run "install$Options" "Установка не закончена: причина в списке выше. Исправьте её и начните снова."
  !insertmacro ForgetOldFiles
  DetailPrint "Готово. Сервер работает как служба Windows и запускается вместе с компьютером."
SectionEnd

Section "Uninstall"
  SetRegView 64
  ${GetParameters} $0
  StrCpy $1 ""
  ClearErrors
  ${GetOptions} $0 "/DATA" $2
  ${IfNot} ${Errors}
    StrCpy $1 " --with-data"
  ${EndIf}
  !insertmacro Run "uninstall$1" "Удаление не закончено: причина в списке выше. Программы оставлены, начните снова."
  !insertmacro RemoveFiles
SectionEnd
