# Completion of mc and mccli (matrix calculus) in PowerShell.
# mccli answers from a list. The words go to it as they were typed, and are never evaluated.

Register-ArgumentCompleter -Native -CommandName mc, mccli -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @()
    $at = -1
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        $text = $element.Extent.Text
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $text = $element.Value
        }
        if ($at -lt 0 -and $cursorPosition -le $element.Extent.EndOffset) {
            $at = $words.Count
            if ($cursorPosition -lt $element.Extent.StartOffset) {
                $words += '='
            } else {
                $text = $wordToComplete.Trim([char[]]@(34, 39))
            }
        }
        # some versions drop empty arguments: every word has a mark in front
        $words += "=$text"
    }
    if ($at -lt 0) {
        $at = $words.Count
        $words += '='
    }
    $current = $words[$at].Substring(1)
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        $answer = @(& mccli --complete powershell $at $words 2>$null)
    } finally {
        [Console]::OutputEncoding = $encoding
    }
    if ($answer.Count -eq 0) {
        return
    }
    if ($answer[0].StartsWith('files')) {
        $typed = $current -replace '^--[^=]*=', ''
        [System.Management.Automation.CompletionCompleters]::CompleteFilename($typed)
        return
    }
    foreach ($line in @($answer | Select-Object -Skip 1)) {
        $value, $about = $line -split "`t", 2
        if (-not $about) {
            $about = $value
        }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
