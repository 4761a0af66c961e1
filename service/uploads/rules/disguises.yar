// Files that start programs and have no business among documents, whatever their name says.
rule windows_shortcut {
    condition:
        uint32(0) == 0x0000004C and uint32(4) == 0x00021401
}

rule macro_that_starts_by_itself {
    strings:
        $open1 = "AutoOpen" ascii wide nocase
        $open2 = "Document_Open" ascii wide nocase
        $open3 = "Workbook_Open" ascii wide nocase
        $run1 = "WScript.Shell" ascii wide nocase
        $run2 = "Shell.Application" ascii wide nocase
        $run3 = "URLDownloadToFile" ascii wide nocase
    condition:
        filesize < 20MB and any of ($open*) and any of ($run*)
}

rule equation_editor_object {
    strings:
        $program = "Equation.3" ascii wide nocase
        $class = { 02 CE 02 00 00 00 00 00 C0 00 00 00 00 00 00 46 }
    condition:
        (uint32(0) == 0xE011CFD0 or uint32be(0) == 0x7B5C7274) and $program and $class
}

rule dynamic_data_exchange {
    strings:
        $command = /DDEAUTO\s{1,8}["\\c]{1,4}:?\\?.{0,80}(cmd|powershell|mshta)/ nocase
        $formula = /[=+\-@][A-Za-z]{1,8}\|['"][^'"\n]{0,80}['"]![A-Za-z0-9]{1,8}/
        $programs = /=(cmd|powershell|mshta|msexcel)\|/ nocase
    condition:
        filesize < 20MB and ($command or ($formula and $programs))
}
