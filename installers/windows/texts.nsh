; What the installer says besides NSIS's own words. Windows's language decides; English is the rest.

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "SimpChinese"

!macro Text name english german chinese
  LangString ${name} ${LANG_ENGLISH} `${english}`
  LangString ${name} ${LANG_GERMAN} `${german}`
  LangString ${name} ${LANG_SIMPCHINESE} `${chinese}`
!macroend

!insertmacro Text WelcomeText \
  `Hearth runs OpenAI's open models on your own computer. Nothing leaves it.$\r$\n$\r$\nIt is installed for you alone and needs no administrator. If Hearth is here already, it is replaced; your conversations, settings and models stay.` \
  `Hearth führt die offenen Modelle von OpenAI auf Ihrem eigenen Computer aus. Nichts verlässt ihn.$\r$\n$\r$\nEs wird nur für Sie installiert und braucht keinen Administrator. Ist Hearth schon da, wird es ersetzt; Ihre Unterhaltungen, Einstellungen und Modelle bleiben.` \
  `Hearth 在您自己的电脑上运行 OpenAI 的开放模型，数据不会离开本机。$\r$\n$\r$\n它只为您安装，不需要管理员权限。如果已装有 Hearth，将替换旧版本；您的对话、设置和模型都会保留。`

!insertmacro Text InTerminals \
  `The command hearth in terminals (in your PATH)` \
  `Der Befehl hearth im Terminal (in Ihrem PATH)` \
  `终端中的 hearth 命令（加入您的 PATH）`

!insertmacro Text OnDesktop \
  `A shortcut on the desktop` \
  `Eine Verknüpfung auf dem Desktop` \
  `桌面快捷方式`

!insertmacro Text WindowsIsOld \
  `Hearth needs 64-bit Windows 10, version 1809, or a newer one.` \
  `Hearth braucht ein 64-Bit-Windows 10 ab Version 1809 oder ein neueres.` \
  `Hearth 需要 64 位 Windows 10 版本 1809 或更高版本。`

!insertmacro Text IsRunning \
  `Hearth is running. Quit it, also where it waits in the notification area or in a terminal, and try again.` \
  `Hearth läuft gerade. Beenden Sie es, auch im Infobereich oder in einem Terminal, und versuchen Sie es noch einmal.` \
  `Hearth 正在运行。请将其退出（包括通知区域和终端中的 Hearth），然后重试。`

!insertmacro Text FolderIsData \
  `Hearth keeps your conversations and models in this folder. Choose another one for the program.` \
  `In diesem Ordner bewahrt Hearth Ihre Unterhaltungen und Modelle auf. Wählen Sie für das Programm einen anderen.` \
  `Hearth 将您的对话和模型保存在此文件夹中。请为程序选择其他文件夹。`

!insertmacro Text FolderIsLong \
  `The path of this folder is too long for what lies in it. Choose a shorter one.` \
  `Der Pfad dieses Ordners ist zu lang für das, was darin liegen wird. Wählen Sie einen kürzeren.` \
  `此文件夹的路径过长，无法容纳其中的文件。请选择较短的路径。`

!insertmacro Text FolderIsAnothers \
  `Another program lies in this folder. Choose an empty one.` \
  `In diesem Ordner liegt ein anderes Programm. Wählen Sie einen leeren.` \
  `此文件夹中已有其他程序。请选择一个空文件夹。`

!insertmacro Text FilesStay \
  `Some of the old program's files cannot be removed: another program uses them. Close it, or restart Windows, and try again.` \
  `Manche Dateien des alten Programms lassen sich nicht entfernen: Ein anderes Programm benutzt sie. Beenden Sie es oder starten Sie Windows neu, und versuchen Sie es noch einmal.` \
  `旧程序的部分文件无法删除：其他程序正在使用它们。请关闭该程序或重新启动 Windows，然后重试。`

!insertmacro Text RemoveTitle \
  `Uninstall Hearth` \
  `Hearth deinstallieren` \
  `卸载 Hearth`

!insertmacro Text RemoveSubtitle \
  `What you made with it can stay.` \
  `Was Sie damit gemacht haben, kann bleiben.` \
  `您用它创建的内容可以保留。`

!insertmacro Text RemoveText \
  `The program is removed from $INSTDIR.` \
  `Das Programm wird aus $INSTDIR entfernt.` \
  `将从 $INSTDIR 中删除程序。`

!insertmacro Text AlsoData \
  `Also delete my conversations, settings and models` \
  `Auch meine Unterhaltungen, Einstellungen und Modelle löschen` \
  `同时删除我的对话、设置和模型`

!insertmacro Text AboutData \
  `They are in $LOCALAPPDATA\hearth. Models that you keep in a folder of your choice stay there in any case.` \
  `Sie liegen in $LOCALAPPDATA\hearth. Modelle in einem Ordner Ihrer Wahl bleiben auf jeden Fall dort.` \
  `它们位于 $LOCALAPPDATA\hearth。您自选文件夹中的模型始终会保留。`
