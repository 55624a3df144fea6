# Completion of mc and mccli (matrix calculus) in fish.
# mccli answers from a list. The line goes to it as it was typed, and is never evaluated.

# mc.fish and mccli.fish may both be installed: fish looks for a file with the name of the command
functions --query __mccli_complete; and return

function __mccli_complete
    set -l before (commandline --current-process --cut-at-cursor | string collect)
    set -l program mccli
    set -l folder (string match --regex -- '^\s*([^\s\'"]*/)\S+' $before)[2]
    if test -n "$folder"; and test -x "$folder"mccli
        set program "$folder"mccli
    end
    set -l answer ($program --complete fish "$before" 2>/dev/null)
    set -l how (string split \t -- $answer[1])
    if test "$how[1]" != files
        set --erase answer[1]
        string join \n -- $answer
        return
    end
    # the names of files, after --option= where the option is written so
    set -l token (commandline --current-token --cut-at-cursor)
    if string match --quiet --regex -- '^[\'"]' "$token"
        set token (string sub --start 2 -- "$token")
    else
        set token (string unescape -- "$token")
    end
    set -l option (string match --regex -- '^--[^=]*=' "$token")
    set -l names (__fish_complete_path (string replace --regex -- '^--[^=]*=' '' "$token"))
    set --query names[1]; or return
    set -l fitting $names
    if set --query how[2]
        set fitting (string match --regex -- '.*(?:/|'(string escape --style=regex -- $how[2])')(?:\t.*)?$' $names)
        or set fitting $names
    end
    string replace --regex -- '^' "$option" $fitting
end

complete --command mc --no-files --arguments '(__mccli_complete)'
complete --command mccli --no-files --arguments '(__mccli_complete)'
