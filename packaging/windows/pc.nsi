; The installer of a gaming PC. Silent: lovhub-pc.exe /S [/SERVER=address[:port]] [/ACCOUNT=player]
;   [/LASTING=D:\LoVHub] [/TOKEN=bulk pairing token] [/ALLOW=explorer,rdp,usb] [/IMAGE]
;   [/D=folder (last, without quotes)]
; What is not given stays as it was installed before.

!define TITLE "LoVHub PC"
!define COMMAND "agent"
!include "common.nsh"
!include "nsDialogs.nsh"
InstallDir "$PROGRAMFILES64\LoVHub"

Var Server
Var Account
Var Lasting
Var Token
Var Allow
Var Image
Var Options
Var ServerField
Var AccountField
Var ImageField

!insertmacro MUI_PAGE_LICENSE "${FILES}/LICENSE.txt"
Page custom AskPage TakePage
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "Russian"

Function .onInit
  ${GetParameters} $0
  ${GetOptions} $0 "/SERVER=" $Server
  ${GetOptions} $0 "/ACCOUNT=" $Account
  ${GetOptions} $0 "/LASTING=" $Lasting
  ${GetOptions} $0 "/TOKEN=" $Token
  ${GetOptions} $0 "/ALLOW=" $Allow
  ClearErrors
  ${GetOptions} $0 "/IMAGE" $1
  ${IfNot} ${Errors}
    StrCpy $Image 1
  ${EndIf}
FunctionEnd

Function AskPage
  !insertmacro MUI_HEADER_TEXT "Игровой ПК" "Пустое поле при обновлении оставляет всё как было"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 0 100% 12u "Адрес сервера клуба, например 192.168.1.10 (если пусто, ПК найдёт его сам)"
  Pop $0
  ${NSD_CreateText} 0 13u 100% 13u "$Server"
  Pop $ServerField
  ${NSD_CreateLabel} 0 34u 100% 20u "Учётная запись Windows, под которой сидят игроки (без прав администратора; в неё нужно один раз войти). Пусто: экран закрывается всем."
  Pop $0
  ${NSD_CreateText} 0 55u 100% 13u "$Account"
  Pop $AccountField
  ${NSD_CreateCheckBox} 0 78u 100% 13u "Это образец: диск будет скопирован на другие ПК"
  Pop $ImageField
  nsDialogs::Show
FunctionEnd

Function TakePage
  ${NSD_GetText} $ServerField $Server
  ${NSD_GetText} $AccountField $Account
  ${NSD_GetState} $ImageField $0
  ${If} $0 == ${BST_CHECKED}
    StrCpy $Image 1
  ${EndIf}
FunctionEnd

Section
  !insertmacro PutFiles
  StrCpy $Options ""
  ${If} $Server != ""
    StrCpy $Options '$Options --server "$Server"'
  ${EndIf}
  ${If} $Account != ""
    StrCpy $Options '$Options --account "$Account"'
  ${EndIf}
  ${If} $Lasting != ""
    StrCpy $Options '$Options --lasting "$Lasting"'
  ${EndIf}
  ${If} $Token != ""
    StrCpy $Options '$Options --token "$Token"'
  ${EndIf}
  ${If} $Allow != ""
    StrCpy $Options '$Options --allow "$Allow"'
  ${EndIf}
  ${If} $Image == 1
    StrCpy $Options '$Options --image'
  ${EndIf}
  !insertmacro Run "install$Options" "Установка не закончена: причина в списке выше. Исправьте её и начните снова."
  !insertmacro ForgetOldFiles
  ${If} $Image == 1
    DetailPrint "Образец готов: выключите ПК и копируйте диск. Ключ каждый ПК заведёт себе сам."
  ${Else}
    DetailPrint "Готово. Войдите в Windows под учётной записью игрока: ПК покажет код для администратора клуба."
  ${EndIf}
SectionEnd

Section "Uninstall"
  SetRegView 64
  !insertmacro Run "uninstall" "Удаление не закончено: причина в списке выше. Программы оставлены, начните снова."
  !insertmacro RemoveFiles
SectionEnd
