namespace SoftIov.Cli.Completion;

/// <summary>What shells load to complete softiov's words: each asks softiov itself for what may come at the cursor.</summary>
internal static class CompletionScripts
{
    /// <summary>Shells there is a script for.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    /// <summary>The script of a shell.</summary>
    public static string Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        _ => Fish,
    };

    // readline replaces only what stands after the last = or :, so that much is cut off the candidates.
    private const string Bash = """
        # bash completion for softiov: source <(softiov completion bash)
        _softiov() {
            local line=${COMP_LINE:0:COMP_POINT} word head candidate
            line=${line#"${line%%[![:space:]]*}"}
            line=${line#"$1"}
            line=${line#"${line%%[![:space:]]*}"}
            word=${line##*[[:space:]]}
            head=${word%"${word##*[=:]}"}
            COMPREPLY=()
            while IFS= read -r candidate; do
                [[ $candidate == "$word"* ]] && COMPREPLY+=("${candidate#"$head"}")
            done < <("$1" "[suggest:${#line}]" "$line" 2>/dev/null)
            [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace 2>/dev/null
            return 0
        }
        complete -o default -F _softiov softiov

        """;

    private const string Zsh = """
        #compdef softiov
        # zsh completion for softiov: source <(softiov completion zsh), or a file _softiov in $fpath
        _softiov() {
            local line="${(j: :)words[2,CURRENT]}"
            local -a candidates
            candidates=("${(@f)$("$words[1]" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            if [[ -z "$candidates" ]]; then
                _files
                return
            fi
            compadd -S '' -- ${(M)candidates:#*[=:]}
            compadd -- ${candidates:#*[=:]}
        }
        if [[ "$funcstack[1]" == _softiov ]]; then _softiov "$@"; else compdef _softiov softiov; fi

        """;

    private const string Fish = """
        # fish completion for softiov: softiov completion fish | source
        function __softiov_candidates
            set -l line (commandline -cp | string replace -r '^\s*\S+\s*' '')
            softiov "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c softiov -a '(__softiov_candidates)'

        """;
}
