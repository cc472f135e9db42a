# SPDX-License-Identifier: Apache-2.0
# Completion for bash: options as certtap itself lists them, files otherwise.
_certtap() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} first=${COMP_WORDS[1]}
    COMPREPLY=()
    case $before in
    -i | --interface)
        mapfile -t COMPREPLY < <(compgen -W "any $(ls /sys/class/net 2>/dev/null)" -- "$word")
        return
        ;;
    -o | --output)
        mapfile -t COMPREPLY < <(compgen -W "zeek json eve" -- "$word")
        return
        ;;
    -l | --log-dir | --evidence)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    esac
    if [ "$COMP_CWORD" = 2 ] && [ "$first" = list ]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$1" list --help | sed -n 's/^  \([a-z]*\) .*/\1/p')" -- "$word")
    elif [ "$COMP_CWORD" = 3 ] && [ "$first" = control ]; then
        mapfile -t COMPREPLY < <(compgen -W "reload status reopen stop" -- "$word")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$1" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+')" -- "$word")
    elif [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "list control" -- "$word")
    fi
    [ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
complete -o filenames -F _certtap certtap
