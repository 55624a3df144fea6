# Completion of mc and mccli (matrix calculus) in bash; needs no other package.
# mccli answers from a list. The line goes to it as it was typed, and is never evaluated.

_mccli() {
    local program=mccli answer line how='' suffix=''
    if [[ $1 == */* && -x ${1%/*}/mccli ]]; then
        program=${1%/*}/mccli
    fi
    # $2 is what readline replaces: it starts after a colon or an equals sign, and so do the answers
    answer=$("$program" --complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_LINE" "$2" 2>/dev/null)
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -n $how ]]; then
            COMPREPLY+=("$line")
        else
            how=${line%%$'\t'*} suffix=${line#"$how"} suffix=${suffix#$'\t'}
        fi
    done <<<"$answer"
    if [[ $how == files ]]; then
        _mccli_files "$2" "$suffix"
    elif [[ $how == open ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

# The files that begin with $1 and end with $2, and folders.
_mccli_files() {
    local name
    if [[ -n $2 ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r name; do
            COMPREPLY+=("$name")
        done < <(compgen -f -X "!*$2" -- "$1"; compgen -d -- "$1")
    fi
    if ((${#COMPREPLY[@]} == 0)); then
        compopt -o default 2>/dev/null
    fi
    if [[ $2 == .py ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -F _mccli mc mccli
